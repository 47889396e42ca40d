package io.tradesync.examples.flink;

import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/** Faults on a cluster in this process. */
class FlinkFaultsTest extends FlinkFaults {

  @Override
  StreamExecutionEnvironment environment() {
    return LocalCluster.get().environment();
  }

  @Override
  long runningJobs() {
    return LocalCluster.get().runningJobs();
  }

  @Override
  void killOneAt(String place) throws Exception {
    LocalCluster.get().replaceTaskManager(() -> places.open(place));
  }
}
