package io.tradesync.examples.howto;

import com.zaxxer.hikari.HikariDataSource;
import io.tradesync.SyncEngine;
import io.tradesync.jdbc.PonderTradeSource;
import io.tradesync.jdbc.PostgresSyncLog;
import io.tradesync.jdbc.TimescaleSink;

/** Closes the gap between a Ponder database and an analytics store: the whole library in use. */
public final class CloseAGap {

  private CloseAGap() {}

  /** Takes the JDBC URLs of the source, of which SELECT is enough, and of the store. */
  public static void main(String... args) {
    try (HikariDataSource ponder = new HikariDataSource();
        HikariDataSource analytics = new HikariDataSource()) {
      ponder.setJdbcUrl(args[0]);
      analytics.setJdbcUrl(args[1]);
      try (SyncEngine engine =
          SyncEngine.builder()
              .source(PonderTradeSource.builder(ponder).schema("public").build())
              .log(PostgresSyncLog.builder(analytics).service("analytics").build())
              .sink(TimescaleSink.builder().build())
              .build()) {
        System.out.println(engine.run().message());
      }
    }
  }
}
