package io.tradesync.jdbc;

import io.tradesync.InvalidSettingException;
import io.tradesync.KeyRange;
import io.tradesync.SideUnavailableException;
import io.tradesync.Trade;
import io.tradesync.TradeKey;
import io.tradesync.TradesyncException;
import io.tradesync.jdbc.internal.ponder.FingerprintSql;
import io.tradesync.jdbc.internal.ponder.PonderSql;
import io.tradesync.jdbc.internal.ponder.PoolCache;
import io.tradesync.jdbc.internal.ponder.SourceCheck;
import io.tradesync.jdbc.internal.ponder.SourceDatabase;
import io.tradesync.jdbc.internal.sql.Identifiers;
import io.tradesync.jdbc.internal.sql.SqlFailures;
import io.tradesync.spi.FailureKind;
import io.tradesync.spi.KeyFingerprint;
import io.tradesync.spi.SourceDigest;
import io.tradesync.spi.TradeSource;
import java.math.BigDecimal;
import java.nio.charset.CharsetEncoder;
import java.nio.charset.StandardCharsets;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Collection;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import javax.sql.DataSource;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.Query;
import org.jspecify.annotations.Nullable;

/**
 * Ponder's table of trades in PostgreSQL 13 or newer, as a source. It only ever reads: a role with
 * SELECT alone is enough, and a read-only one.
 *
 * <p>Ponder needs its tables for itself at times, and waits for readers; so each request is one
 * short read-only transaction, cut off by the server after {@link Builder#statementTimeout}. The
 * table may be a view. Reading a range is fast with an index on the timestamp alone, which Ponder
 * makes once its backfill is done; without one each request reads the whole table, and a large one
 * is then reported as too slow.
 *
 * <p>The symbol and the decimals of a trade come from Ponder's table of pools, which is read apart
 * and remembered.
 *
 * <p>Takes a {@link DataSource} and opens no pool: give it one that pools, with a connection for
 * each thread that may read at a time. Thread-safe.
 */
public final class PonderTradeSource implements TradeSource {

  /** The schema unless another is named. */
  public static final String DEFAULT_SCHEMA = "public";

  /** The table of trades unless another is named. */
  public static final String DEFAULT_TABLE = "order_book_trades";

  /** The table of pools unless another is named. */
  public static final String DEFAULT_POOLS_TABLE = "pools";

  /** How long one statement may take unless set otherwise. */
  public static final Duration DEFAULT_STATEMENT_TIMEOUT = Duration.ofSeconds(5);

  /** How long a pool is remembered unless set otherwise. */
  public static final Duration DEFAULT_POOL_CACHE_LIFETIME = Duration.ofMinutes(10);

  /** A trade that lacks only what its pool says. */
  private final SourceDatabase database;

  private final PonderSql sql;
  private final @Nullable PoolCache pools;

  private final boolean checkpoint;

  private PonderTradeSource(Builder builder) {
    this.checkpoint = builder.checkpoint;
    this.database = new SourceDatabase(builder.dataSource, builder.statementTimeout);
    this.sql = new PonderSql(builder.schema, builder.table, builder.columns, builder.extraColumns);
    this.pools =
        builder.poolsTable == null
            ? null
            : new PoolCache(
                database,
                Identifiers.quote(builder.schema, builder.poolsTable),
                builder.poolCacheLifetime,
                System::nanoTime);
  }

  /**
   * Starts a source on a database.
   *
   * @param dataSource the database that Ponder writes to
   * @return a builder
   */
  public static Builder builder(DataSource dataSource) {
    return new Builder(dataSource);
  }

  /**
   * Checks that the server can be reached and is new enough, that its encoding is UTF8, that the
   * schema, the table and its columns are there, are of the right types and may be read. Warns once
   * where a large table has no index on the timestamp, and where the pools cannot be read.
   *
   * @throws InvalidSettingException if a setting is wrong; names it
   * @throws io.tradesync.SideUnavailableException if the server cannot be reached or refuses the
   *     user
   */
  @Override
  public void prepare() {
    new SourceCheck(database, sql).run();
    if (pools != null) {
      pools.prepare();
    }
  }

  @Override
  public void probe() {
    database.read(handle -> handle.createQuery(sql.probe()).mapTo(Integer.class).findOne());
  }

  @Override
  public Optional<FailureKind> classify(Throwable failure) {
    return SqlFailures.classify(failure);
  }

  @Override
  public List<Trade> page(KeyRange range, int limit) {
    if (range.isEmpty()) {
      return List.of();
    }
    return trades(handle -> bind(handle.createQuery(sql.page()), range).bind("limit", limit));
  }

