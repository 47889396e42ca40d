package io.tradesync.examples.howto;

import io.tradesync.Trade;
import io.tradesync.jdbc.fixture.PostgresServer;
import io.tradesync.spi.AnalyticsSink;
import io.tradesync.testkit.AnalyticsSinkContract;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** A sink of one's own passes the contract: all that is to be said is how to make and read it. */
class TableSinkTest extends AnalyticsSinkContract {

  private static PostgresServer.Database database;

  @BeforeAll
  static void create() {
    database = PostgresServer.get().newDatabase();
  }

  @AfterAll
  static void drop() {
    database.close();
  }

  @Override
  protected AnalyticsSink emptySink() throws SQLException {
    execute("DROP TABLE IF EXISTS trades, elsewhere");
    return new TableSink(database.dataSource());
  }

  @Override
  protected Collection<Trade> held() throws SQLException {
    try (Connection connection = database.dataSource().getConnection();
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery("SELECT * FROM trades")) {
      List<Trade> trades = new ArrayList<>();
      while (rows.next()) {
        trades.add(
            Trade.builder(
                    rows.getString("id"),
                    rows.getLong("second"),
                    rows.getLong("chain"),
                    rows.getString("pool"))
                .price(rows.getBigDecimal("price"))
                .quantity(rows.getBigDecimal("quantity"))
                .side(rows.getString("side"))
                .transactionId(rows.getString("transaction"))
                .build());
      }
      return trades;
    }
  }

  /** The table has no columns for attributes. */
  @Override
  protected Trade kept(Trade trade) {
    return Trade.builder(trade.id(), trade.epochSecond(), trade.chainId(), trade.poolId())
        .price(trade.price())
        .quantity(trade.quantity())
        .side(trade.side())
        .transactionId(trade.transactionId())
        .build();
  }

  @Override
  protected boolean cutOff() throws SQLException {
    execute("ALTER TABLE trades RENAME TO elsewhere");
    return true;
  }

  @Override
  protected void reconnect() throws SQLException {
    execute("ALTER TABLE elsewhere RENAME TO trades");
  }

  private static void execute(String sql) throws SQLException {
    try (Connection connection = database.dataSource().getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }
}
