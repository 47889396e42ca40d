package io.tradesync.jdbc.internal.sink;

import io.tradesync.Trade;
import io.tradesync.TradeKey;
import io.tradesync.jdbc.internal.sink.TradeRemoval.StoredRow;
import io.tradesync.jdbc.internal.sql.BinaryCopy;
import io.tradesync.jdbc.internal.sql.Identifiers;
import io.tradesync.jdbc.internal.sql.PlanWithValues;
import io.tradesync.jdbc.internal.sql.SqlArrays;
import io.tradesync.jdbc.internal.sql.SqlNames;
import java.io.IOException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.Query;
import org.jdbi.v3.core.statement.SqlStatement;

/**
 * The rows of {@code analytics_trades}, written and removed a batch at a time.
 *
 * <p>Rows of this table are never locked, because TimescaleDB cannot lock rows of compressed
 * chunks. A transaction that writes or removes the row of a trade holds the lock of its entry in
 * {@code sync_log}: the claim takes it first, and nobody else writes a row of that key until it
 * ends. What transactions of different trades both change is a row of {@code trade_candles}, which
 * is locked there.
 *
 * <p>Statements name the seconds of their trades, so that TimescaleDB leaves out all other chunks.
 */
public final class TradeTable {

  private static final String COPIED =
      """
      :"schema".analytics_trades (ts, trade_id, trade_timestamp, chain_id, pool_id, symbol, side,
        price, quantity, volume, scaled_volume, transaction_id, attributes)\
      """;

  // The inserted rows are recognised by key and not by their count: a hypertable has been seen to
  // stop at the first conflict (timescaledb #7672).
  private static final String INSERT =
      """
      with offered as (
        select *
        from {offered}),
      added as (
        insert into :"schema".analytics_trades (ts, trade_id, trade_timestamp, chain_id, pool_id,
          symbol, side, price, quantity, volume, scaled_volume, transaction_id, attributes)
        select {values}
        from offered
        on conflict do nothing
        returning trade_timestamp, trade_id)
      select second, id
      from offered
      where not exists (
        select 1 from added a where a.trade_timestamp = second and a.trade_id = id)\
      """;

  private static final String OFFERED =
      """
      unnest(
          cast(:seconds as bigint[]), cast(:ids as text[]), cast(:chainIds as bigint[]),
          cast(:poolIds as text[]), cast(:symbols as text[]), cast(:sides as text[]),
          cast(:prices as numeric[]), cast(:quantities as numeric[]), cast(:volumes as numeric[]),
          cast(:scaledVolumes as numeric[]), cast(:transactionIds as text[]),
          cast(:attributes as text[])) as o (
            second, id, chain_id, pool_id, symbol, side, price, quantity, volume, scaled_volume,
            transaction_id, attributes)\
      """;

  private static final String VALUES =
      """
      to_timestamp(second), id, second, chain_id, pool_id, symbol, side, price, quantity, volume,
          scaled_volume, transaction_id, attributes::jsonb\
      """;

  private static final String OVERWRITE =
      """
      insert into :"schema".analytics_trades (ts, trade_id, trade_timestamp, chain_id, pool_id,
        symbol, side, price, quantity, volume, scaled_volume, transaction_id, attributes)
      select {values}
      from {offered}
      on conflict (ts, trade_id) do update set
        trade_timestamp = excluded.trade_timestamp, chain_id = excluded.chain_id,
        pool_id = excluded.pool_id, symbol = excluded.symbol, side = excluded.side,
        price = excluded.price, quantity = excluded.quantity, volume = excluded.volume,
        scaled_volume = excluded.scaled_volume, transaction_id = excluded.transaction_id,
        attributes = excluded.attributes\
      """;

  // One search a key: a join can read all rows between the first and the last key. A row is where
  // its ts is, whatever somebody wrote into trade_timestamp.
  private static final String SELECT =
      """
      select k.second, t.trade_id, t.chain_id, t.pool_id, t.price, t.quantity,
        (t.price - t.price is distinct from 'NaN'
          and t.quantity - t.quantity is distinct from 'NaN') as is_finite,
        t.relation, t.is_plain
      from unnest(cast(:seconds as bigint[]), cast(:ids as text[])) as k (second, id)
      cross join lateral (
        select *, tableoid::bigint as relation, tableoid = cast(:table as regclass) as is_plain
        from :"schema".analytics_trades
        where ts = to_timestamp(k.second) and trade_id = k.id
          and ts between to_timestamp(:firstSecond) and to_timestamp(:lastSecond)
        limit 1) as t\
      """;

  // Up to this second to_timestamp is exact to the microsecond, as a copied timestamp is.
  private static final long LAST_EXACT_SECOND = 100_000_000_000L;

  private final String copied;
  private final String insert;
  private final String overwrite;
  private final String table;
  private final String select;
  private final TradeRemoval removal;

