package io.tradesync.examples.benchmarks;

import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;

/** The obvious loop without a library: each missing trade is written in its own transaction. */
final class PlainLoop implements Contestant {

  private static final String READ =
      """
      SELECT id, "timestamp", chain_id, pool_id, side, price, quantity, transaction_id
      FROM order_book_trades ORDER BY "timestamp", id COLLATE "C"
      """;

  private static final String CANDLES =
      """
      INSERT INTO trade_candles AS c
      SELECT chain_id, pool_id, b, to_timestamp(trade_timestamp / b * b), price, price, price, price,
        quantity, volume, 1
      FROM analytics_trades, unnest(ARRAY[60, 300, 900, 3600, 86400]) b WHERE trade_id = ?
      ON CONFLICT (chain_id, pool_id, bucket_seconds, bucket_start) DO UPDATE SET
        high = greatest(c.high, excluded.high),
        low = least(c.low, excluded.low),
        close = excluded.close,
        volume = c.volume + excluded.volume,
        quote_volume = c.quote_volume + excluded.quote_volume,
        trades = c.trades + 1
      """;

  private static final int FETCH_SIZE = 1_000;

  @Override
  public String name() {
    return "plain loop, a transaction a trade";
  }

  @Override
  public boolean isSlow() {
    return true;
  }

  @Override
  public Attempt prepare(Arena arena, Backlog backlog) throws SQLException {
    try (Connection store = arena.connectStore()) {
      PlainTables.create(store);
    }
    return () -> run(arena, backlog);
  }

  private static void run(Arena arena, Backlog backlog) throws SQLException {
    try (Connection reading = arena.connect(backlog);
        Connection writing = arena.connectStore()) {
      reading.setAutoCommit(false);
      writing.setAutoCommit(false);
      try (PreparedStatement select = reading.prepareStatement(READ);
          PreparedStatement insert =
              writing.prepareStatement(
                  "INSERT INTO analytics_trades VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)");
          PreparedStatement candles = writing.prepareStatement(CANDLES);
          PreparedStatement log =
              writing.prepareStatement("INSERT INTO sync_log VALUES (?, ?, 'processed')")) {
        select.setFetchSize(FETCH_SIZE);
        try (ResultSet trade = select.executeQuery()) {
          while (trade.next()) {
            write(trade, insert, candles, log);
            writing.commit();
          }
        }
      }
    }
  }

  private static void write(
      ResultSet trade, PreparedStatement insert, PreparedStatement candles, PreparedStatement log)
      throws SQLException {
    String id = trade.getString(1);
    long second = trade.getLong(2);
    BigDecimal price = trade.getBigDecimal(6);
    BigDecimal quantity = trade.getBigDecimal(7);
    insert.setString(1, id);
    insert.setLong(2, second);
    insert.setLong(3, trade.getLong(3));
    insert.setString(4, trade.getString(4));
    insert.setString(5, trade.getString(5));
    insert.setBigDecimal(6, price);
    insert.setBigDecimal(7, quantity);
    insert.setBigDecimal(8, price.multiply(quantity));
    insert.setString(9, trade.getString(8));
    insert.executeUpdate();
    candles.setString(1, id);
    candles.executeUpdate();
    log.setString(1, id);
    log.setLong(2, second);
    log.executeUpdate();
  }
}
