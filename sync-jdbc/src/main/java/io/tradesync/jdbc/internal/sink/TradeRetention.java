package io.tradesync.jdbc.internal.sink;

import io.tradesync.TradeKey;
import io.tradesync.jdbc.internal.sink.CandleLengths.CandleLength;
import io.tradesync.jdbc.internal.sql.SqlNames;
import io.tradesync.spi.Retention;
import java.math.BigInteger;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds and records how far back {@code analytics_trades} is kept: by the sink's setting or the
 * hypertable's retention policy, whichever is shorter; and above chunks that were dropped by hand.
 */
public final class TradeRetention {

  private static final Logger LOG = LoggerFactory.getLogger(TradeRetention.class);

  /**
   * The retention boundary as a subquery: the first second from which every candle that is computed
   * from trades has all of them; null if there is none.
   */
  static final String BOUNDARY =
      """
      (select greatest(retained_since,
          (ceil((extract(epoch from now()) - retained_seconds) / retention_step)
            * retention_step)::bigint)
        from :"schema".analytics_owner)\
      """;

  private static final String IS_TIMESCALE =
      "select to_regclass('timescaledb_information.jobs') is not null";

  // A month counts as many days as the one before now. A chunk can be dropped while a transaction
  // is under way that has read the boundary, so the longest transaction is taken off.
  private static final String SELECT_HYPERTABLE =
      """
      select
        (select min(extract(epoch from now() - (now() - (config ->> 'drop_after')::interval))::bigint)
          from timescaledb_information.jobs
          where proc_name = 'policy_retention'
            and hypertable_schema = :schema and hypertable_name = 'analytics_trades'),
        (select min(floor(extract(epoch from range_start))::bigint)
          from timescaledb_information.chunks
          where hypertable_schema = :schema and hypertable_name = 'analytics_trades')
      from timescaledb_information.hypertables
      where hypertable_schema = :schema and hypertable_name = 'analytics_trades'\
      """;

  private static final String SELECT_STATEMENT_MILLIS =
      "select setting::bigint from pg_settings where name = 'statement_timeout'";

  private static final int STATEMENTS_OF_A_TRANSACTION = 10;

  // Not below the boundary now, which has risen since it was recorded.
  private static final String SINCE =
      """
      greatest(
          (ceil(retained_since::numeric / :step) * :step)::bigint,
          (ceil((extract(epoch from now()) - retained_seconds) / :step) * :step)::bigint,
          (ceil(cast(:dropped as bigint)::numeric / :step) * :step)::bigint,
          (ceil((extract(epoch from now()) - cast(:seconds as bigint)) / :step) * :step)::bigint)\
      """;

  // Computed from the row that is updated: what another transaction raised meanwhile stays raised.
  private static final String RECORD =
      """
      update :"schema".analytics_owner
      set retained_since = {since}, retained_seconds = cast(:seconds as bigint),
        retention_step = cast(:step as integer)
      where (retained_since, retained_seconds, retention_step)
        is distinct from ({since}, cast(:seconds as bigint), cast(:step as integer))\
      """;

  private static final String SELECT =
      """
      select retained_since, retained_seconds, retention_step
      from :"schema".analytics_owner\
      """;

  private static final String SELECT_BOUNDARY =
      """
      select {boundary}\
      """;

  /** What TimescaleDB knows of the hypertable. */
  private record Hypertable(@Nullable Long policySeconds, @Nullable Long oldestChunk) {}

  private final String schema;
  private final Optional<Duration> retainFor;
  private final CandleLengths lengths;
  private final String record;
  private final String select;
  private final String selectBoundary;

  /**
   * @param retainFor how long trades are kept; empty if a policy decides
   */
  public TradeRetention(String schema, Optional<Duration> retainFor) {
    this.schema = schema;
    this.retainFor = retainFor;
    this.lengths = new CandleLengths(schema);
    SqlNames names = SqlNames.inSchema(schema, Map.of("boundary", BOUNDARY, "since", SINCE));
    this.record = names.fill(RECORD);
    this.select = names.fill(SELECT);
    this.selectBoundary = names.fill(SELECT_BOUNDARY);
  }

