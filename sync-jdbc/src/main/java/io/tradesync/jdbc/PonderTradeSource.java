package io.tradesync.jdbc;

import io.tradesync.InvalidSettingException;
import io.tradesync.KeyRange;
import io.tradesync.Trade;
import io.tradesync.TradeKey;
import io.tradesync.TradeSelection;
import io.tradesync.jdbc.internal.ponder.DigestReader;
import io.tradesync.jdbc.internal.ponder.FinalizedCheckpoint;
import io.tradesync.jdbc.internal.ponder.KeyReader;
import io.tradesync.jdbc.internal.ponder.PonderTable;
import io.tradesync.jdbc.internal.ponder.PoolCache;
import io.tradesync.jdbc.internal.ponder.RowsRead;
import io.tradesync.jdbc.internal.ponder.SourceCheck;
import io.tradesync.jdbc.internal.ponder.SourceDatabase;
import io.tradesync.jdbc.internal.ponder.SourceSettings;
import io.tradesync.jdbc.internal.ponder.TradeReader;
import io.tradesync.jdbc.internal.sql.SqlFailures;
import io.tradesync.spi.FailureKind;
import io.tradesync.spi.Finality;
import io.tradesync.spi.KeyFingerprint;
import io.tradesync.spi.OutsideRow;
import io.tradesync.spi.SourceDigest;
import io.tradesync.spi.SourcePage;
import io.tradesync.spi.TradeSource;
import java.time.Duration;
import java.util.Collection;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * Reads trades from Ponder's tables in PostgreSQL 13 or newer. A role that may only SELECT is
 * enough.
 *
 * <p>Ponder sometimes needs exclusive locks on its tables, and waits for readers. So each request
 * is one short read-only transaction, which PostgreSQL cuts off after {@link
 * Builder#statementTimeout}. The table may be a view. An index on the timestamp alone makes reading
 * a range fast; Ponder creates it when its backfill is done. Without the index each request reads
 * the whole table, and a large table is reported as too slow.
 *
 * <p>The symbol and the decimals of a trade come from Ponder's table of pools. The source reads it
 * separately and remembers the pools.
 *
 * <p>The source takes a {@link DataSource} and creates no pool of connections: give it one that
 * pools, with a connection for each thread that reads at a time. Thread-safe.
 */
public final class PonderTradeSource implements TradeSource {

  /** The schema, unless set. */
  public static final String DEFAULT_SCHEMA = "public";

  /** The table of trades, unless set. */
  public static final String DEFAULT_TABLE = "order_book_trades";

  /** The table of pools, unless set. */
  public static final String DEFAULT_POOLS_TABLE = "pools";

  /** How long a statement may take, unless set. */
  public static final Duration DEFAULT_STATEMENT_TIMEOUT = Duration.ofSeconds(5);

  /** How long a pool is remembered, unless set. */
  public static final Duration DEFAULT_POOL_CACHE_LIFETIME = Duration.ofMinutes(10);

  private final SourceDatabase database;
  private final PonderTable table;
  private final TradeReader trades;
  private final DigestReader digests;
  private final KeyReader keys;
  private final @Nullable PoolCache pools;
  private final @Nullable FinalizedCheckpoint checkpoint;

  private PonderTradeSource(
      SourceDatabase database,
      PonderTable table,
      @Nullable PoolCache pools,
      @Nullable FinalizedCheckpoint checkpoint) {
    this.database = database;
    this.table = table;
    this.trades = new TradeReader(database, table);
    this.digests = new DigestReader(database, table);
    this.keys = new KeyReader(database, table);
    this.pools = pools;
    this.checkpoint = checkpoint;
  }

  private static PonderTradeSource of(DataSource dataSource, SourceSettings settings) {
    SourceDatabase database = new SourceDatabase(dataSource, settings.statementTimeout());
    PoolCache pools =
        settings.poolsTable() == null
            ? null
            : new PoolCache(
                database,
                settings.schema(),
                settings.poolsTable(),
                settings.poolCacheLifetime(),
                System::nanoTime);
    FinalizedCheckpoint checkpoint =
        settings.checkpoint() ? new FinalizedCheckpoint(database, settings.schema()) : null;
    return new PonderTradeSource(database, settings.tradesTable(), pools, checkpoint);
  }

  /**
   * Starts a source's settings.
   *
   * @param dataSource the database that Ponder writes to
   */
  public static Builder builder(DataSource dataSource) {
    return new Builder(dataSource);
  }

  /**
   * Checks that the server can be reached, is new enough and has the encoding UTF8, and that the
   * schema, the table and its columns exist, have the right types and may be read. Logs a warning
   * if a large table has no index on the timestamp, or if the pools cannot be read.
   *
   * @throws InvalidSettingException if a setting is wrong; names it
   * @throws io.tradesync.SideUnavailableException if the server cannot be reached or refuses the
   *     user
   */
  @Override
  public void prepare() {
    new SourceCheck(database, table).run();
    if (pools != null) {
      pools.prepare();
    }
  }

  /** The extra columns. */
  @Override
  public Optional<List<String>> attributeNames() {
    return Optional.of(table.extraColumns());
  }

  @Override
  public void probe() {
    keys.probe();
  }

  @Override
  public Optional<FailureKind> classify(Throwable failure) {
    return SqlFailures.classify(failure);
  }

  @Override
  public SourcePage<Trade> page(KeyRange range, int limit) {
    return page(List.of(range), limit);
  }

  @Override
  public SourcePage<Trade> page(List<KeyRange> ranges, int limit) {
    List<KeyRange> wanted = withKeys(ranges);
    return switch (wanted.size()) {
      case 0 -> SourcePage.last(List.of());
      case 1 -> withPools(trades.page(wanted.get(0), limit + 1L)).cut(limit);
      default -> withPools(trades.page(wanted, limit + 1L)).cut(limit);
    };
  }

  @Override
  public SourcePage<Trade> byIds(Collection<String> ids) {
    Set<String> outsideKeyOrder = new HashSet<>();
    RowsRead<Trade> rows = withPools(trades.byIds(ids, outsideKeyOrder));
    return rows.isEndedBySize()
        ? SourcePage.notLast(rows.trades(), rows.unreadable())
        : SourcePage.last(rows.trades(), rows.unreadable()).withIdsOutsideKeyOrder(outsideKeyOrder);
  }

  private RowsRead<Trade> withPools(RowsRead<Trade> rows) {
    return rows.with(withPools(rows.trades()));
  }

  @Override
  public Optional<TradeKey> first(KeyRange range) {
    return withKeys(List.of(range)).stream().findFirst().flatMap(keys::first);
  }

  @Override
  public Optional<TradeKey> last(KeyRange range) {
    return withKeys(List.of(range)).stream().findFirst().flatMap(keys::last);
  }

  @Override
  public long count(KeyRange range) {
    return withKeys(List.of(range)).stream().mapToLong(keys::count).sum();
  }

  @Override
  public long countWithoutKey() {
    return keys.countWithoutKey();
  }

  @Override
  public List<OutsideRow> outsideKeyOrder(int limit) {
    return keys.outside(limit);
  }

  @Override
  public List<SourceDigest> digests(KeyRange range, long bucketSeconds) {
    return digests.digests(range, bucketSeconds);
  }

  @Override
  public List<SourceDigest> digests(List<KeyRange> ranges) {
    return ranges.isEmpty() ? List.of() : digests.digests(ranges);
  }

  @Override
  public SourcePage<KeyFingerprint> keys(List<KeyRange> ranges, int limit) {
    List<KeyRange> wanted = withKeys(ranges);
    return wanted.isEmpty()
        ? SourcePage.last(List.of())
        : digests.keys(wanted, limit + 1L).cut(limit);
  }

  private static List<KeyRange> withKeys(List<KeyRange> ranges) {
    return ranges.stream()
        .map(range -> range.intersect(PonderTable.KEYS))
        .filter(range -> !range.isEmpty())
        .toList();
  }

  /**
   * Reads Ponder's finalized checkpoint, the earliest one of all chains, if {@code
   * _ponder_checkpoint} and {@code _ponder_meta} in the schema may be read (Ponder 0.16). While
   * Ponder is not ready, in a backfill or a crash recovery, nothing counts as final.
   */
  @Override
  public Optional<Finality> finality() {
    return checkpoint == null ? Optional.empty() : checkpoint.finality();
  }

  /**
   * {@inheritDoc}
   *
   * <p>PostgreSQL finds the rows. An index that leads with the pool, and has the timestamp after
   * it, makes that fast, such as Ponder's {@code (pool_id, chain_id, timestamp)} if chains and
   * pools are both named. With an index on the timestamp alone PostgreSQL reads the rows of all
   * pools. A row whose chain or pool is null, or no number, belongs to no chain or pool that is
   * named.
   */
  @Override
  public PonderTradeSource only(TradeSelection selection) {
    return selection.isAll()
        ? this
        : new PonderTradeSource(database, table.only(selection), pools, checkpoint);
  }

  @Override
  public List<Trade> withPools(List<Trade> trades) {
    return pools == null ? trades : pools.addTo(trades);
  }

  /** Collects the settings of a source. Not thread-safe; can be reused after {@link #build()}. */
  public static final class Builder {

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
     * Sets the schema of the tables: that of a deployment of Ponder, or a schema of views.
     *
     * @param schema the schema's name, in its own case
     */
    public Builder schema(String schema) {
      this.schema = schema;
      return this;
    }

    /**
     * Sets the table of trades.
     *
     * @param table the name of a table or view, in its own case
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
     */
    public Builder column(PonderColumn column, String name) {
      columns.put(column, name);
      return this;
    }

    /**
     * Sets the further columns to read. Their values become {@link Trade#attributes()}, as text and
     * in this order, and are part of a trade's fingerprint. The log records the names: an engine
     * with other ones, or in another order, is refused.
     *
     * @param names the columns' names, in their own case; replaces those set before
     */
    public Builder extraColumns(String... names) {
      this.extraColumns = List.of(names);
      return this;
    }

    /**
     * Sets the table of pools, in the same schema, with the columns {@code id, chain_id,
     * order_book, coin, base_decimals, quote_decimals}. If it is absent or may not be read, trades
     * have no symbol and no scaled volume.
     *
     * @param table the name of a table or view, in its own case
     */
    public Builder poolsTable(String table) {
      this.poolsTable = Objects.requireNonNull(table, "poolsTable");
      return this;
    }

    /** Reads no table of pools: trades have no symbol and no scaled volume. */
    public Builder withoutPools() {
      this.poolsTable = null;
      return this;
    }

    /**
     * Sets how long a statement may take, and may wait for a lock, until PostgreSQL cuts it off.
     *
     * @param timeout a millisecond to an hour
     */
    public Builder statementTimeout(Duration timeout) {
      this.statementTimeout = timeout;
      return this;
    }

    /**
     * Sets how long the source remembers a pool, and that a pool is absent.
     *
     * @param lifetime zero to read the pools with each page, or longer
     */
    public Builder poolCacheLifetime(Duration lifetime) {
      this.poolCacheLifetime = lifetime;
      return this;
    }

    /**
     * Sets whether the source reads Ponder's finalized checkpoint if it may. Without it trades are
     * final by their age; choose this if the timestamp is not the block's.
     *
     * @param value true by default
     */
    public Builder checkpoint(boolean value) {
      this.checkpoint = value;
      return this;
    }

    /**
     * Creates the source; connects to nothing yet.
     *
     * @throws InvalidSettingException if a setting cannot be used; names it
     */
    public PonderTradeSource build() {
      return PonderTradeSource.of(
          dataSource,
          new SourceSettings(
              schema,
              table,
              columns,
              extraColumns,
              poolsTable,
              statementTimeout,
              poolCacheLifetime,
              checkpoint));
    }
  }
}