  public TradeTable(String schema) {
    SqlNames names = SqlNames.inSchema(schema, Map.of("offered", OFFERED, "values", VALUES));
    this.copied = names.fill(COPIED);
    this.insert = names.fill(INSERT);
    this.table = Identifiers.asRegclass(schema, "analytics_trades");
    this.overwrite = names.fill(OVERWRITE);
    this.select = names.fill(SELECT);
    this.removal = new TradeRemoval(schema);
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
    return new HashSet<>(
        bind(handle.createQuery(insert), trades).map((row, context) -> key(row)).list());
  }

  private static <S extends SqlStatement<S>> S bind(S query, Collection<Trade> trades) {
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
    return SqlArrays.bind(
        query, "attributes", "text", trades, trade -> AttributesJson.of(trade.attributes()));
  }

  private boolean copy(Connection connection, Collection<Trade> trades) throws SQLException {
    return BinaryCopy.isWorthIt(connection, trades.size())
        && trades.stream().allMatch(TradeTable::canBeCopied)
        && BinaryCopy.unlessThere(
            connection, () -> BinaryCopy.copy(connection, copied, rows -> write(trades, rows)));
  }

  private static boolean canBeCopied(Trade trade) {
    return Math.abs(trade.epochSecond()) <= LAST_EXACT_SECOND;
  }

  private static void write(Collection<Trade> trades, BinaryCopy rows) throws IOException {
    for (Trade trade : trades) {
      rows.row(13)
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
          .text(trade.transactionId())
          .jsonb(AttributesJson.of(trade.attributes()));
    }
  }

  /**
   * Replaces and removes rows.
   *
   * @param outdated the keys whose rows are replaced or removed
   * @param replacements trades by the key of the row that each replaces; a trade of another key
   *     than that must have no row yet
   * @return the rows that were there before
   */
  public Map<TradeKey, TradeRow> replace(
      Handle handle, SortedSet<TradeKey> outdated, SortedMap<TradeKey, Trade> replacements)
      throws SQLException {
    Map<TradeKey, TradeRow> before = new HashMap<>();
    List<StoredRow> removed = new ArrayList<>();
    for (StoredRow stored : findAll(handle, outdated)) {
      TradeRow row = stored.row();
      before.put(row.key(), row);
      Trade replacement = replacements.get(row.key());
      if (replacement == null || !replacement.key().equals(row.key())) {
        removed.add(stored);
      }
    }
    List<Trade> inPlace = new ArrayList<>();
    List<Trade> moved = new ArrayList<>();
    replacements.forEach((old, trade) -> (trade.key().equals(old) ? inPlace : moved).add(trade));
    removal.remove(handle, removed);
    if (!inPlace.isEmpty()) {
      bind(handle.createUpdate(overwrite), inPlace).execute();
    }
    Set<TradeKey> present = insert(handle, moved);
    if (!present.isEmpty()) {
      throw new IllegalStateException("rows exist at the keys that trades move to: " + present);
    }
    return before;
  }

  // PostgreSQL plans a statement before it takes the statement's snapshot. If another transaction
  // moves rows out of a compressed batch between the two, the plan reads the compressed rows only,
  // and the snapshot has them elsewhere already. The next plan knows both places.
  private List<StoredRow> findAll(Handle handle, SortedSet<TradeKey> keys) {
    List<StoredRow> found = find(handle, keys);
    if (found.size() == keys.size()) {
      return found;
    }
    SortedSet<TradeKey> missing = new TreeSet<>(keys);
    found.forEach(stored -> missing.remove(stored.row().key()));
    List<StoredRow> all = new ArrayList<>(found);
    all.addAll(find(handle, missing));
    return all;
  }

  private List<StoredRow> find(Handle handle, SortedSet<TradeKey> keys) {
    Query query = PlanWithValues.of(handle.createQuery(select));
    SqlArrays.bind(query, "seconds", "bigint", keys, TradeKey::epochSecond);
    return SqlArrays.bind(query, "ids", "text", keys, TradeKey::id)
        .bind("firstSecond", keys.first().epochSecond())
        .bind("lastSecond", keys.last().epochSecond())
        .bind("table", table)
        .map((row, context) -> new StoredRow(row(row), row.getLong(8), row.getBoolean(9)))
        .list();
  }

  private static TradeKey key(ResultSet row) throws SQLException {
    return new TradeKey(row.getLong(1), row.getString(2));
  }

  private static TradeRow row(ResultSet row) throws SQLException {
    boolean isFinite = row.getBoolean(7);
    return new TradeRow(
        key(row),
        row.getLong(3),
        row.getString(4),
        isFinite ? row.getBigDecimal(5) : null,
        isFinite ? row.getBigDecimal(6) : null,
        isFinite);
  }
}
