package io.tradesync.jdbc.internal.ponder;

import io.tradesync.KeyRange;
import io.tradesync.TradeKey;
import io.tradesync.jdbc.internal.sql.KeyRangeSql;
import io.tradesync.jdbc.internal.sql.SqlNames;
import java.util.Optional;

/** Reads the bounds and the number of the keys in Ponder's table. Thread-safe. */
public final class KeyReader {

  static final String FIRST =
      """
      select t.:"timestamp"::bigint, t.:"id"::text
      from :"schema".:"table" as t
      where {in_range}
      order by t.:"timestamp", t.:"id" collate "C"
      limit 1\
      """;

  static final String LAST =
      """
      select t.:"timestamp"::bigint, t.:"id"::text
      from :"schema".:"table" as t
      where {in_range}
      order by t.:"timestamp" desc, t.:"id" collate "C" desc
      limit 1\
      """;

  static final String COUNT =
      """
      select count(*)
      from :"schema".:"table" as t
      where {in_range}\
      """;

  private static final String COUNT_WITHOUT_KEY =
      """
      select count(*)
      from :"schema".:"table" as t
      where ({has_key}) is not true\
      """;

  private static final String PROBE =
      """
      select 1
      from :"schema".:"table" as t
      limit 1\
      """;

  private final SourceDatabase database;
  private final String first;
  private final String last;
  private final String count;
  private final String countWithoutKey;
  private final String probe;

  public KeyReader(SourceDatabase database, PonderTable table) {
    this.database = database;
    SqlNames names = table.sqlNames();
    this.first = names.fill(FIRST);
    this.last = names.fill(LAST);
    this.count = names.fill(COUNT);
    this.countWithoutKey = names.fill(COUNT_WITHOUT_KEY);
    this.probe = names.fill(PROBE);
  }

  /** Reads the smallest key of a range. */
  public Optional<TradeKey> first(KeyRange range) {
    return key(first, range);
  }

  /** Reads the largest key of a range. */
  public Optional<TradeKey> last(KeyRange range) {
    return key(last, range);
  }

  private Optional<TradeKey> key(String statement, KeyRange range) {
    return database.read(
        handle ->
            KeyRangeSql.bind(handle.createQuery(statement), range)
                .map((row, context) -> new TradeKey(row.getLong(1), row.getString(2)))
                .findOne());
  }

  /** Counts the keys of a range. */
  public long count(KeyRange range) {
    return database.read(
        handle -> KeyRangeSql.bind(handle.createQuery(count), range).mapTo(Long.class).one());
  }

  /** Counts the rows that have no key, because of their timestamp or their id. */
  public long countWithoutKey() {
    return database.read(handle -> handle.createQuery(countWithoutKey).mapTo(Long.class).one());
  }

  /** Reads from the table as little as possible. */
  public void probe() {
    database.read(handle -> handle.createQuery(probe).mapTo(Integer.class).findOne());
  }
}
