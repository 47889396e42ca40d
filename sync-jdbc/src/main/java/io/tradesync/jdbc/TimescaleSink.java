package io.tradesync.jdbc;

import io.tradesync.InvalidSettingException;
import io.tradesync.Trade;
import io.tradesync.TradeKey;
import io.tradesync.jdbc.internal.sink.CandleStore;
import io.tradesync.jdbc.internal.sink.HypertableSettings;
import io.tradesync.jdbc.internal.sink.SinkOwner;
import io.tradesync.jdbc.internal.sink.StoredRows;
import io.tradesync.jdbc.internal.sink.TouchedCandles;
import io.tradesync.jdbc.internal.sink.TradeHypertable;
import io.tradesync.jdbc.internal.sink.TradeRetention;
import io.tradesync.jdbc.internal.sink.TradeRow;
import io.tradesync.jdbc.internal.sink.TradeTable;
import io.tradesync.jdbc.internal.sql.JoinedTransactions;
import io.tradesync.jdbc.internal.sql.Migrations;
import io.tradesync.jdbc.internal.sql.SqlFailures;
import io.tradesync.jdbc.internal.sql.StoreDatabase;
import io.tradesync.spi.FailureKind;
import io.tradesync.spi.Retention;
import io.tradesync.spi.SinkCapability;
import io.tradesync.spi.SinkDigests;
import io.tradesync.spi.TradeBatch;
import io.tradesync.spi.TradeChange;
import io.tradesync.spi.TransactionalSink;
import io.tradesync.spi.WorkAfterCommit;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/**
 * Writes trades to {@code analytics_trades} and their candles to {@code trade_candles}, in the
 * transaction of a {@link PostgresSyncLog}. The database is TimescaleDB, where the trades are a
 * hypertable, or plain PostgreSQL.
 *
 * <p>A trade's {@code volume} is price times quantity, exactly; {@code scaled_volume} is the same
 * in units of the quote currency, if the pool's decimals are known. A candle's {@code volume} is
 * the sum of the quantities and its {@code quote_volume} the sum of price times quantity, in the
 * source's units. A trade without price or quantity has a row and counts in no candle.
 *
 * <p>A candle changes by the difference between the rows of trades before and after the batch,
 * taken under lock in the same transaction. So a trade counts once however often it is written. The
 * trades with the smallest and the largest key give open and close, whatever the order of arrival.
 * A change costs the same however many trades the candle has. Only if a trade that is replaced or
 * retracted was the open, close, high or low, its candles are recomputed: those of the shortest
 * length from their trades, the longer ones from the shorter ones. A force recomputes every candle
 * that it touches, and leaves rows as they are that equal their trades in every column. A candle
 * that lost trades to a retention policy is never recomputed from trades; a log line says so.
 *
 * <p>The tables belong to one service. Thread-safe.
 */
public final class TimescaleSink implements TransactionalSink<Connection> {

  private final String schema;
  private final boolean migrate;
  private final List<Integer> bucketSeconds;
  private final String identity;
  private final TradeTable trades;
  private final StoredRows storedRows;
  private final CandleStore candles;
  private final TradeRetention tradeRetention;
  private final TradeHypertable hypertable;

  private TimescaleSink(Builder builder) {
    this.schema = builder.schema;
    this.migrate = builder.migrate;
    this.bucketSeconds = builder.bucketSeconds;
    this.identity = identity(builder);
    this.trades = new TradeTable(schema);
    this.storedRows = new StoredRows(schema);
    this.candles = new CandleStore(schema, bucketSeconds, builder.candles, builder.refresh);
    this.tradeRetention = new TradeRetention(schema, Optional.ofNullable(builder.retainFor));
    this.hypertable =
        new TradeHypertable(
            schema,
            new HypertableSettings(
                builder.turnIntoHypertable,
                Optional.ofNullable(builder.chunkInterval),
                Optional.ofNullable(builder.compressAfter),
                Optional.ofNullable(builder.retainFor)));
  }

