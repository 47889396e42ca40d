package io.tradesync.examples.howto;

import com.zaxxer.hikari.HikariDataSource;
import io.tradesync.SyncEngine;
import io.tradesync.Trade;
import io.tradesync.jdbc.PonderTradeSource;
import io.tradesync.jdbc.PostgresSyncLog;
import io.tradesync.spi.TradeBatch;
import io.tradesync.spi.TradeChange;
import io.tradesync.spi.TransactionalSink;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;

/**
 * Writes new trades to a table of your own in the log's database. The rows and the log are
 * committed in one transaction, so each trade is written exactly once without a check for
 * duplicates.
 */
public final class TransactionalTableSink implements TransactionalSink<Connection> {

  /** Takes the JDBC URLs of the source and of the store. */
  public static void main(String... args) {
    try (HikariDataSource ponder = new HikariDataSource();
        HikariDataSource analytics = new HikariDataSource()) {
      ponder.setJdbcUrl(args[0]);
      analytics.setJdbcUrl(args[1]);
      try (SyncEngine engine =
          SyncEngine.builder()
              .source(PonderTradeSource.builder(ponder).build())
              .log(PostgresSyncLog.builder(analytics).service("my_trades").build())
              .sink(new TransactionalTableSink())
              .build()) {
        System.out.println(engine.run().message());
      }
    }
  }

  @Override
  public Class<Connection> transactionType() {
    return Connection.class;
  }

  @Override
  public void prepare(String service, Connection transaction) throws SQLException {
    try (Statement statement = transaction.createStatement()) {
      statement.execute(
          "CREATE TABLE IF NOT EXISTS my_trades (id text, second bigint, price numeric)");
    }
  }

  @Override
  public void write(TradeBatch batch, Connection transaction) throws SQLException {
    try (PreparedStatement insert =
        transaction.prepareStatement("INSERT INTO my_trades VALUES (?, ?, ?)")) {
      for (TradeChange change : batch.changes()) {
        // A sink without capabilities of its own receives new trades only.
        Trade trade = ((TradeChange.Insert) change).trade();
        insert.setString(1, trade.id());
        insert.setLong(2, trade.epochSecond());
        insert.setBigDecimal(3, trade.price());
        insert.addBatch();
      }
      insert.executeBatch();
    }
  }
}
