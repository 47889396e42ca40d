package io.tradesync.examples.howto;

import com.zaxxer.hikari.HikariDataSource;
import io.tradesync.SyncEngine;
import io.tradesync.jdbc.PonderTradeSource;
import io.tradesync.jdbc.PostgresSyncLog;
import io.tradesync.jdbc.TimescaleSink;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;

/** Closes gaps at the start and then at an interval, without being asked. */
public final class AutomaticRecovery {

  private AutomaticRecovery() {}

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
              .auditInterval(Duration.ofMinutes(10)) // a full comparison from time to time
              .build()) {
        engine.start(Duration.ofSeconds(1));
        new CountDownLatch(1).await();
      }
    }
  }
}
