package io.tradesync.examples.howto;

import com.zaxxer.hikari.HikariDataSource;
import io.tradesync.SyncEngine;
import io.tradesync.inmemory.InMemorySyncLog;
import io.tradesync.jdbc.PonderTradeSource;
import io.tradesync.spi.AnalyticsSink;
import java.io.PrintStream;

/** A lambda is a complete sink: this one prints the key of each new trade. */
public final class LambdaSink {

  private LambdaSink() {}

  /** Takes the JDBC URL of the source. */
  public static void main(String... args) {
    try (HikariDataSource ponder = new HikariDataSource()) {
      ponder.setJdbcUrl(args[0]);
      try (SyncEngine engine =
          SyncEngine.builder()
              .source(PonderTradeSource.builder(ponder).build())
              .log(new InMemorySyncLog()) // forgets at exit; a PostgresSyncLog does not
              .sink(printingTo(System.out))
              .build()) {
        engine.run();
      }
    }
  }

  static AnalyticsSink printingTo(PrintStream out) {
    return batch -> batch.changes().forEach(change -> out.println(change.key()));
  }
}
