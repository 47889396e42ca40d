package io.tradesync.jdbc.internal.log;

import io.tradesync.KeyRange;
import io.tradesync.TradeKey;
import io.tradesync.jdbc.internal.sql.KeyRangeSql;
import io.tradesync.jdbc.internal.sql.StoreDatabase;
import io.tradesync.spi.log.HandOut;
import io.tradesync.spi.log.LogDigest;
import io.tradesync.spi.log.LogEntries;
import io.tradesync.spi.log.LogEntry;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import org.jdbi.v3.core.statement.StatementContext;

/** Reads entries from {@code sync_log}. Thread-safe. */
public final class PostgresLogEntries implements LogEntries {

  private static final String PAGE =
      """
      select e.*
      from {ranges}
      cross join lateral (
        select {entry}
        from :"schema".sync_log
        where {in_row}
        order by trade_timestamp, trade_id
        limit :limit) as e
      order by r.number, e.trade_timestamp, e.trade_id
      limit :limit\
      """;

  private static final String FIND =
      """
      select e.*
      from {keys} as k (second, id)
      cross join lateral (
        select {entry}
        from :"schema".sync_log
        where service = :service and trade_timestamp = k.second and trade_id = k.id
        limit 1) as e
      order by e.trade_timestamp, e.trade_id\
      """;

  // "offset 0" keeps the planner from merging the subqueries: it cannot know how few the buckets
  // are, and would sort all entries on disk. Failed entries have an index of their own. The second
  // part takes back of the first what an error counts for otherwise.
  private static final String DIGESTS_OF_BUCKETS =
      """
      select bucket, count(*), 0, count(*), sum(fingerprint), 0, 0, 0
      from (
        select (trade_timestamp - :afterSecond) / :width as bucket, fingerprint
        from :"schema".sync_log
        where {in_range} and status = 'processed'
        offset 0) as processed
      group by bucket
      union all
      select bucket, 0, {failed_digest}
      from (
        select (trade_timestamp - :afterSecond) / :width as bucket, status, fingerprint,
          failed_fingerprint, unreadable_rows, parked, accepted_reason
        from :"schema".sync_log
        where {in_range} and {is_error}
        offset 0) as failed
      group by bucket\
      """;

  private static final String DIGESTS_OF_RANGES =
      """
      select r.number - 1, p.processed, f.failed, p.processed + f.rows, p.fingerprints + f.hashes,
        f.errors, f.retriable, f.accepted
      from {ranges}
      cross join lateral (
        select count(*) as processed, coalesce(sum(fingerprint), 0) as fingerprints
        from :"schema".sync_log
        where {in_row} and status = 'processed') as p
      cross join lateral (
        select {failed_digest}
        from :"schema".sync_log
        where {in_row} and {is_error}) as f (failed, rows, hashes, errors, retriable, accepted)
      order by r.number\
      """;

  private static final String ERRORS =
      """
      select coalesce(sum(f.errors), 0)
      from {ranges}
      cross join lateral (
        select count(*)
        from :"schema".sync_log
        where {in_row} and {is_error} and not {is_accepted}) as f (errors)\
      """;

  private static final String ACCEPTED =
      """
      select coalesce(sum(f.accepted), 0)
      from {ranges}
      cross join lateral (
        select count(*)
        from :"schema".sync_log
        where {in_row} and {is_error} and {is_accepted}) as f (accepted)\
      """;

  private static final String RETRIABLE =
      """
      select trade_timestamp, trade_id
      from :"schema".sync_log
      where {in_range} and {is_error} and {is_retriable}
      order by trade_timestamp, trade_id
      limit :limit\
      """;

  private static final String HAND_OUTS =
      """
      select e.*
      from {ranges}
      cross join lateral (
        select {hand_out}
        from :"schema".sync_handed_out
        where {in_row}
        order by trade_timestamp, trade_id
        limit :limit) as e
      order by r.number, e.trade_timestamp, e.trade_id
      limit :limit\
      """;

  private static final String LAST_HAND_OUT =
      """
      select trade_timestamp, trade_id
      from :"schema".sync_handed_out
      where {in_range}
      order by trade_timestamp desc, trade_id desc
      limit 1\
      """;

  private static final String FIRST =
      """
      select trade_timestamp, trade_id
      from :"schema".sync_log
      where {in_range} and status <> 'retracted'
      order by trade_timestamp, trade_id
      limit 1\
      """;