  private static String identity(Builder builder) {
    return "TimescaleSink, schema "
        + builder.schema
        + ", candles of "
        + builder.bucketSeconds
        + " s as "
        + builder.candles
        + ", refresh "
        + builder.refresh
        + ", trades kept for "
        + (builder.retainFor == null ? "ever" : builder.retainFor);
  }

  /** Starts a sink's settings. */
  public static Builder builder() {
    return new Builder();
  }

  @Override
  public Class<Connection> transactionType() {
    return Connection.class;
  }

  @Override
  public Set<SinkCapability> capabilities() {
    return EnumSet.allOf(SinkCapability.class);
  }

  @Override
  public String identity() {
    return identity;
  }

  @Override
  public boolean usesRevisions() {
    return false;
  }

  @Override
  public Optional<FailureKind> classify(Throwable failure) {
    return failure instanceof InvalidSettingException
        ? Optional.of(FailureKind.SETTING)
        : SqlFailures.classify(failure);
  }

  /**
   * Creates the tables that are missing, and records the service as their owner and the lengths of
   * the candles. The next run computes the candles of a length that was not kept before. If other
   * lengths are recorded later, by another process, this sink writes nothing more. Brings the chunk
   * interval and the policies of the hypertable in step with the settings.
   *
   * @throws InvalidSettingException if the tables belong to another service, or the schema cannot
   *     be used
   */
  @Override
  public void prepare(String service, Connection transaction) throws SQLException {
    try {
      if (migrate) {
        Migrations.ANALYTICS.apply(transaction, schema);
      }
      JoinedTransactions.join(
          transaction,
          handle -> {
            new SinkOwner(schema).take(handle, service);
            candles.prepare(handle);
            hypertable.keepInStep(handle);
            // Before a policy of this transaction can drop a chunk.
            tradeRetention.update(handle, Optional.empty());
            candles.prepareAggregates(handle);
            return service;
          });
    } catch (SQLException e) {
      throw StoreDatabase.unusable("sink schema", schema, e);
    }
  }

  @Override
  public void write(TradeBatch batch, Connection transaction) throws SQLException {
    JoinedTransactions.join(
        transaction,
        handle -> {
          TouchedCandles touched = write(handle, batch);
          candles.apply(handle, touched, batch);
          return touched;
        });
  }

  /** Writes the trades of a batch; returns the candles that have to change. */
  private TouchedCandles write(Handle handle, TradeBatch batch) throws SQLException {
    List<Trade> inserts = new ArrayList<>();
    SortedMap<TradeKey, Trade> replacements = new TreeMap<>();
    SortedSet<TradeKey> outdated = new TreeSet<>();
    for (TradeChange change : batch.changes()) {
      if (change instanceof TradeChange.Insert insert) {
        inserts.add(insert.trade());
      } else if (change instanceof TradeChange.Replace replace) {
        outdated.add(replace.oldKey());
        replacements.put(replace.oldKey(), replace.trade());
      } else {
        outdated.add(change.key());
      }
    }
    TouchedCandles touched = candles.touched();
    Set<TradeKey> present = trades.insert(handle, inserts);
    for (Trade trade : inserts) {
      if (present.contains(trade.key())) {
        outdated.add(trade.key());
        replacements.put(trade.key(), trade);
      } else {
        touched.add(trade);
      }
    }
    if (batch.forced()) {
      inserts.forEach(touched::recomputeLater);
      replacements.values().forEach(touched::recomputeLater);
      Set<TradeKey> unchanged = storedRows.equal(handle, replacements);
      outdated.removeAll(unchanged);
      replacements.keySet().removeAll(unchanged);
    }
    if (!outdated.isEmpty()) {
      replace(handle, outdated, replacements, touched);
    }
    return touched;
  }

