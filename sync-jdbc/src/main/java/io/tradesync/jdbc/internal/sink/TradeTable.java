package io.tradesync.jdbc.internal.sink;

import io.tradesync.Trade;
import io.tradesync.TradeKey;
import io.tradesync.jdbc.internal.sql.BinaryCopy;
import io.tradesync.jdbc.internal.sql.SqlArrays;
import io.tradesync.jdbc.internal.sql.SqlNames;
import java.io.IOException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.StringJoiner;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.Query;
import org.jdbi.v3.core.statement.SqlStatement;
import org.jspecify.annotations.Nullable;

/** The rows of {@code analytics_trades}, written and removed a batch at a time. */
public final class TradeTable {

  private static final String COPIED =
      """
      :"schema".analytics_trades (ts, trade_id, trade_timestamp, chain_id, pool_id, symbol, side,
        price, quantity, volume, scaled_volume, transaction_id)""";

  // The inserted rows are recognised by key and not by their count: a hypertable has been seen to
  // stop at the first conflict (timescaledb #7672).
  private static final String INSERT =
      """
      with offered as (
        select *
        from unnest(
          cast(:seconds as bigint[]), cast(:ids as text[]), cast(:chainIds as bigint[]),
          cast(:poolIds as text[]), cast(:symbols as text[]), cast(:sides as text[]),
          cast(:prices as numeric[]), cast(:quantities as numeric[]), cast(:volumes as numeric[]),
          cast(:scaledVolumes as numeric[]), cast(:transactionIds as text[]),
          cast(:attributes as text[])) as o (
            second, id, chain_id, pool_id, symbol, side, price, quantity, volume, scaled_volume,
            transaction_id, attributes)),
      added as (
        insert into :"schema".analytics_trades (ts, trade_id, trade_timestamp, chain_id, pool_id,
          symbol, side, price, quantity, volume, scaled_volume, transaction_id, attributes)
        select to_timestamp(second), id, second, chain_id, pool_id, symbol, side, price, quantity,
          volume, scaled_volume, transaction_id, jsonb_object(attributes::text[])
        from offered
        on conflict do nothing
        returning trade_timestamp, trade_id)
      select second, id
      from offered
      where not exists (
        select 1 from added a where a.trade_timestamp = second and a.trade_id = id)""";

  private static final String LOCK =
      """
      select trade_timestamp, trade_id, chain_id, pool_id, price, quantity
      from :"schema".analytics_trades
      where (ts, trade_id) in {keys}
      order by ts, trade_id
      for update""";

  private static final String DELETE =
      """
      delete from :"schema".analytics_trades
      where (ts, trade_id) in {keys}""";

  private static final String KEYS =
      """
      (select to_timestamp(second), id
        from unnest(cast(:seconds as bigint[]), cast(:ids as text[])) as k (second, id))""";

  // Up to this second to_timestamp is exact to the microsecond, as a copied timestamp is.
  private static final long LAST_EXACT_SECOND = 100_000_000_000L;

  private final String copied;
  private final String insert;
  private final String lock;
  private final String delete;

  public TradeTable(String schema) {
    SqlNames names = SqlNames.inSchema(schema, Map.of("keys", KEYS));
    this.copied = names.fill(COPIED);
    this.insert = names.fill(INSERT);
    this.lock = names.fill(LOCK);
    this.delete = names.fill(DELETE);
  }

  /**
   * Inserts the trades that have no row yet.
   *
   * @return the keys of those that have a row already, which is left as it is
   */
  public Set<TradeKey> insert(Handle handle, Collection<Trade> trades) throws SQLException {
    if (trades.isEmpty() || copy(handle.getConnection(), trades)) {
      return Set.of();
    }
    Query query = handle.createQuery(insert);
    SqlArrays.bind(query, "seconds", "bigint", trades, Trade::epochSecond);
    SqlArrays.bind(query, "ids", "text", trades, Trade::id);
    SqlArrays.bind(query, "chainIds", "bigint", trades, Trade::chainId);
    SqlArrays.bind(query, "poolIds", "text", trades, Trade::poolId);
    SqlArrays.bind(query, "symbols", "text", trades, Trade::symbol);
    SqlArrays.bind(query, "sides", "text", trades, Trade::side);
    SqlArrays.bind(query, "prices", "numeric", trades, Trade::price);
    SqlArrays.bind(query, "quantities", "numeric", trades, Trade::quantity);
    SqlArrays.bind(query, "volumes", "numeric", trades, Trade::volume);
    SqlArrays.bind(query, "scaledVolumes", "numeric", trades, Trade::scaledVolume);
    SqlArrays.bind(query, "transactionIds", "text", trades, Trade::transactionId);
    SqlArrays.bind(query, "attributes", "text", trades, trade -> pairs(trade.attributes()));
    return new HashSet<>(query.map((row, context) -> key(row)).list());
  }

  /** Attributes as an array of names and values in turn, in PostgreSQL's notation; null if none. */
  private static @Nullable String pairs(Map<String, @Nullable String> attributes) {
    if (attributes.isEmpty()) {
      return null;
    }
    StringJoiner pairs = new StringJoiner(",", "{", "}");
    attributes.forEach((name, value) -> pairs.add(element(name)).add(element(value)));
    return pairs.toString();
  }

  private static String element(@Nullable String text) {
    return text == null ? "NULL" : '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
  }

  private boolean copy(Connection connection, Collection<Trade> trades) throws SQLException {
    return trades.size() >= BinaryCopy.WORTH_IT
        && trades.stream().allMatch(TradeTable::canBeCopied)
        && BinaryCopy.isPossible(connection)
        && BinaryCopy.unlessThere(
            connection, () -> BinaryCopy.copy(connection, copied, rows -> write(trades, rows)));
  }

  private static boolean canBeCopied(Trade trade) {
    return Math.abs(trade.epochSecond()) <= LAST_EXACT_SECOND && trade.attributes().isEmpty();
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

  /**
   * Locks and removes rows.
   *
   * @return the rows that were removed
   */
  public Map<TradeKey, TradeRow> remove(Handle handle, SortedSet<TradeKey> keys) {
    Map<TradeKey, TradeRow> removed = new HashMap<>();
    bind(handle.createQuery(lock), keys)
        .map((row, context) -> row(row))
        .forEach(row -> removed.put(row.key(), row));
    bind(handle.createUpdate(delete), keys).execute();
    return removed;
  }

  private static <S extends SqlStatement<S>> S bind(S statement, Collection<TradeKey> keys) {
    SqlArrays.bind(statement, "seconds", "bigint", keys, TradeKey::epochSecond);
    return SqlArrays.bind(statement, "ids", "text", keys, TradeKey::id);
  }

  private static TradeKey key(ResultSet row) throws SQLException {
    return new TradeKey(row.getLong(1), row.getString(2));
  }

  private static TradeRow row(ResultSet row) throws SQLException {
    return new TradeRow(
        key(row), row.getLong(3), row.getString(4), row.getBigDecimal(5), row.getBigDecimal(6));
  }
}