  private static final String LAST =
      """
      select trade_timestamp, trade_id
      from :"schema".sync_log
      where {in_range} and status <> 'retracted'
      order by trade_timestamp desc, trade_id desc
      limit 1\
      """;

  private static final String FIRST_PROCESSED =
      """
      select trade_timestamp, trade_id
      from :"schema".sync_log
      where {in_range} and status = 'processed'
      order by trade_timestamp, trade_id
      limit 1\
      """;

  private static final String LAST_PROCESSED =
      """
      select trade_timestamp, trade_id
      from :"schema".sync_log
      where {in_range} and status = 'processed'
      order by trade_timestamp desc, trade_id desc
      limit 1\
      """;

  private final StoreDatabase database;
  private final LogSql sql;

  public PostgresLogEntries(StoreDatabase database, LogSql sql) {
    this.database = database;
    this.sql = sql;
  }

  @Override
  public List<LogEntry> page(List<KeyRange> ranges, int limit) {
    return database.read(
        handle ->
            KeyRangeSql.bind(sql.query(handle, PAGE), ranges)
                .bind("limit", limit)
                .map(EntryRow::read)
                .list());
  }

  @Override
  public List<LogEntry> find(List<TradeKey> keys) {
    return database.read(
        handle -> LogSql.bindKeys(sql.query(handle, FIND), keys).map(EntryRow::read).list());
  }

  @Override
  public List<LogDigest> digests(KeyRange range, long bucketSeconds) {
    List<LogDigest> parts =
        database.read(
            handle ->
                KeyRangeSql.bind(sql.query(handle, DIGESTS_OF_BUCKETS), range)
                    .bind("width", bucketSeconds)
                    .map(PostgresLogEntries::digest)
                    .list());
    NavigableMap<Long, LogDigest> digests = new TreeMap<>();
    parts.forEach(part -> digests.merge(part.bucket(), part, LogDigest::plus));
    return List.copyOf(digests.values());
  }

  @Override
  public List<LogDigest> digests(List<KeyRange> ranges) {
    return database.read(
        handle ->
            KeyRangeSql.bind(sql.query(handle, DIGESTS_OF_RANGES), ranges)
                .map(PostgresLogEntries::digest)
                .list());
  }

  private static LogDigest digest(ResultSet row, StatementContext context) throws SQLException {
    long fingerprintsModulo64Bits = row.getBigDecimal(5).toBigInteger().longValue();
    return new LogDigest(
        row.getLong(1),
        row.getLong(2),
        row.getLong(3),
        row.getLong(4),
        fingerprintsModulo64Bits,
        row.getLong(6),
        row.getLong(7),
        row.getLong(8));
  }

  @Override
  public long errors(List<KeyRange> ranges) {
    return database.read(
        handle -> KeyRangeSql.bind(sql.query(handle, ERRORS), ranges).mapTo(Long.class).one());
  }

  @Override
  public long accepted(List<KeyRange> ranges) {
    return database.read(
        handle -> KeyRangeSql.bind(sql.query(handle, ACCEPTED), ranges).mapTo(Long.class).one());
  }

  @Override
  public List<TradeKey> retriable(KeyRange range, int limit) {
    return database.read(
        handle ->
            KeyRangeSql.bind(sql.query(handle, RETRIABLE), range)
                .bind("limit", limit)
                .map(EntryRow::key)
                .list());
  }

  @Override
  public Optional<TradeKey> first(KeyRange range) {
    return key(FIRST, range);
  }

  @Override
  public Optional<TradeKey> last(KeyRange range) {
    return key(LAST, range);
  }

  @Override
  public Optional<TradeKey> firstProcessed(KeyRange range) {
    return key(FIRST_PROCESSED, range);
  }

  @Override
  public Optional<TradeKey> lastProcessed(KeyRange range) {
    return key(LAST_PROCESSED, range);
  }

  @Override
  public List<HandOut> handOuts(List<KeyRange> ranges, int limit) {
    return database.read(
        handle ->
            KeyRangeSql.bind(sql.query(handle, HAND_OUTS), ranges)
                .bind("limit", limit)
                .map(HandOutRow::read)
                .list());
  }

  @Override
  public Optional<TradeKey> lastHandOut(KeyRange range) {
    return key(LAST_HAND_OUT, range);
  }

  private Optional<TradeKey> key(String statement, KeyRange range) {
    return database.read(
        handle ->
            KeyRangeSql.bind(sql.query(handle, statement), range).map(EntryRow::key).findOne());
  }
}
