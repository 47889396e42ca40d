package io.tradesync.examples.howto;

import com.zaxxer.hikari.HikariDataSource;
import io.tradesync.BatchProgress;
import io.tradesync.SyncEngine;
import io.tradesync.SyncListener;
import io.tradesync.SyncResult;
import io.tradesync.jdbc.PonderTradeSource;
import io.tradesync.jdbc.PostgresSyncLog;
import io.tradesync.jdbc.TimescaleSink;
import java.io.PrintStream;

/** Prints the progress of runs, one line a batch. */
public record ProgressListener(PrintStream out) implements SyncListener {

  /** Takes the JDBC URLs of the source and of the store. */
  public static void main(String... args) {
    try (HikariDataSource ponder = new HikariDataSource();
        HikariDataSource analytics = new HikariDataSource()) {
      ponder.setJdbcUrl(args[0]);
      analytics.setJdbcUrl(args[1]);
      try (SyncEngine engine =
          SyncEngine.builder()
              .source(PonderTradeSource.builder(ponder).build())
              .log(PostgresSyncLog.builder(analytics).build())
              .sink(TimescaleSink.builder().build())
              .batchSize(5)
              .listener(new ProgressListener(System.out))
              .build()) {
        engine.run();
      }
    }
  }

  @Override
  public void runPlanned(String runId, long total) {
    out.println(total + " trades to process");
  }

  @Override
  public void batchFinished(BatchProgress progress) {
    out.println(progress.run().message());
  }

  @Override
  public void runEnded(SyncResult result) {
    out.println(result.message());
  }
}