  @Override
  public List<Trade> page(List<KeyRange> ranges, int limit) {
    List<KeyRange> wanted = ranges.stream().filter(range -> !range.isEmpty()).toList();
    if (wanted.isEmpty()) {
      return List.of();
    }
    if (wanted.size() == 1) {
      return page(wanted.get(0), limit);
    }
    return trades(
        handle -> bind(handle.createQuery(sql.pageOfRanges()), wanted).bind("limit", limit));
  }

  @Override
  public List<Trade> byIds(Collection<String> ids) {
    CharsetEncoder encoder = StandardCharsets.UTF_8.newEncoder();
    List<String> possible =
        ids.stream().filter(id -> id.indexOf('\0') < 0 && encoder.canEncode(id)).toList();
    if (possible.isEmpty()) {
      return List.of();
    }
    return trades(
        handle -> handle.createQuery(sql.byIds()).bindArray("ids", String.class, possible));
  }

  private List<Trade> trades(Function<Handle, Query> query) {
    return withPools(
        database.read(handle -> query.apply(handle).map((row, context) -> row(row)).list()));
  }

  @Override
  public Optional<TradeKey> first(KeyRange range) {
    return key(sql.first(), range);
  }

  @Override
  public Optional<TradeKey> last(KeyRange range) {
    return key(sql.last(), range);
  }

  private Optional<TradeKey> key(String statement, KeyRange range) {
    if (range.isEmpty()) {
      return Optional.empty();
    }
    return database.read(
        handle ->
            bind(handle.createQuery(statement), range)
                .map((row, context) -> new TradeKey(row.getLong(1), row.getString(2)))
                .findOne());
  }

  @Override
  public long count(KeyRange range) {
    if (range.isEmpty()) {
      return 0;
    }
    return database.read(
        handle -> bind(handle.createQuery(sql.count()), range).mapTo(Long.class).one());
  }

  @Override
  public List<SourceDigest> digests(KeyRange range, long bucketSeconds) {
    if (range.isEmpty()) {
      return List.of();
    }
    List<SourceDigest> digests =
        database.read(
            handle ->
                bind(hashing(handle, sql.digests()), range)
                    .bind("start", range.after().epochSecond())
                    .bind("width", bucketSeconds)
                    .map((row, context) -> digest(row))
                    .list());
    return digests.stream().sorted(Comparator.comparingLong(SourceDigest::bucket)).toList();
  }

  @Override
  public List<SourceDigest> digests(List<KeyRange> ranges) {
    if (ranges.isEmpty()) {
      return List.of();
    }
    return database.read(
        handle ->
            bind(hashing(handle, sql.digestsOfRanges()), ranges)
                .map((row, context) -> digest(row))
                .list());
  }

  @Override
  public List<KeyFingerprint> keys(List<KeyRange> ranges, int limit) {
    List<KeyRange> wanted = ranges.stream().filter(range -> !range.isEmpty()).toList();
    if (wanted.isEmpty()) {
      return List.of();
    }
    return database.read(
        handle ->
            bind(hashing(handle, sql.keys()), wanted)
                .bind("limit", limit)
                .map(
                    (row, context) ->
                        new KeyFingerprint(
                            new TradeKey(row.getLong(1), row.getString(2)), row.getLong(3)))
                .list());
  }

  private Query hashing(Handle handle, String statement) {
    return handle
        .createQuery(statement)
        .bind("table", sql.tableName())
        .bind("price", sql.columns().get(PonderColumn.PRICE))
        .bind("quantity", sql.columns().get(PonderColumn.QUANTITY));
  }

  private static Query bind(Query query, List<KeyRange> ranges) {
    return query
        .bindArray("after", Long.class, list(ranges, range -> range.after().epochSecond()))
        .bindArray("afterId", String.class, list(ranges, range -> range.after().id()))
        .bindArray("upTo", Long.class, list(ranges, range -> range.upTo().epochSecond()))
        .bindArray("upToId", String.class, list(ranges, range -> range.upTo().id()));
  }

  private static <T> List<T> list(List<KeyRange> ranges, Function<KeyRange, T> part) {
    return ranges.stream().map(part).toList();
  }

  @Override
  public long countWithoutKey() {
    return database.read(
        handle -> handle.createQuery(sql.countWithoutKey()).mapTo(Long.class).one());
  }

