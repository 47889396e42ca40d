package io.tradesync.examples.howto;

import com.zaxxer.hikari.HikariDataSource;
import io.tradesync.SideUnavailableException;
import io.tradesync.SyncEngine;
import io.tradesync.SyncHealth;
import io.tradesync.jdbc.PonderTradeSource;
import io.tradesync.jdbc.PostgresSyncLog;
import io.tradesync.jdbc.TimescaleSink;

/** Reports whether the store equals the source. It changes no trade. */
public final class HealthCheck {

  private HealthCheck() {}

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
              .build()) {
        System.out.println(describe(engine));
      }
    }
  }

  /** Describes the health of an engine in one line. */
  static String describe(SyncEngine engine) {
    try {
      SyncHealth health = engine.health();
      return health.isHealthy()
          ? "healthy"
          : "%s: %s missed trades, %s minutes behind"
              .formatted(health.recommendation(), health.missedTrades(), health.lagMinutes());
    } catch (SideUnavailableException e) {
      // One of the databases does not answer, so nothing can be said about gaps.
      return "unknown: " + e.getMessage();
    }
  }
}
