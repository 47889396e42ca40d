package io.tradesync.jdbc.internal.ponder;

import io.tradesync.KeyRange;
import io.tradesync.TradeKey;
import io.tradesync.jdbc.internal.sql.HashSql;
import io.tradesync.jdbc.internal.sql.KeyRangeSql;
import io.tradesync.jdbc.internal.sql.SqlNames;
import io.tradesync.spi.KeyFingerprint;
import io.tradesync.spi.SourceDigest;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Comparator;
import java.util.List;

/**
 * Reads digests and fingerprints, which PostgreSQL computes from Ponder's table. Thread-safe.
 *
 * <p>{@code offset 0} keeps the planner from dissolving a subquery. Otherwise PostgreSQL would
 * compute a hash for each byte that is read of it, and would sort all rows on disk instead of
 * counting in a table of the few buckets that there are.
 */
public final class DigestReader {

  static final String DIGESTS =
      """
      select h.bucket, count(*), {sums}, count(*) filter (where {is_unreadable})
      from (
        select (t.:"timestamp"::bigint - cast(:firstSecond as bigint)) / cast(:width as bigint)
            as bucket,
          {hash} as hash
        from :"schema".:"table" as t
        where {in_range}
        offset 0) as h
      group by h.bucket\
      """;

  private static final String DIGESTS_OF_RANGES =
      """
      select r.number - 1, d.*
      from {ranges}
      cross join lateral (
        select count(*), {sums}, count(*) filter (where {is_unreadable})
        from (
          select {hash} as hash
          from :"schema".:"table" as t
          where {in_row}
          offset 0) as h) as d
      order by r.number\
      """;

  static final String KEYS =
      """
      select h.second, h.id, {fingerprint}, h.unreadable
      from {ranges}
      cross join lateral (
        select t.:"timestamp"::bigint, t.:"id"::text, {hash}, {unreadable}
        from :"schema".:"table" as t
        where {in_row}
        order by t.:"timestamp", t.:"id" collate "C"
        limit :limit) as h (second, id, hash, unreadable)
      order by r.number, h.second, h.id collate "C"
      limit :limit\
      """;

  private final SourceDatabase database;
  private final PonderTable table;
  private final String digests;
  private final String digestsOfRanges;
  private final String keys;

  public DigestReader(SourceDatabase database, PonderTable table) {
    this.database = database;
    this.table = table;
    SqlNames names = table.sqlNames();
    this.digests = names.fill(DIGESTS);
    this.digestsOfRanges = names.fill(DIGESTS_OF_RANGES);
    this.keys = names.fill(KEYS);
  }

  /** Digests a range in buckets, in the order of the buckets. */
  public List<SourceDigest> digests(KeyRange range, long bucketSeconds) {
    KeyRange withKeys = range.intersect(PonderTable.KEYS);
    List<SourceDigest> buckets =
        withKeys.isEmpty()
            ? List.of()
            : database.read(
                handle ->
                    KeyRangeSql.bind(table.bindTypes(handle.createQuery(digests)), withKeys)
                        .bind("firstSecond", range.after().epochSecond())
                        .bind("width", bucketSeconds)
                        .map((row, context) -> digest(row))
                        .list());
    return buckets.stream().sorted(Comparator.comparingLong(SourceDigest::bucket)).toList();
  }

  /** Digests ranges, each as a whole. */
  public List<SourceDigest> digests(List<KeyRange> ranges) {
    List<KeyRange> withKeys =
        ranges.stream().map(range -> range.intersect(PonderTable.KEYS)).toList();
    return database.read(
        handle ->
            KeyRangeSql.bind(table.bindTypes(handle.createQuery(digestsOfRanges)), withKeys)
                .map((row, context) -> digest(row))
                .list());
  }

  /** Reads the first keys and fingerprints of ranges, which are not empty. */
  public RowsRead<KeyFingerprint> keys(List<KeyRange> ranges, long limit) {
    return RowsRead.of(
        database,
        handle ->
            KeyRangeSql.bind(table.bindTypes(handle.createQuery(keys)), ranges)
                .bind("limit", limit),
        row -> {
          TradeKey key = new TradeKey(row.getLong(1), row.getString(2));
          String unreadable = row.getString(4);
          return unreadable == null
              ? new KeyFingerprint(key, row.getLong(3))
              : UnreadableColumn.row(table, key, unreadable);
        },
        KeyFingerprint.class);
  }

  private static SourceDigest digest(ResultSet row) throws SQLException {
    return new SourceDigest(row.getLong(1), row.getLong(2), HashSql.sum(row, 3), row.getLong(6));
  }
}
