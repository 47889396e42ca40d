package io.tradesync.examples.howto;

import com.zaxxer.hikari.HikariDataSource;
import io.tradesync.SyncEngine;
import io.tradesync.Trade;
import io.tradesync.inmemory.InMemorySyncLog;
import io.tradesync.jdbc.PonderTradeSource;
import io.tradesync.spi.AnalyticsSink;
import io.tradesync.spi.SinkCapability;
import io.tradesync.spi.TradeBatch;
import io.tradesync.spi.TradeChange;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.EnumSet;
import java.util.Set;
import javax.sql.DataSource;

/**
 * Writes to {@code trades (id text PRIMARY KEY, second bigint, pool text, price numeric)} in
 * another database than the log's. A change that arrives again after a crash leaves the same rows.
 */
public record TableSink(DataSource database) implements AnalyticsSink {

  private static final String UPSERT =
      """
      INSERT INTO trades (id, second, pool, price) VALUES (?, ?, ?, ?) ON CONFLICT (id)
      DO UPDATE SET second = excluded.second, pool = excluded.pool, price = excluded.price""";
  private static final String DELETE = "DELETE FROM trades WHERE id = ? AND second = ?";

  /** Takes the JDBC URLs of the source and of the database with the table. */
  public static void main(String... args) {
    try (HikariDataSource ponder = new HikariDataSource();
        HikariDataSource other = new HikariDataSource()) {
      ponder.setJdbcUrl(args[0]);
      other.setJdbcUrl(args[1]);
      var builder =
          SyncEngine.builder()
              .source(PonderTradeSource.builder(ponder).build())
              .log(new InMemorySyncLog()) // forgets at exit; a PostgresSyncLog does not
              .sink(new TableSink(other));
      try (SyncEngine engine = builder.build()) {
        System.out.println(engine.run().message());
      }
    }
  }

  @Override
  public Set<SinkCapability> capabilities() {
    return EnumSet.allOf(SinkCapability.class);
  }

  @Override
  public void write(TradeBatch batch) throws SQLException {
    try (Connection connection = database.getConnection();
        PreparedStatement upsert = connection.prepareStatement(UPSERT);
        PreparedStatement delete = connection.prepareStatement(DELETE)) {
      for (TradeChange change : batch.changes()) {
        if (change instanceof TradeChange.Insert insert) {
          execute(upsert, insert.trade());
        } else if (change instanceof TradeChange.Replace replace) {
          execute(upsert, replace.trade()); // also moves the row of a trade that has moved
        } else {
          delete.setString(1, change.key().id());
          delete.setLong(2, change.key().epochSecond());
          delete.executeUpdate();
        }
      }
    }
  }

  private static void execute(PreparedStatement upsert, Trade trade) throws SQLException {
    upsert.setString(1, trade.id());
    upsert.setLong(2, trade.epochSecond());
    upsert.setString(3, trade.poolId());
    upsert.setBigDecimal(4, trade.price());
    upsert.executeUpdate();
  }
}
