package io.tradesync.examples.flink;

import io.tradesync.SyncEngine;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/** Closes a gap with the slots of a Flink cluster. This process is the coordinator. */
public final class CloseAGapOnFlink {

  private CloseAGapOnFlink() {}

  /** Takes the JDBC URLs of the source and of the store, and how many slots to use. */
  public static void main(String... args) {
    PostgresEngines engines = new PostgresEngines(args[0], args[1]);
    FlinkWorkers workers =
        new FlinkWorkers(
            StreamExecutionEnvironment::getExecutionEnvironment,
            Integer.parseInt(args[2]),
            engines);
    try (SyncEngine engine = engines.builder().workers(workers).build()) {
      System.out.println(engine.run().message());
    } finally {
      engines.close();
    }
  }
}
