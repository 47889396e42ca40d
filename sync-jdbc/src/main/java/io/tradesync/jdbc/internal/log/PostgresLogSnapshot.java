package io.tradesync.jdbc.internal.log;

import io.tradesync.KeyRange;
import io.tradesync.TradeKey;
import io.tradesync.jdbc.internal.sql.KeyRangeSql;
import io.tradesync.jdbc.internal.sql.SinkConnection;
import io.tradesync.spi.HeldDigest;
import io.tradesync.spi.KeyFingerprint;
import io.tradesync.spi.log.LogSnapshot;
import java.sql.Connection;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/** Reads processed entries in a transaction that sees one moment; used by one thread. */
public final class PostgresLogSnapshot implements LogSnapshot {

  /**
   * Begins the transaction; no statement may have read before. Expressions are not worth JIT. Whole
   * ranges are read, of tables that were analyzed.
   */
  public static final String BEGIN =
      """
      set transaction isolation level repeatable read, read only;
      set local jit = off;
      set local enable_seqscan to default\
      """;

  private static final String FIRST =
      """
      select trade_timestamp, trade_id
      from :"schema".sync_log
      where {in_range} and status = 'processed'
      order by trade_timestamp, trade_id
      limit 1\
      """;

  private static final String DIGESTS =
      """
      select bucket, count(*), sum(fingerprint)
      from (
        select trade_timestamp - ((trade_timestamp % :width) + :width) % :width as bucket,
          fingerprint
        from :"schema".sync_log
        where {in_range} and status = 'processed'
        offset 0) as processed
      group by bucket\
      """;

  private static final String HELD =
      """
      select trade_timestamp, trade_id, fingerprint
      from :"schema".sync_log
      where {in_range} and status = 'processed'
      order by trade_timestamp, trade_id
      limit :limit\
      """;

  private final Handle handle;
  private final LogSql sql;
  private final SinkConnection sinkConnection;

  public PostgresLogSnapshot(Handle handle, LogSql sql) {
    this.handle = handle;
    this.sql = sql;
    this.sinkConnection = new SinkConnection(handle.getConnection(), null);
  }

  @Override
  public Optional<TradeKey> first(KeyRange range) {
    return KeyRangeSql.bind(sql.query(handle, FIRST), range).map(EntryRow::key).findOne();
  }

  @Override
  public List<HeldDigest> digests(KeyRange range, long bucketSeconds) {
    return KeyRangeSql.bind(sql.query(handle, DIGESTS), range)
        .bind("width", bucketSeconds)
        .map(
            (row, context) ->
                new HeldDigest(
                    row.getLong(1),
                    row.getLong(2),
                    row.getBigDecimal(3).toBigInteger().longValue(),
                    0))
        .list();
  }

  @Override
  public List<KeyFingerprint> held(KeyRange range, int limit) {
    return KeyRangeSql.bind(sql.query(handle, HELD), range)
        .bind("limit", limit)
        .map((row, context) -> new KeyFingerprint(EntryRow.key(row, context), row.getLong(3)))
        .list();
  }

  @Override
  public Connection handle() {
    return sinkConnection.proxy();
  }
}
