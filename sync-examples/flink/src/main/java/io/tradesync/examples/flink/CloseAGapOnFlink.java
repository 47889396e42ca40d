package io.tradesync.examples.flink;

import io.tradesync.SyncEngine;
import io.tradesync.SyncResult;
import java.util.Arrays;
import java.util.function.Supplier;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/**
 * Closes a gap with the slots of a Flink cluster. This process is the coordinator: end it with
 * SIGTERM or Ctrl-C to cancel the run.
 */
public final class CloseAGapOnFlink {

  private CloseAGapOnFlink() {}

  /**
   * Takes the JDBC URLs of the source and of the store, and how many slots to use. Without more it
   * is started by {@code flink run}. With the host and the port of a cluster's REST API it submits
   * its jobs there; jars that follow are sent with each job.
   */
  public static void main(String... args) {
    PostgresEngines engines = new PostgresEngines(args[0], args[1]);
    FlinkWorkers workers = new FlinkWorkers(cluster(args), Integer.parseInt(args[2]), engines);
    try (SyncEngine engine = engines.builder().workers(workers).build()) {
      run(engine);
    } finally {
      engines.close();
    }
  }

  /** Runs; a signal that ends this process cancels the run first. */
  static void run(SyncEngine engine) {
    Runtime.getRuntime().addShutdownHook(new Thread(engine::close));
    SyncResult result = engine.run();
    System.out.println(result.message());
    if (!result.success()) {
      throw new IllegalStateException(result.message());
    }
  }

  private static Supplier<StreamExecutionEnvironment> cluster(String... args) {
    if (args.length == 3) {
      return StreamExecutionEnvironment::getExecutionEnvironment;
    }
    String[] jars = Arrays.copyOfRange(args, 5, args.length);
    return () ->
        StreamExecutionEnvironment.createRemoteEnvironment(
            args[3], Integer.parseInt(args[4]), jars);
  }
}
