package io.tradesync.examples.howto;

import com.zaxxer.hikari.HikariDataSource;
import io.tradesync.SyncEngine;
import io.tradesync.jdbc.PonderNotifyListener;
import io.tradesync.jdbc.PonderTradeSource;
import io.tradesync.jdbc.PostgresSyncLog;
import io.tradesync.jdbc.TimescaleSink;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;

/** Is live by the notifications that Ponder sends with each block; no Redis is needed. */
public final class LiveFromPonder {

  private LiveFromPonder() {}

  /** Takes the JDBC URLs of the source and of the store; returns when it is interrupted. */
  public static void main(String... args) throws InterruptedException {
    try (HikariDataSource ponder = new HikariDataSource();
        HikariDataSource analytics = new HikariDataSource()) {
      ponder.setJdbcUrl(args[0]);
      analytics.setJdbcUrl(args[1]);
      try (SyncEngine engine =
              SyncEngine.builder()
                  .source(PonderTradeSource.builder(ponder).build())
                  .log(PostgresSyncLog.builder(analytics).build())
                  .sink(TimescaleSink.builder().build())
                  .build();
          PonderNotifyListener live =
              PonderNotifyListener.builder(ponder).schema("public").build()) {
        live.prepare();
        engine.run();
        live.start(engine);
        // Ponder notifies nobody of deleted rows; a run finds them.
        engine.start(Duration.ofMinutes(1));
        new CountDownLatch(1).await();
      }
    }
  }
}
