package io.tradesync.jdbc.internal.log;

import io.tradesync.KeyRange;
import io.tradesync.TradeKey;
import io.tradesync.jdbc.internal.sql.StoreDatabase;
import io.tradesync.spi.log.EntryStatus;
import io.tradesync.spi.log.LogDigest;
import io.tradesync.spi.log.LogEntries;
import io.tradesync.spi.log.LogEntry;
import java.math.BigDecimal;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Locale;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import org.jdbi.v3.core.statement.StatementContext;
import org.jspecify.annotations.Nullable;

/** Entries as rows of {@code sync_log}. Thread-safe. */
public final class PostgresLogEntries implements LogEntries {

  // The planner takes the two comparisons of rows for independent, and a slice in the middle of the
  // log for a quarter of it; the range of seconds tells it how small it is.
  static final String IN_RANGE =
      """
      service = :service
      and trade_timestamp between :afterSecond and :upToSecond
      and (trade_timestamp, trade_id) > (:afterSecond, :afterId)
      and (trade_timestamp, trade_id) <= (:upToSecond, :upToId)""";

  /** The columns of {@link #entry}. */
  static final String ENTRY =
      "trade_timestamp, trade_id, status, fingerprint, case when parked then failed_fingerprint end";

  private final StoreDatabase database;
  private final LogTables tables;

  public PostgresLogEntries(StoreDatabase database, LogTables tables) {
    this.database = database;
    this.tables = tables;
  }

  static LogEntry entry(ResultSet row, @Nullable StatementContext context) throws SQLException {
    return new LogEntry(
        new TradeKey(row.getLong(1), row.getString(2)),
        EntryStatus.valueOf(row.getString(3).toUpperCase(Locale.ROOT)),
        row.getLong(4),
        row.getObject(5, Long.class));
  }

  @Override
  public List<LogEntry> page(List<KeyRange> ranges, int limit) {
    String sql =
        """
        select e.*
        from unnest(:afterSecond, :afterId, :upToSecond, :upToId)
          with ordinality as r (after_second, after_id, up_to_second, up_to_id, place)
        cross join lateral (
          select %s
          from %s
          where service = :service
            and trade_timestamp between r.after_second and r.up_to_second
            and (trade_timestamp, trade_id) > (r.after_second, r.after_id)
            and (trade_timestamp, trade_id) <= (r.up_to_second, r.up_to_id)
          order by trade_timestamp, trade_id
          limit :limit) as e
        order by r.place, e.trade_timestamp, e.trade_id
        limit :limit"""
            .formatted(ENTRY, tables.log());
    return database.read(
        handle ->
            LogColumns.ranges(handle.createQuery(sql), ranges)
                .bind("service", tables.service())
                .bind("limit", limit)
                .map(PostgresLogEntries::entry)
                .list());
  }

  // The planner cannot know how few the buckets are: it would sort all entries on disk if it could
  // dissolve the subqueries. Failed entries have an index of their own.
  @Override
  public List<LogDigest> digests(KeyRange range, long bucketSeconds) {
    String sql =
        """
        select bucket, count(*), sum(fingerprint), 0
        from (select %1$s as bucket, fingerprint
          from %2$s where %3$s and status = 'processed' offset 0) as processed
        group by bucket
        union all
        select bucket, 0, 0, count(*)
        from (select %1$s as bucket from %2$s where %3$s and status = 'error' offset 0) as failed
        group by bucket"""
            .formatted("(trade_timestamp - :afterSecond) / :width", tables.log(), IN_RANGE);
    NavigableMap<Long, LogDigest> digests = new TreeMap<>();
    database.read(
        handle -> {
          LogColumns.range(handle.createQuery(sql), range)
              .bind("service", tables.service())
              .bind("width", bucketSeconds)
              .map((row, context) -> digest(row))
              .forEach(digest -> digests.merge(digest.bucket(), digest, LogDigest::plus));
          return Boolean.TRUE;
        });
    return List.copyOf(digests.values());
  }

  @Override
  public List<LogDigest> digests(List<KeyRange> ranges) {
    String sql =
        """
        select r.place - 1, d.processed, d.fingerprints, d.errors
        from unnest(:afterSecond, :afterId, :upToSecond, :upToId)
          with ordinality as r (after_second, after_id, up_to_second, up_to_id, place)
        cross join lateral (
          select count(*) filter (where status = 'processed') as processed,
            coalesce(sum(fingerprint) filter (where status = 'processed'), 0) as fingerprints,
            count(*) filter (where status = 'error') as errors
          from %s
          where service = :service
            and trade_timestamp between r.after_second and r.up_to_second
            and (trade_timestamp, trade_id) > (r.after_second, r.after_id)
            and (trade_timestamp, trade_id) <= (r.up_to_second, r.up_to_id)) as d
        order by r.place"""
            .formatted(tables.log());
    return database.read(
        handle ->
            LogColumns.ranges(handle.createQuery(sql), ranges)
                .bind("service", tables.service())
                .map((row, context) -> digest(row))
                .list());
  }

  @Override
  public List<LogEntry> find(List<TradeKey> keys) {
    String sql =
        """
        select %s
        from %s
        where service = :service
          and (trade_timestamp, trade_id) in (select * from unnest(:seconds, :ids))
        order by trade_timestamp, trade_id"""
            .formatted(ENTRY, tables.log());
    return database.read(
        handle ->
            LogColumns.keys(handle.createQuery(sql), keys, key -> key)
                .bind("service", tables.service())
                .map(PostgresLogEntries::entry)
                .list());
  }

  private static LogDigest digest(ResultSet row) throws SQLException {
    return new LogDigest(row.getLong(1), row.getLong(2), modulo64(row, 3), row.getLong(4));
  }

  /** A sum of signed 64-bit numbers, modulo 2^64. */
  private static long modulo64(ResultSet row, int column) throws SQLException {
    BigDecimal sum = row.getBigDecimal(column);
    return sum.toBigInteger().longValue();
  }

  @Override
  public Optional<TradeKey> first(KeyRange range) {
    return key(range, "status <> 'retracted'", "asc");
  }

  @Override
  public Optional<TradeKey> last(KeyRange range) {
    return key(range, "status <> 'retracted'", "desc");
  }

  @Override
  public Optional<TradeKey> lastProcessed(KeyRange range) {
    return key(range, "status = 'processed'", "desc");
  }

  private Optional<TradeKey> key(KeyRange range, String condition, String direction) {
    String sql =
        """
        select trade_timestamp, trade_id
        from %1$s
        where %2$s and %3$s
        order by trade_timestamp %4$s, trade_id %4$s
        limit 1"""
            .formatted(tables.log(), IN_RANGE, condition, direction);
    return database.read(
        handle ->
            LogColumns.range(handle.createQuery(sql), range)
                .bind("service", tables.service())
                .map((row, context) -> new TradeKey(row.getLong(1), row.getString(2)))
                .findFirst());
  }
}
