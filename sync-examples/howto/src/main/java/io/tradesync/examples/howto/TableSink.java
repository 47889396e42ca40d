package io.tradesync.examples.howto;

import io.tradesync.Trade;
import io.tradesync.TradeKey;
import io.tradesync.spi.AnalyticsSink;
import io.tradesync.spi.FailureKind;
import io.tradesync.spi.SinkCapability;
import io.tradesync.spi.TradeBatch;
import io.tradesync.spi.TradeChange;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import javax.sql.DataSource;

/**
 * Trades to a table in some other PostgreSQL database than the log's, by plain JDBC. It follows
 * changes and retractions, too. After a crash the same changes may come again; they leave the same
 * rows, since each row is written by its trade's key.
 */
public final class TableSink implements AnalyticsSink {

  private static final String TABLE =
      """
      CREATE TABLE IF NOT EXISTS trades (
        second bigint, id text COLLATE "C", chain bigint NOT NULL, pool text NOT NULL, side text,
        price numeric, quantity numeric, transaction text, PRIMARY KEY (second, id))""";

  private static final String WRITE =
      """
      INSERT INTO trades (second, id, chain, pool, side, price, quantity, transaction)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?)
      ON CONFLICT (second, id) DO UPDATE SET chain = excluded.chain, pool = excluded.pool,
        side = excluded.side, price = excluded.price, quantity = excluded.quantity,
        transaction = excluded.transaction""";

  private static final String DELETE = "DELETE FROM trades WHERE second = ? AND id = ?";

  private final DataSource database;

  /**
   * Makes a sink; the table is created if it is not there.
   *
   * @param database where the table is
   * @throws SQLException if it cannot be reached
   */
  public TableSink(DataSource database) throws SQLException {
    this.database = database;
    try (Connection connection = database.getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute(TABLE);
    }
  }

  @Override
  public Set<SinkCapability> capabilities() {
    return EnumSet.allOf(SinkCapability.class);
  }

  @Override
  public void write(TradeBatch batch) throws SQLException {
    try (Connection connection = database.getConnection()) {
      connection.setAutoCommit(false);
      try (PreparedStatement delete = connection.prepareStatement(DELETE);
          PreparedStatement write = connection.prepareStatement(WRITE)) {
        for (TradeChange change : batch.changes()) {
          if (change instanceof TradeChange.Insert insert) {
            add(write, insert.trade());
          } else if (change instanceof TradeChange.Replace replace) {
            // At another key if the trade has moved.
            add(delete, replace.oldKey());
            add(write, replace.trade());
          } else {
            add(delete, change.key());
          }
        }
        delete.executeBatch();
        write.executeBatch();
      }
      connection.commit();
    }
  }

  private static void add(PreparedStatement delete, TradeKey key) throws SQLException {
    delete.setLong(1, key.epochSecond());
    delete.setString(2, key.id());
    delete.addBatch();
  }

  private static void add(PreparedStatement write, Trade trade) throws SQLException {
    write.setLong(1, trade.epochSecond());
    write.setString(2, trade.id());
    write.setLong(3, trade.chainId());
    write.setString(4, trade.poolId());
    write.setString(5, trade.side());
    write.setBigDecimal(6, trade.price());
    write.setBigDecimal(7, trade.quantity());
    write.setString(8, trade.transactionId());
    write.addBatch();
  }

  @Override
  public void probe() throws SQLException {
    try (Connection connection = database.getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute("SELECT 1");
    }
  }

  /** A lost connection and a deadlock pass; they are no fault of a trade's. */
  @Override
  public Optional<FailureKind> classify(Throwable failure) {
    return Stream.iterate(failure, cause -> cause != null, Throwable::getCause)
        .limit(16)
        .filter(cause -> cause instanceof SQLException)
        .map(cause -> String.valueOf(((SQLException) cause).getSQLState()))
        .flatMap(TableSink::kind)
        .findFirst();
  }

  private static Stream<FailureKind> kind(String state) {
    if (state.startsWith("08") || state.startsWith("57P")) {
      return Stream.of(FailureKind.NETWORK);
    }
    return state.startsWith("40") ? Stream.of(FailureKind.TRANSIENT) : Stream.empty();
  }
}