  /** Returns what the boundary is a multiple of: then no candle computed from trades is across. */
  private int step(Handle handle) {
    long boundary =
        handle
            .createQuery(selectBoundary)
            .map((row, context) -> Optional.ofNullable(row.getObject(1, Long.class)))
            .one()
            .orElse(0L);
    List<CandleLength> kept = lengths.read(handle);
    BigInteger multiple = BigInteger.ONE;
    for (CandleLength length : kept) {
      if (kept.stream().noneMatch(part -> isMerged(length, part, boundary))) {
        BigInteger seconds = BigInteger.valueOf(length.seconds());
        multiple = multiple.multiply(seconds).divide(multiple.gcd(seconds));
      }
    }
    return multiple.intValueExact();
  }

  /** Whether the oldest candle that can change, which the boundary may be in, has such parts. */
  private static boolean isMerged(CandleLength length, CandleLength part, long boundary) {
    if (length.completeSince().isEmpty()) {
      // Where its part does not begin early enough, this length begins later, too.
      return part.seconds() < length.seconds() && length.seconds() % part.seconds() == 0;
    }
    long since = length.completeSince().get().toEpochSecond();
    return part.isPartOf(CandleKey.at(0, "", length.seconds(), Math.max(boundary, since)));
  }

  /**
   * Finds where the boundary is now, and records it.
   *
   * @param oldestProcessed the oldest trade that the log holds as processed above the boundary
   */
  public Retention update(Handle handle, Optional<TradeKey> oldestProcessed) {
    Optional<Hypertable> hypertable = hypertable(handle);
    Optional<Long> period =
        Stream.of(retainFor.map(Duration::toSeconds), hypertable.map(Hypertable::policySeconds))
            .flatMap(Optional::stream)
            .min(Comparator.naturalOrder())
            .map(seconds -> Math.max(seconds / 2, seconds - transactionSeconds(handle)));
    handle
        .createUpdate(record)
        .bind("dropped", hypertable.flatMap(t -> dropped(t, oldestProcessed)).orElse(null))
        .bind("seconds", period.orElse(null))
        .bind("step", step(handle))
        .execute();
    return handle
        .createQuery(select)
        .map((row, context) -> retention(row))
        .findOne()
        .orElse(Retention.FOREVER);
  }

  private static Retention retention(ResultSet row) throws SQLException {
    Long since = row.getObject(1, Long.class);
    Long seconds = row.getObject(2, Long.class);
    Integer step = row.getObject(3, Integer.class);
    return new Retention(
        since == null ? OptionalLong.empty() : OptionalLong.of(since),
        Optional.ofNullable(seconds).map(Duration::ofSeconds),
        step == null ? 1 : step);
  }

  private Optional<Hypertable> hypertable(Handle handle) {
    if (!handle.createQuery(IS_TIMESCALE).mapTo(Boolean.class).one()) {
      return Optional.empty();
    }
    return handle
        .createQuery(SELECT_HYPERTABLE)
        .bind("schema", schema)
        .map(
            (row, context) ->
                new Hypertable(row.getObject(1, Long.class), row.getObject(2, Long.class)))
        .findOne();
  }

  private static long transactionSeconds(Handle handle) {
    long millis = handle.createQuery(SELECT_STATEMENT_MILLIS).mapTo(Long.class).one();
    return Duration.ofMillis(millis * STATEMENTS_OF_A_TRANSACTION).toSeconds();
  }

  /** The start of the oldest chunk, if older trades were written and are gone with their chunk. */
  private static Optional<Long> dropped(Hypertable table, Optional<TradeKey> oldestProcessed) {
    if (oldestProcessed.isEmpty()) {
      return Optional.empty();
    }
    if (table.oldestChunk == null) {
      LOG.warn(
          "analytics_trades has no chunk, but the log holds processed trades from {} on; this is"
              + " not taken for retention: run a force if the trades are to be written again",
          oldestProcessed.get().epochSecond());
      return Optional.empty();
    }
    return Optional.of(table.oldestChunk)
        .filter(start -> oldestProcessed.get().epochSecond() < start);
  }
}
