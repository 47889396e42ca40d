package io.tradesync.examples.flink;

import io.tradesync.SyncEngine;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/** A coordinator in a process of its own, whose workers can be held. */
final class HeldCoordinator {

  private HeldCoordinator() {}

  /** Takes the URLs of both sides, the directory of the places, and the port of the cluster. */
  public static void main(String... args) {
    PostgresEngines engines = new PostgresEngines(args[0], args[1]);
    FlinkWorkers workers =
        new FlinkWorkers(
            () ->
                StreamExecutionEnvironment.createRemoteEnvironment(
                    "localhost", Integer.parseInt(args[3])),
            2,
            100,
            new HeldEngines(new PostgresEngines(args[0], args[1]), new Places(args[2])));
    try (SyncEngine engine = HeldEngines.settings(engines).workers(workers).build()) {
      CloseAGapOnFlink.run(engine);
    }
  }
}
