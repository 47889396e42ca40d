package io.tradesync.jdbc;

import io.tradesync.InvalidSettingException;
import io.tradesync.Trade;
import io.tradesync.TradeKey;
import io.tradesync.jdbc.internal.sink.CandleTable;
import io.tradesync.jdbc.internal.sink.SinkOwner;
import io.tradesync.jdbc.internal.sink.TouchedCandles;
import io.tradesync.jdbc.internal.sink.TradeRow;
import io.tradesync.jdbc.internal.sink.TradeTable;
import io.tradesync.jdbc.internal.sql.Migrations;
import io.tradesync.jdbc.internal.sql.SqlFailures;
import io.tradesync.jdbc.internal.sql.StoreDatabase;
import io.tradesync.spi.FailureKind;
import io.tradesync.spi.SinkCapability;
import io.tradesync.spi.TradeBatch;
import io.tradesync.spi.TradeChange;
import io.tradesync.spi.TransactionalSink;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Writes trades to {@code analytics_trades} and their candles to {@code trade_candles}, in the
 * transaction of a {@link PostgresSyncLog}: in TimescaleDB, where the trades are a hypertable, or
 * in plain PostgreSQL.
 *
 * <p>A trade's {@code volume} is price times quantity, exactly; {@code scaled_volume} is that in
 * units of the quote currency, where the pool's decimals are known. A candle's {@code volume} is
 * the sum of the quantities and its {@code quote_volume} the sum of price times quantity, in the
 * source's units. A trade without price or quantity is kept and counts in no candle.
 *
 * <p>What changes a candle is the difference between the rows of trades before and after, taken
 * under lock in the same transaction: a trade counts once however often it is written, and open and
 * close are those of the smallest and the largest trade key, whatever the order of arrival. New
 * trades cost the same however many the candle has; where a trade is replaced or retracted, its
 * candles are computed anew from their trades. After a force every touched candle is. A candle some
 * of whose trades were dropped by a retention policy is never computed anew; this is logged.
 *
 * <p>The tables belong to one service. Thread-safe.
 */
public final class TimescaleSink implements TransactionalSink<Connection> {

  private final String schema;
  private final boolean migrate;
  private final List<Integer> bucketSeconds;
  private final TradeTable trades;
  private final CandleTable candles;

  private TimescaleSink(Builder builder) {
    this.schema = builder.schema;
    this.migrate = builder.migrate;
    this.bucketSeconds = builder.bucketSeconds;
    this.trades = new TradeTable(schema);
    this.candles = new CandleTable(schema);
  }

  /**
   * Starts a sink's settings.
   *
   * @return a builder
   */
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
  public Optional<FailureKind> classify(Throwable failure) {
    return SqlFailures.classify(failure);
  }

  /**
   * Creates the tables that are missing, and makes them the service's. Candles of a length that was
   * not kept before are computed by the next run.
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
      SinkOwner owner = new SinkOwner(schema);
      for (int added : owner.take(transaction, service, bucketSeconds)) {
        candles.rebuildAll(transaction, added);
      }
    } catch (SQLException e) {
      throw StoreDatabase.unusable("sink schema", schema, e);
    }
  }

  @Override
  public void write(TradeBatch batch, Connection transaction) throws SQLException {
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
    TouchedCandles touched = new TouchedCandles(bucketSeconds);
    Set<TradeKey> there = trades.insert(transaction, inserts);
    for (Trade trade : inserts) {
      if (there.contains(trade.key())) {
        outdated.add(trade.key());
        replacements.put(trade.key(), trade);
      } else {
        touched.add(trade);
      }
    }
    if (!outdated.isEmpty()) {
      replace(transaction, outdated, replacements, touched);
    }
    if (batch.forced()) {
      inserts.forEach(touched::rebuild);
      replacements.values().forEach(touched::rebuild);
    }
    candles.apply(transaction, touched.added(), touched.recomputed());
    candles.rebuildLater(transaction, touched.rebuilt());
  }

  private void replace(
      Connection transaction,
      SortedSet<TradeKey> outdated,
      SortedMap<TradeKey, Trade> replacements,
      TouchedCandles touched)
      throws SQLException {
    Map<TradeKey, TradeRow> before = trades.remove(transaction, outdated);
    Set<TradeKey> inTheWay = trades.insert(transaction, replacements.values());
    if (!inTheWay.isEmpty()) {
      throw new IllegalStateException("rows stand where trades were to be moved to: " + inTheWay);
    }
    replacements.forEach(
        (oldKey, trade) -> {
          TradeRow old = before.remove(oldKey);
          if (old == null) {
            // The log says that this trade was counted, and its row is not there to tell with what.
            touched.rebuild(trade);
          } else if (!old.equals(TradeRow.of(trade))) {
            touched.replace(old, TradeRow.of(trade));
          }
        });
    before.values().forEach(touched::remove);
  }

  /** Computes some of the candles anew that a force touched, or that a trade's row was lost of. */
  @Override
  public boolean completeDeferred(Connection transaction) throws SQLException {
    return candles.rebuildSome(transaction);
  }

  /** Collects a sink's settings. Not thread-safe; can be reused. */
  public static final class Builder {

    /** The schema, unless set. */
    public static final String DEFAULT_SCHEMA = "public";

    /** The lengths of the candles, unless set: 1, 5 and 15 minutes, 1 hour and 1 day. */
    public static final List<Integer> DEFAULT_BUCKET_SECONDS = List.of(60, 300, 900, 3_600, 86_400);

    private String schema = DEFAULT_SCHEMA;
    private boolean migrate = true;
    private List<Integer> bucketSeconds = DEFAULT_BUCKET_SECONDS;

    private Builder() {}

    /**
     * Sets the schema of the tables; it is created if absent.
     *
     * @param value a name, quoted where it is used; {@link #DEFAULT_SCHEMA} by default
     * @return this builder
     * @throws InvalidSettingException if the name is empty
     */
    public Builder schema(String value) {
      this.schema = PostgresSyncLog.Builder.notBlank("schema", value);
      return this;
    }

    /**
     * Sets whether missing tables are created when an engine is built. Without it they have to be
     * there: the statements are files in this jar, under {@code
     * io/tradesync/jdbc/migrations/analytics}.
     *
     * @param value true by default
     * @return this builder
     */
    public Builder migrate(boolean value) {
      this.migrate = value;
      return this;
    }

    /**
     * Sets the lengths of the candles. Buckets begin at multiples of their length since
     * 1970-01-01T00:00:00Z.
     *
     * @param values lengths in seconds, each at least 1 and once; {@link #DEFAULT_BUCKET_SECONDS}
     *     by default
     * @return this builder
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
     * Makes the sink; does not touch the database yet.
     *
     * @return a new sink
     */
    public TimescaleSink build() {
      return new TimescaleSink(this);
    }
  }
}