  private void replace(
      Handle handle,
      SortedSet<TradeKey> outdated,
      SortedMap<TradeKey, Trade> replacements,
      TouchedCandles touched)
      throws SQLException {
    Map<TradeKey, TradeRow> before = trades.replace(handle, outdated, replacements);
    replacements.forEach(
        (oldKey, trade) -> {
          TradeRow old = before.remove(oldKey);
          if (old == null) {
            // The log counts this trade, but without its row nobody knows with which numbers.
            touched.recompute(trade);
          } else if (!old.equals(TradeRow.of(trade))) {
            touched.replace(old, trade);
          }
        });
    before.values().forEach(touched::remove);
  }

  /**
   * Offers digests of the rows of trades and of candles, computed by PostgreSQL; none if the names
   * of the attributes are not known, since a row does not hold their order.
   */
  @Override
  public Optional<SinkDigests<Connection>> digests(Optional<List<String>> attributeNames) {
    return attributeNames.map(candles::digests);
  }

  /**
   * Finds how far back the trades are kept: by {@link Builder#retainFor}, else by the hypertable's
   * retention policy, and above chunks that were dropped by hand.
   */
  @Override
  public Retention retention(Optional<TradeKey> oldestProcessed, Connection transaction)
      throws SQLException {
    return JoinedTransactions.join(
        transaction, handle -> tradeRetention.update(handle, oldestProcessed));
  }

  /**
   * Recomputes some of the candles that a force touched, or whose length was not kept before, the
   * shortest first. A call takes about a quarter of a second.
   */
  @Override
  public boolean completeDeferred(Connection transaction) throws SQLException {
    return JoinedTransactions.join(transaction, candles::recomputeNext);
  }

  /**
   * Counts the candles that {@link #completeDeferred} still has to recompute, and the spans of time
   * whose continuous aggregates are still to be refreshed.
   */
  @Override
  public long countDeferred(Connection transaction) throws SQLException {
    return JoinedTransactions.join(transaction, candles::countDeferred);
  }

  /** Refreshes continuous aggregates, if there are any; a call takes about a second. */
  @Override
  public Optional<WorkAfterCommit<Connection>> workAfterCommit() {
    return candles.workAfterCommit();
  }

  /** Collects a sink's settings. Not thread-safe; can be reused. */
  public static final class Builder {

    /** The schema, unless set. */
    public static final String DEFAULT_SCHEMA = "public";

    /** The lengths of the candles, unless set: 1, 5 and 15 minutes, 1 hour and 1 day. */
    public static final List<Integer> DEFAULT_BUCKET_SECONDS = List.of(60, 300, 900, 3_600, 86_400);

    private static final Duration MIN_PERIOD = Duration.ofHours(1);

    private String schema = DEFAULT_SCHEMA;
    private boolean migrate = true;
    private List<Integer> bucketSeconds = DEFAULT_BUCKET_SECONDS;
    private @Nullable Duration retainFor;
    private @Nullable Duration compressAfter;
    private @Nullable Duration chunkInterval;
    private boolean turnIntoHypertable;
    private CandleStorage candles = CandleStorage.TABLE;
    private List<String> refresh = List.of();

    private Builder() {}

    /**
     * Sets the schema of the tables; it is created if absent.
     *
     * @param value a name, unquoted; {@link #DEFAULT_SCHEMA} by default
     * @throws InvalidSettingException if the name is empty
     */
    public Builder schema(String value) {
      this.schema = PostgresSyncLog.Builder.notBlank("schema", value);
      return this;
    }

    /**
     * Sets whether the sink creates missing tables when an engine is built. Without this they must
     * exist: the statements are files in this jar, under {@code
     * io/tradesync/jdbc/migrations/analytics}.
     *
     * @param value true by default
     */
    public Builder migrate(boolean value) {
      this.migrate = value;
      return this;
    }

