package io.tradesync.jdbc.internal.ponder;

import io.tradesync.KeyRange;
import io.tradesync.TradeKey;
import io.tradesync.jdbc.PonderColumn;
import io.tradesync.jdbc.internal.sql.KeyRangeSql;
import io.tradesync.jdbc.internal.sql.SqlNames;
import io.tradesync.spi.OutsideRow;
import java.nio.ByteBuffer;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

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
      where ({has_key}) is not true{selected}\
      """;

  private static final String OUTSIDE =
      """
      select left(t.:"id"::text, 100), encode(sha256(textsend(coalesce(t.:"id"::text, ''))), 'hex'),
        case when {is_second} then t.:"timestamp"::bigint end, left(t.:"timestamp"::text, 100),
        {row_hash}
      from :"schema".:"table" as t
      where ({has_key}) is not true{selected}
      limit :limit\
      """;

  private static final String PROBE =
      """
      select 1
      from :"schema".:"table" as t
      limit 1\
      """;

  private final SourceDatabase database;
  private final PonderTable table;
  private final String first;
  private final String last;
  private final String count;
  private final String countWithoutKey;
  private final String outside;
  private final String probe;

  public KeyReader(SourceDatabase database, PonderTable table) {
    this.database = database;
    this.table = table;
    SqlNames names = table.sqlNames();
    this.first = names.fill(FIRST);
    this.last = names.fill(LAST);
    this.count = names.fill(COUNT);
    this.countWithoutKey = names.fill(COUNT_WITHOUT_KEY);
    this.outside = names.fill(OUTSIDE);
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
            KeyRangeSql.bind(table.bindSelection(handle.createQuery(statement)), range)
                .map((row, context) -> new TradeKey(row.getLong(1), row.getString(2)))
                .findOne());
  }

  /** Counts the keys of a range. */
  public long count(KeyRange range) {
    return database.read(
        handle ->
            KeyRangeSql.bind(table.bindSelection(handle.createQuery(count)), range)
                .mapTo(Long.class)
                .one());
  }

  /** Counts the rows that have no key, because of their timestamp or their id. */
  public long countWithoutKey() {
    return database.read(
        handle -> table.bindSelection(handle.createQuery(countWithoutKey)).mapTo(Long.class).one());
  }

  /** Lists rows that have no key. */
  public List<OutsideRow> outside(int limit) {
    return database.read(
        handle ->
            table
                .bindSelection(handle.createQuery(outside))
                .bind("limit", limit)
                .map((row, context) -> outside(row))
                .list());
  }

  private OutsideRow outside(ResultSet row) throws SQLException {
    String id = row.getString(1);
    Long second = row.getObject(3, Long.class);
    return new OutsideRow(
        id,
        row.getString(2),
        second,
        table.column(second == null ? PonderColumn.TIMESTAMP : PonderColumn.ID),
        second == null ? secondReason(row.getString(4)) : idReason(id),
        ByteBuffer.wrap(row.getBytes(5)).getLong());
  }

  private String secondReason(@Nullable String value) {
    String column = table.column(PonderColumn.TIMESTAMP);
    return value == null
        ? column + " is null"
        : column + " " + value + " is not within 100,000,000,000 s of 1970";
  }

  private String idReason(@Nullable String id) {
    String column = table.column(PonderColumn.ID);
    if (id == null) {
      return column + " is null";
    }
    return id.isEmpty()
        ? column + " is empty"
        : column + " is over " + TradeKey.MAX_ID_BYTES + " bytes long";
  }

  /** Reads from the table as little as possible. */
  public void probe() {
    database.read(handle -> handle.createQuery(probe).mapTo(Integer.class).findOne());
  }
}
