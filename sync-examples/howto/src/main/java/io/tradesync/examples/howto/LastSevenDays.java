package io.tradesync.examples.howto;

import com.zaxxer.hikari.HikariDataSource;
import io.tradesync.Scope;
import io.tradesync.SyncEngine;
import io.tradesync.jdbc.PonderTradeSource;
import io.tradesync.jdbc.PostgresSyncLog;
import io.tradesync.jdbc.TimescaleSink;
import java.time.Duration;

/**
 * Syncs the last seven days and everything after them. The store keeps the time of the first start,
 * so a restart does not move the scope. Older trades are no gap.
 */
public final class LastSevenDays {

  private LastSevenDays() {}

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
              .scope(Scope.last(Duration.ofDays(7)))
              .build()) {
        System.out.println(engine.run().message());
      }
    }
  }
}
