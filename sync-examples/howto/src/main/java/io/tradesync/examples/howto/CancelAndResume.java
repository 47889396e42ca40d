package io.tradesync.examples.howto;

import com.zaxxer.hikari.HikariDataSource;
import io.tradesync.BatchProgress;
import io.tradesync.SyncEngine;
import io.tradesync.SyncListener;
import io.tradesync.jdbc.PonderTradeSource;
import io.tradesync.jdbc.PostgresSyncLog;
import io.tradesync.jdbc.TimescaleSink;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;

/** Cancels a run after its first batch. The next run continues where it stopped. */
public final class CancelAndResume {

  private CancelAndResume() {}

  /** Takes the JDBC URLs of the source and of the store. */
  public static void main(String... args) {
    try (HikariDataSource ponder = new HikariDataSource();
        HikariDataSource analytics = new HikariDataSource()) {
      ponder.setJdbcUrl(args[0]);
      analytics.setJdbcUrl(args[1]);
      CompletableFuture<SyncEngine> canceller = new CompletableFuture<>();
      AtomicBoolean first = new AtomicBoolean(true);
      SyncListener cancelling =
          new SyncListener() {
            @Override
            public void batchFinished(BatchProgress progress) {
              if (first.getAndSet(false)) {
                canceller.join().cancel(); // may be called from any thread
              }
            }
          };
      try (SyncEngine engine =
          SyncEngine.builder()
              .source(PonderTradeSource.builder(ponder).build())
              .log(PostgresSyncLog.builder(analytics).build())
              .sink(TimescaleSink.builder().build())
              .batchSize(5)
              .groupCommit(5)
              .listener(cancelling)
              .build()) {
        canceller.complete(engine);
        System.out.println(engine.run().message());
        System.out.println(engine.run().message());
      }
    }
  }
}
