package io.tradesync.examples.flink;

import static org.awaitility.Awaitility.await;

import java.net.URI;
import java.time.Duration;
import java.util.List;
import org.apache.flink.api.common.JobStatus;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.RestOptions;
import org.apache.flink.runtime.client.JobStatusMessage;
import org.apache.flink.runtime.execution.ExecutionState;
import org.apache.flink.runtime.executiongraph.AccessExecutionVertex;
import org.apache.flink.runtime.minicluster.MiniCluster;
import org.apache.flink.runtime.minicluster.MiniClusterConfiguration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/**
 * A cluster of three TaskManagers with a slot each in this process, asked by REST. It starts at the
 * first call and ends with the JVM.
 */
final class LocalCluster {

  private static final LocalCluster INSTANCE = new LocalCluster();

  private final MiniCluster cluster;
  private int oldest;

  private LocalCluster() {
    Configuration settings = new Configuration();
    settings.set(RestOptions.BIND_PORT, "0");
    cluster =
        new MiniCluster(
            new MiniClusterConfiguration.Builder()
                .setConfiguration(settings)
                .setNumTaskManagers(FlinkFaults.TASK_MANAGERS)
                .setNumSlotsPerTaskManager(1)
                .build());
    try {
      cluster.start();
    } catch (Exception e) {
      throw new IllegalStateException("the cluster does not start", e);
    }
  }

  static LocalCluster get() {
    return INSTANCE;
  }

  StreamExecutionEnvironment environment() {
    URI rest = cluster.getRestAddress().join();
    return StreamExecutionEnvironment.createRemoteEnvironment(rest.getHost(), rest.getPort());
  }

  long jobs() {
    return cluster.listJobs().join().size();
  }

  long runningJobs() {
    return cluster.listJobs().join().stream()
        .map(JobStatusMessage::getJobState)
        .filter(state -> !state.isGloballyTerminalState())
        .count();
  }

  void cancelRunningJobs() throws Exception {
    for (JobStatusMessage job : List.copyOf(cluster.listJobs().join())) {
      if (job.getJobState() == JobStatus.RUNNING) {
        cluster.cancelJob(job.getJobId()).get();
      }
    }
  }

  /** Ends a TaskManager and starts another one; {@code meanwhile} lets its threads go on. */
  void replaceTaskManager(Runnable meanwhile) throws Exception {
    awaitAllTasks();
    var end = cluster.terminateTaskManager(oldest++);
    meanwhile.run();
    end.get();
    cluster.startTaskManager();
  }

  /** A task that has begun may still wait for others; what ends it then ends its TaskManager. */
  void awaitAllTasks() {
    await()
        .atMost(Duration.ofSeconds(30))
        .until(
            () ->
                cluster.listJobs().join().stream()
                    .filter(job -> job.getJobState() == JobStatus.RUNNING)
                    .allMatch(this::allTasksRun));
  }

  private boolean allTasksRun(JobStatusMessage job) {
    for (AccessExecutionVertex task :
        cluster.getExecutionGraph(job.getJobId()).join().getAllExecutionVertices()) {
      if (task.getExecutionState() != ExecutionState.RUNNING) {
        return false;
      }
    }
    return true;
  }
}