    /**
     * Sets the lengths of the candles. A candle begins at a multiple of its length since
     * 1970-01-01T00:00:00Z.
     *
     * @param values lengths in seconds, each at least 1 and named once; {@link
     *     #DEFAULT_BUCKET_SECONDS} by default
     * @throws InvalidSettingException if a length is below 1 or named twice
     */
    public Builder bucketSeconds(int... values) {
      Set<Integer> lengths = new TreeSet<>();
      for (int value : values) {
        if (value < 1 || !lengths.add(value)) {
          throw new InvalidSettingException(
              "bucketSeconds", value, "must be at least 1, and each length must be named once");
        }
      }
      this.bucketSeconds = List.copyOf(lengths);
      return this;
    }

    /**
     * Sets how long trades are kept. Below that, trades are neither compared nor written, and their
     * candles stay as they are. A hypertable gets a retention policy that drops older chunks. In a
     * plain table nothing is deleted: whoever deletes older rows finds nothing missing afterwards.
     *
     * <p>This, {@link #compressAfter} and {@link #chunkInterval} take effect when an engine is
     * built. A policy that the sink made changes with the setting and goes with it, so the
     * processes of a service need the same settings. A policy that somebody else made stays as it
     * is; a log line says so. If it drops trades earlier, its period is the boundary.
     *
     * @param value at least an hour; by default what the hypertable's retention policy says, or for
     *     ever if there is none
     * @throws InvalidSettingException if the value is below an hour
     */
    public Builder retainFor(Duration value) {
      this.retainFor = period("retainFor", value);
      return this;
    }

    /**
     * Sets at which age TimescaleDB compresses the chunks of a hypertable. Compression is enabled
     * with the order {@code ts, trade_id} and without a segment-by column, unless somebody else has
     * enabled it. A plain table stays as it is.
     *
     * @param value at least an hour; by default the sink makes no compression policy
     * @throws InvalidSettingException if the value is below an hour
     * @see #retainFor what becomes of policies
     */
    public Builder compressAfter(Duration value) {
      this.compressAfter = period("compressAfter", value);
      return this;
    }

    /**
     * Sets the span of the chunks that a hypertable makes from now on. Chunks that exist stay as
     * they are. An interval that somebody else set, other than TimescaleDB's own of 7 days, stays.
     *
     * @param value at least an hour; by default nothing is set
     * @throws InvalidSettingException if the value is below an hour
     */
    public Builder chunkInterval(Duration value) {
      this.chunkInterval = period("chunkInterval", value);
      return this;
    }

    /**
     * Sets whether a plain table of trades becomes a hypertable when an engine is built, if
     * TimescaleDB was installed after the table was created. All rows are copied under a lock that
     * excludes readers and writers, so writers wait or fail meanwhile.
     *
     * @param value false by default
     */
    public Builder turnIntoHypertable(boolean value) {
      this.turnIntoHypertable = value;
      return this;
    }

    /**
     * Sets who keeps the candles. In a store with data the choice cannot be changed: an engine is
     * then not built, and the message names the steps.
     *
     * @param value {@link CandleStorage#TABLE} by default
     */
    public Builder candles(CandleStorage value) {
      this.candles = Objects.requireNonNull(value, "candles");
      return this;
    }

    /**
     * Names continuous aggregates of yours over {@code analytics_trades}, which the sink refreshes
     * after its commits, over the time that these touched, and never below the retention boundary.
     * All processes of a service need the same names. An aggregate is not refreshed over the time
     * before it was named.
     *
     * @param views names in the schema of the sink, or as they are written in SQL; an aggregate
     *     that is made of another one comes after it. None by default
     * @throws InvalidSettingException if a name is empty; when an engine is built, if it is that of
     *     no continuous aggregate
     */
    public Builder refresh(String... views) {
      for (String view : views) {
        PostgresSyncLog.Builder.notBlank("refresh", view);
      }
      this.refresh = List.of(views);
      return this;
    }

    private static Duration period(String name, Duration value) {
      if (value.compareTo(MIN_PERIOD) < 0) {
        throw new InvalidSettingException(name, value, "must be at least an hour");
      }
      return value;
    }

    /** Creates the sink; does not touch the database yet. */
    public TimescaleSink build() {
      return new TimescaleSink(this);
    }
  }
}
