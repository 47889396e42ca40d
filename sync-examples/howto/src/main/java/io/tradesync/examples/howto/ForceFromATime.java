package io.tradesync.examples.howto;

import com.zaxxer.hikari.HikariDataSource;
import io.tradesync.SyncEngine;
import io.tradesync.jdbc.PonderTradeSource;
import io.tradesync.jdbc.PostgresSyncLog;
import io.tradesync.jdbc.TimescaleSink;
import java.time.Instant;

/**
 * Writes all trades after a time again, for example after somebody damaged the store. Each trade
 * still counts once.
 */
public final class ForceFromATime {

  private ForceFromATime() {}

  /** Takes the JDBC URLs of the source and of the store, and a time: 2025-08-05T13:20:00Z. */
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
        System.out.println(engine.forceFrom(Instant.parse(args[2])).message());
      }
    }
  }
}
