package io.tradesync.jdbc.internal.sink;

import io.tradesync.Trade;
import io.tradesync.TradeKey;
import io.tradesync.jdbc.internal.sql.BinaryCopy;
import io.tradesync.jdbc.internal.sql.Identifiers;
import io.tradesync.jdbc.internal.sql.SqlArrays;
import java.io.IOException;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;

/** The rows of {@code analytics_trades}, written and removed a batch at a time. */
public final class TradeTable {

  // Up to there, to_timestamp of a second is exact to the microsecond, as a copied one is.
  private static final long LAST_EXACT_SECOND = 100_000_000_000L;

  private final String copy;
  private final String insert;
  private final String lock;
  private final String delete;

  public TradeTable(String schema) {
    String table = Identifiers.quote(schema, "analytics_trades");
    this.copy =
        table
            + " (ts, trade_id, trade_timestamp, chain_id, pool_id, symbol, side, price, quantity,"
            + " volume, scaled_volume, transaction_id)";
    // Affected rows are told apart by key, not by a count: a hypertable has been seen to stop at
    // the
    // first conflict (timescaledb #7672).
    this.insert =
        """
        with offered as (
          select * from unnest(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) as o (
            second, id, chain_id, pool_id, symbol, side, price, quantity, volume, scaled_volume,
            transaction_id, attributes)
        ), added as (
          insert into %s (ts, trade_id, trade_timestamp, chain_id, pool_id, symbol, side, price,
            quantity, volume, scaled_volume, transaction_id, attributes)
          select to_timestamp(second), id, second, chain_id, pool_id, symbol, side, price, quantity,
            volume, scaled_volume, transaction_id, jsonb_object(attributes::text[])
          from offered
          on conflict do nothing
          returning trade_timestamp, trade_id
        )
        select second, id from offered
        where not exists (
          select 1 from added a where a.trade_timestamp = second and a.trade_id = id)"""
            .formatted(table);
    this.lock =
        """
        select trade_timestamp, trade_id, chain_id, pool_id, price, quantity
        from %s
        where (ts, trade_id) in (
          select to_timestamp(second), id from unnest(?, ?) as k (second, id))
        order by ts, trade_id
        for update"""
            .formatted(table);
    this.delete =
        """
        delete from %s
        where (ts, trade_id) in (
          select to_timestamp(second), id from unnest(?, ?) as k (second, id))"""
            .formatted(table);
  }

  /**
   * Inserts trades that are not there yet.
   *
   * @return the keys of those that are there already and were left as they are
   */
  public Set<TradeKey> insert(Connection connection, Collection<Trade> trades) throws SQLException {
    if (trades.isEmpty() || copy(connection, trades)) {
      return Set.of();
    }
    Set<TradeKey> there = new HashSet<>();
    try (SqlArrays arrays = new SqlArrays(connection);
        PreparedStatement statement = connection.prepareStatement(insert)) {
      statement.setArray(1, arrays.of("bigint", trades, Trade::epochSecond));
      statement.setArray(2, arrays.of("text", trades, Trade::id));
      statement.setArray(3, arrays.of("bigint", trades, Trade::chainId));
      statement.setArray(4, arrays.of("text", trades, Trade::poolId));
      statement.setArray(5, arrays.of("text", trades, Trade::symbol));
      statement.setArray(6, arrays.of("text", trades, Trade::side));
      statement.setArray(7, arrays.of("numeric", trades, Trade::price));
      statement.setArray(8, arrays.of("numeric", trades, Trade::quantity));
      statement.setArray(9, arrays.of("numeric", trades, Trade::volume));
      statement.setArray(10, arrays.of("numeric", trades, Trade::scaledVolume));
      statement.setArray(11, arrays.of("text", trades, Trade::transactionId));
      statement.setArray(12, arrays.of("text", trades, arrays::attributes));
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          there.add(new TradeKey(rows.getLong(1), rows.getString(2)));
        }
      }
    }
    return there;
  }

  private boolean copy(Connection connection, Collection<Trade> trades) throws SQLException {
    return trades.size() >= BinaryCopy.WORTH_IT
        && trades.stream().allMatch(TradeTable::isCopied)
        && BinaryCopy.isPossible(connection)
        && BinaryCopy.unlessThere(
            connection, () -> BinaryCopy.copy(connection, copy, rows -> write(trades, rows)));
  }

  private static void write(Collection<Trade> trades, BinaryCopy rows) throws IOException {
    for (Trade trade : trades) {
      rows.row(12)
          .timestamp(trade.epochSecond() * 1_000_000)
          .text(trade.id())
          .bigint(trade.epochSecond())
          .bigint(trade.chainId())
          .text(trade.poolId())
          .text(trade.symbol())
          .text(trade.side())
          .numeric(trade.price())
          .numeric(trade.quantity())
          .numeric(trade.volume())
          .numeric(trade.scaledVolume())
          .text(trade.transactionId());
    }
  }

  private static boolean isCopied(Trade trade) {
    return Math.abs(trade.epochSecond()) <= LAST_EXACT_SECOND && trade.attributes().isEmpty();
  }

  /**
   * Removes trades, after their rows were locked.
   *
   * @return the rows that were there
   */
  public Map<TradeKey, TradeRow> remove(Connection connection, SortedSet<TradeKey> keys)
      throws SQLException {
    Map<TradeKey, TradeRow> removed = new HashMap<>();
    try (SqlArrays arrays = new SqlArrays(connection)) {
      Array seconds = arrays.of("bigint", keys, TradeKey::epochSecond);
      Array ids = arrays.of("text", keys, TradeKey::id);
      try (PreparedStatement statement = connection.prepareStatement(lock)) {
        statement.setArray(1, seconds);
        statement.setArray(2, ids);
        try (ResultSet rows = statement.executeQuery()) {
          while (rows.next()) {
            TradeKey key = new TradeKey(rows.getLong(1), rows.getString(2));
            removed.put(
                key,
                new TradeRow(
                    key,
                    rows.getLong(3),
                    rows.getString(4),
                    rows.getBigDecimal(5),
                    rows.getBigDecimal(6)));
          }
        }
      }
      try (PreparedStatement statement = connection.prepareStatement(delete)) {
        statement.setArray(1, seconds);
        statement.setArray(2, ids);
        statement.executeUpdate();
      }
    }
    return removed;
  }
}
