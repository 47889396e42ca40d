package io.tradesync.examples.service.ponder;

import io.tradesync.examples.service.verify.Candles;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import javax.sql.DataSource;

/**
 * ReaderSnapshots at the store as its readers do, each time in one snapshot, and keeps what must
 * not be.
 */
final class ReaderSnapshots implements AutoCloseable {

  private static final String SOURCE_ROWS =
      """
      SELECT concat_ws('|', id, "timestamp", chain_id, price, quantity, transaction_id, side, pool_id)
      FROM order_book_trades
      ORDER BY "timestamp", id COLLATE "C"
      """;

  private static final String STORED_ROWS =
      """
      SELECT concat_ws('|', trade_id, trade_timestamp, chain_id, price, quantity, transaction_id,
        side, pool_id)
      FROM analytics_trades
      ORDER BY trade_timestamp, trade_id
      """;

  private final Connection source;
  private final Connection store;
  private final List<String> faults = new ArrayList<>();
  private final Set<String> lost = new TreeSet<>();
  private Set<String> seen = Set.of();

  ReaderSnapshots(DataSource source, DataSource store) throws SQLException {
    this.source = source.getConnection();
    this.store = store.getConnection();
    this.store.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
    this.store.setAutoCommit(false);
  }

  void take() throws SQLException {
    List<String> ids = texts(store, "SELECT trade_id FROM analytics_trades");
    List<String> candles = texts(store, Candles.STORED);
    List<String> recomputed = texts(store, Candles.RECOMPUTED_FROM_STORE);
    store.commit();
    Set<String> now = new HashSet<>();
    ids.stream().filter(id -> !now.add(id)).forEach(id -> faults.add("in the store twice: " + id));
    if (!candles.equals(recomputed)) {
      faults.add("candles " + candles + " of trades that make " + recomputed);
    }
    seen.stream().filter(id -> !now.contains(id)).forEach(lost::add);
    seen = now;
  }

  /** The faults of all snapshots. */
  List<String> faults() {
    return faults;
  }

  /** The trades that were in the store in one snapshot and not in the next. */
  Set<String> lost() {
    return lost;
  }

  List<String> sourceRows() throws SQLException {
    return source(SOURCE_ROWS);
  }

  List<String> storedRows() throws SQLException {
    return stored(STORED_ROWS);
  }

  List<String> source(String sql) throws SQLException {
    return texts(source, sql);
  }

  List<String> stored(String sql) throws SQLException {
    List<String> texts = texts(store, sql);
    store.commit();
    return texts;
  }

  private static List<String> texts(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      List<String> texts = new ArrayList<>();
      while (rows.next()) {
        texts.add(rows.getString(1));
      }
      return texts;
    }
  }

  @Override
  public void close() throws SQLException {
    source.close();
    store.close();
  }
}
