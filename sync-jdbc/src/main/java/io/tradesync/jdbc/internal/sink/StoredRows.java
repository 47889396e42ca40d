package io.tradesync.jdbc.internal.sink;

import io.tradesync.Trade;
import io.tradesync.TradeKey;
import io.tradesync.jdbc.internal.sql.PlanWithValues;
import io.tradesync.jdbc.internal.sql.SqlNames;
import java.math.BigDecimal;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SortedMap;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/** Finds the trades whose rows hold already what a force is to write. */
public final class StoredRows {

  // Rows of much text are written again, so that they are not all in memory at once.
  private static final String SELECT =
      """
      select trade_timestamp, trade_id, chain_id, pool_id, symbol, side, price, quantity, volume,
        scaled_volume, transaction_id, attributes::text
      from :"schema".analytics_trades as t
      where ts between to_timestamp(:firstSecond) and to_timestamp(:lastSecond)
        and {is_timely}
        and coalesce(octet_length(symbol), 0) + coalesce(octet_length(side), 0)
          + coalesce(octet_length(transaction_id), 0)
          + coalesce(octet_length(attributes::text), 0) <= 8192
      limit :limit\
      """;

  // A force of some pools has the rows of all others between its own.
  private static final int ROWS_FOR_EACH_TRADE = 2;

  private final String select;

  public StoredRows(String schema) {
    this.select =
        SqlNames.inSchema(schema, Map.of("is_timely", StoredTime.isTimely())).fill(SELECT);
  }

  /**
   * Returns the keys of trades whose rows equal them in every column. Rows of a span of time are
   * read, so it may leave out some such trades, if there are many other rows between theirs.
   */
  public Set<TradeKey> equal(Handle handle, SortedMap<TradeKey, Trade> trades) {
    if (trades.isEmpty()) {
      return Set.of();
    }
    Map<TradeKey, Trade> byKey = new HashMap<>(trades);
    return PlanWithValues.of(handle.createQuery(select))
        .bind("firstSecond", trades.firstKey().epochSecond())
        .bind("lastSecond", trades.lastKey().epochSecond())
        .bind("limit", ROWS_FOR_EACH_TRADE * trades.size())
        .scanResultSet(
            (rows, context) -> {
              Set<TradeKey> equal = new HashSet<>();
              ResultSet row = rows.get();
              while (row.next()) {
                TradeKey key = new TradeKey(row.getLong(1), row.getString(2));
                Trade trade = byKey.get(key);
                if (trade != null && trade.key().equals(key) && isEqual(row, trade)) {
                  equal.add(key);
                }
              }
              return equal;
            });
  }

  private static boolean isEqual(ResultSet row, Trade trade) throws SQLException {
    return row.getLong(3) == trade.chainId()
        && trade.poolId().equals(row.getString(4))
        && Objects.equals(row.getString(5), trade.symbol())
        && Objects.equals(row.getString(6), trade.side())
        && Objects.equals(row.getString(7), text(trade.price()))
        && Objects.equals(row.getString(8), text(trade.quantity()))
        && Objects.equals(row.getString(9), text(trade.volume()))
        && Objects.equals(row.getString(10), text(trade.scaledVolume()))
        && Objects.equals(row.getString(11), trade.transactionId())
        && Objects.equals(row.getString(12), AttributesJson.of(trade.attributes()));
  }

  // A number of another scale is written again. A row that somebody changed can hold NaN.
  private static @Nullable String text(@Nullable BigDecimal number) {
    return number == null ? null : number.toPlainString();
  }
}