  /**
   * Asks Ponder's finalized checkpoint, the earliest one of all chains, where {@code
   * _ponder_checkpoint} and {@code _ponder_meta} in the schema may be read (Ponder 0.16). While
   * Ponder is not ready, in a backfill or a crash recovery, nothing counts as final.
   */
  @Override
  public Optional<Long> finalizedThrough() {
    if (!checkpoint) {
      return Optional.empty();
    }
    try {
      boolean granted =
          database.read(
              handle ->
                  handle
                      .createQuery(sql.mayReadCheckpoint())
                      .bindArray("names", String.class, sql.checkpointTables())
                      .mapTo(Boolean.class)
                      .one());
      return granted ? Optional.of(readFinalizedThrough()) : Optional.empty();
    } catch (SideUnavailableException e) {
      if (SourceDatabase.isMissing(e)) {
        return Optional.empty();
      }
      throw e;
    }
  }

  private long readFinalizedThrough() {
    return database.read(
        handle ->
            handle
                .createQuery(sql.finalizedBefore())
                .map((row, context) -> Optional.ofNullable(row.getObject(1, Long.class)))
                .one()
                .map(before -> before - 1)
                .orElse(Long.MIN_VALUE));
  }

  public static Query bind(Query query, KeyRange range) {
    return query
        .bind("after", range.after().epochSecond())
        .bind("afterId", range.after().id())
        .bind("upTo", range.upTo().epochSecond())
        .bind("upToId", range.upTo().id());
  }

  @Override
  public List<Trade> withPools(List<Trade> trades) {
    if (pools == null) {
      return trades;
    }
    Map<PoolCache.Address, PoolCache.Pool> found =
        pools.find(trades.stream().map(PonderTradeSource::pool).collect(Collectors.toSet()));
    return trades.stream()
        .map(
            trade -> {
              PoolCache.Pool pool = found.getOrDefault(pool(trade), PoolCache.Pool.UNKNOWN);
              return trade.withPool(pool.symbol(), pool.baseDecimals(), pool.quoteDecimals());
            })
        .toList();
  }

  private static PoolCache.Address pool(Trade trade) {
    return new PoolCache.Address(trade.chainId(), trade.poolId());
  }

  private Trade row(ResultSet row) throws SQLException {
    String id = row.getString(1);
    long chainId = row.getLong(3);
    if (row.wasNull()) {
      throw unusable(PonderColumn.CHAIN_ID, id, "null");
    }
    String poolId = row.getString(8);
    if (poolId == null) {
      throw unusable(PonderColumn.POOL_ID, id, "null");
    }
    Trade.Builder trade =
        Trade.builder(id, row.getLong(2), chainId, poolId)
            .price(number(PonderColumn.PRICE, id, row.getString(4)))
            .quantity(number(PonderColumn.QUANTITY, id, row.getString(5)))
            .transactionId(row.getString(6))
            .side(row.getString(7));
    int next = 9;
    for (String column : sql.extraColumns()) {
      trade.attribute(column, row.getString(next++));
    }
    return trade.build();
  }

  // numeric can also be NaN and, from PostgreSQL 14 on, infinite.
  private @Nullable BigDecimal number(PonderColumn column, String id, @Nullable String text) {
    if (text == null) {
      return null;
    }
    char last = text.charAt(text.length() - 1);
    if (last < '0' || last > '9') {
      throw unusable(column, id, text);
    }
    return new BigDecimal(text);
  }

  private TradesyncException unusable(PonderColumn column, String id, String value) {
    return new TradesyncException(
        "column %s of trade %s in %s is %s, which no trade can hold; correct it at the source"
            .formatted(sql.columns().get(column), id, sql.qualifiedTable(), value));
  }

  private static SourceDigest digest(ResultSet row) throws SQLException {
    return new SourceDigest(row.getLong(1), row.getLong(2), FingerprintSql.sum(row, 3));
  }

  /** Collects the settings of a source. Not thread-safe; can be reused after {@link #build()}. */
  public static final class Builder {

    private static final int LONGEST_IDENTIFIER_BYTES = 63;
    private static final Duration SHORTEST_TIMEOUT = Duration.ofMillis(1);
    private static final Duration LONGEST_TIMEOUT = Duration.ofHours(1);

    private final DataSource dataSource;
    private final Map<PonderColumn, String> columns = new EnumMap<>(PonderColumn.class);
    private String schema = DEFAULT_SCHEMA;
    private String table = DEFAULT_TABLE;
    private @Nullable String poolsTable = DEFAULT_POOLS_TABLE;
    private List<String> extraColumns = List.of();
    private Duration statementTimeout = DEFAULT_STATEMENT_TIMEOUT;
    private Duration poolCacheLifetime = DEFAULT_POOL_CACHE_LIFETIME;
    private boolean checkpoint = true;

