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
import java.util.concurrent.atomic.AtomicReference;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.postgresql.ds.PGSimpleDataSource;

/** Runs the contract of sinks: a test says how to create the sink and how to read its table. */
class TableSinkTest extends AnalyticsSinkContract {

  static final String TABLE =
      "CREATE TABLE trades (id text PRIMARY KEY, second bigint, pool text, price numeric,"
          + " revision bigint)";

  private static PostgresServer.Database database;

  private final AtomicReference<Throwable> next = new AtomicReference<>();

  /** Gives connections to the table, or throws once what a test wants. */
  private DataSource connections() {
    PGSimpleDataSource connections =
        new PGSimpleDataSource() {
          @Override
          public Connection getConnection() throws SQLException {
            Throwable failure = next.getAndSet(null);
            if (failure != null) {
              throwSneakily(failure);
            }
            return super.getConnection();
          }
        };
    connections.setUrl(database.jdbcUrl());
    return connections;
  }

  @SuppressWarnings("unchecked")
  private static <E extends Throwable> void throwSneakily(Throwable failure) throws E {
    throw (E) failure;
  }

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
    execute(TABLE);
    return new TableSink(connections());
  }

  @Override
  protected Collection<Trade> held() throws SQLException {
    try (Connection connection = database.dataSource().getConnection();
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery("SELECT * FROM trades WHERE second IS NOT NULL")) {
      List<Trade> trades = new ArrayList<>();
      while (rows.next()) {
        trades.add(
            Trade.builder(rows.getString("id"), rows.getLong("second"), 0, rows.getString("pool"))
                .price(rows.getBigDecimal("price"))
                .build());
      }
      return trades;
    }
  }

  /** The table has columns for these fields only. */
  @Override
  protected Trade kept(Trade trade) {
    return Trade.builder(trade.id(), trade.epochSecond(), 0, trade.poolId())
        .price(trade.price())
        .build();
  }

  @Override
  protected boolean goesByRevision() {
    return true;
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

  @Override
  protected boolean failNextWrite(Throwable failure) {
    next.set(failure);
    return true;
  }

  private static void execute(String sql) throws SQLException {
    try (Connection connection = database.dataSource().getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }
}