    private Builder(DataSource dataSource) {
      this.dataSource = Objects.requireNonNull(dataSource, "dataSource");
      for (PonderColumn column : PonderColumn.values()) {
        columns.put(column, column.defaultName());
      }
    }

    /**
     * Sets the schema of the tables; Ponder gives each deployment one, or a schema of views.
     *
     * @param schema the schema's name, in its own case
     * @return this builder
     */
    public Builder schema(String schema) {
      this.schema = schema;
      return this;
    }

    /**
     * Sets the table of trades.
     *
     * @param table the name of a table or view, in its own case
     * @return this builder
     */
    public Builder table(String table) {
      this.table = table;
      return this;
    }

    /**
     * Renames a column of the table of trades.
     *
     * @param column which column
     * @param name its name, in its own case
     * @return this builder
     */
    public Builder column(PonderColumn column, String name) {
      columns.put(column, name);
      return this;
    }

    /**
     * Adds columns of the user's own: their values travel as {@link Trade#attributes()}, as text
     * and in this order, and are part of a trade's fingerprint. To change them later makes every
     * trade count as changed.
     *
     * @param names the columns' names, in their own case; in place of those set before
     * @return this builder
     */
    public Builder extraColumns(String... names) {
      this.extraColumns = List.of(names);
      return this;
    }

    /**
     * Sets the table of pools, in the same schema, with the columns {@code id, chain_id,
     * order_book, coin, base_decimals, quote_decimals}. Where it is not there or may not be read,
     * trades have no symbol and no scaled volume.
     *
     * @param table the name of a table or view, in its own case
     * @return this builder
     */
    public Builder poolsTable(String table) {
      this.poolsTable = Objects.requireNonNull(table, "poolsTable");
      return this;
    }

    /**
     * Does without symbols and decimals: no table of pools is read.
     *
     * @return this builder
     */
    public Builder withoutPools() {
      this.poolsTable = null;
      return this;
    }

    /**
     * Sets how long a statement may take, and wait for a lock, until the server cuts it off.
     *
     * @param timeout a millisecond to an hour
     * @return this builder
     */
    public Builder statementTimeout(Duration timeout) {
      this.statementTimeout = timeout;
      return this;
    }

    /**
     * Sets how long a pool is remembered, and that a pool is not known.
     *
     * @param lifetime zero to ask for each page anew, or longer
     * @return this builder
     */
    public Builder poolCacheLifetime(Duration lifetime) {
      this.poolCacheLifetime = lifetime;
      return this;
    }

    /**
     * Sets whether Ponder's finalized checkpoint is asked where it may be read. Without it trades
     * are final by their age; that is right where the timestamp is not the block's.
     *
     * @param value true by default
     * @return this builder
     */
    public Builder checkpoint(boolean value) {
      this.checkpoint = value;
      return this;
    }

    /**
     * Makes the source. Nothing is connected to yet.
     *
     * @return a new source
     * @throws InvalidSettingException if a setting cannot be used; names it
     */
    public PonderTradeSource build() {
      checkIdentifier("schema", schema);
      checkIdentifier("table", table);
      if (poolsTable != null) {
        checkIdentifier("poolsTable", poolsTable);
      }
      columns.forEach((column, name) -> checkIdentifier("column " + column.defaultName(), name));
      extraColumns.forEach(name -> checkIdentifier("extraColumns", name));
      if (new HashSet<>(extraColumns).size() < extraColumns.size()) {
        throw new InvalidSettingException("extraColumns", extraColumns, "must not repeat a column");
      }
      if (statementTimeout.compareTo(SHORTEST_TIMEOUT) < 0
          || statementTimeout.compareTo(LONGEST_TIMEOUT) > 0) {
        throw new InvalidSettingException(
            "statementTimeout", statementTimeout, "must be a millisecond to an hour");
      }
      if (poolCacheLifetime.isNegative()) {
        throw new InvalidSettingException(
            "poolCacheLifetime", poolCacheLifetime, "must not be negative");
      }
      return new PonderTradeSource(this);
    }

    // The server cuts a longer name off, and would then find another column or none.
    private static void checkIdentifier(String setting, @Nullable String name) {
      if (name == null || name.isBlank() || name.indexOf('\0') >= 0) {
        throw new InvalidSettingException(setting, name, "must be a name");
      }
      if (name.getBytes(StandardCharsets.UTF_8).length > LONGEST_IDENTIFIER_BYTES) {
        throw new InvalidSettingException(
            setting, name, "must have at most " + LONGEST_IDENTIFIER_BYTES + " bytes");
      }
    }
  }
}
