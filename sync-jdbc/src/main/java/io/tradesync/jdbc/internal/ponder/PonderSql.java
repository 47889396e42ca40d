package io.tradesync.jdbc.internal.ponder;

import io.tradesync.jdbc.PonderColumn;
import io.tradesync.jdbc.internal.sql.Identifiers;
import java.util.Collection;
import java.util.EnumMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * The statements on Ponder's table of trades. Each value is cast where it is selected, so that a
 * table made anew with other types gives the same columns. What is compared and sorted by is the
 * bare column: that is what an index is on.
 */
public final class PonderSql {

  /**
   * Ends a subquery that the planner would dissolve: it would compute a hash for each byte read of
   * it, take each second for a bucket, and sort all rows on disk instead of counting in a table of
   * the few buckets that there are.
   */
  private static final String ONCE_A_ROW = " offset 0";

  private final String schema;
  private final String table;
  private final Map<PonderColumn, String> columns;
  private final List<String> extraColumns;
  private final String time;
  private final String id;

  /**
   * Names what the statements are about.
   *
   * @param schema the schema
   * @param table the table or view
   * @param columns the name of every column
   * @param extraColumns the columns that travel as attributes
   */
  public PonderSql(
      String schema, String table, Map<PonderColumn, String> columns, List<String> extraColumns) {
    this.schema = schema;
    this.table = table;
    this.columns = new EnumMap<>(columns);
    this.extraColumns = List.copyOf(extraColumns);
    this.time = column(PonderColumn.TIMESTAMP);
    this.id = column(PonderColumn.ID);
  }

  String schema() {
    return schema;
  }

  String table() {
    return table;
  }

  public Map<PonderColumn, String> columns() {
    return columns;
  }

  public List<String> extraColumns() {
    return extraColumns;
  }

  /** The table as {@code regclass} reads it. */
  public String tableName() {
    return Identifiers.inSearchPath(schema) + "." + Identifiers.inSearchPath(table);
  }

  /** The table as SQL writes it. */
  public String qualifiedTable() {
    return Identifiers.quote(schema, table);
  }

  public String page() {
    return "select " + trade() + from() + where(range()) + order("asc") + " limit :limit";
  }

  // Sorted by the range's number first: the ranges are then read one after the other, and no more
  // of them than the limit needs.
  public String pageOfRanges() {
    return "select k.*"
        + ranges()
        + " cross join lateral (select "
        + trade()
        + from()
        + where(range("r.after_time", "r.after_id", "r.up_to_time", "r.up_to_id"))
        + order("asc")
        + " limit :limit) as k ("
        + numbered(columns.size() + extraColumns.size())
        + ") order by r.number, k.c2, k.c1 collate \"C\" limit :limit";
  }

  // Names of our own: the user's may be those of others.
  private static String numbered(int columns) {
    return IntStream.rangeClosed(1, columns)
        .mapToObj(i -> "c" + i)
        .collect(Collectors.joining(", "));
  }

  public String byIds() {
    return "select "
        + trade()
        + from()
        + where(
            time + " is not null and " + id + " <> '' and " + id + " = any(cast(:ids as text[]))")
        + order("asc");
  }

  public String first() {
    return "select " + key() + from() + where(range()) + order("asc") + " limit 1";
  }

  public String last() {
    return "select " + key() + from() + where(range()) + order("desc") + " limit 1";
  }

  public String count() {
    return "select count(*)" + from() + where(range());
  }

  public String countWithoutKey() {
    return "select count(*)"
        + from()
        + where(time + " is null or " + id + " is null or " + id + " = ''");
  }

  public String digests() {
    return "select h.bucket, count(*), "
        + FingerprintSql.sums("h.hash")
        + " from (select ("
        + time
        + "::bigint - cast(:start as bigint)) / cast(:width as bigint) as bucket, "
        + hash()
        + " as hash"
        + from()
        + where(range())
        + ONCE_A_ROW
        + ") as h group by h.bucket";
  }

  public String digestsOfRanges() {
    return "select r.number - 1, d.*"
        + ranges()
        + " cross join lateral (select count(*), "
        + FingerprintSql.sums("h.hash")
        + " from (select "
        + hash()
        + " as hash"
        + from()
        + where(range("r.after_time", "r.after_id", "r.up_to_time", "r.up_to_id"))
        + ONCE_A_ROW
        + ") as h) as d order by r.number";
  }

  public String keys() {
    return "select k.epoch_second, k.id, "
        + FingerprintSql.number("k.hash")
        + ranges()
        + " cross join lateral (select "
        + key()
        + ", "
        + hash()
        + from()
        + where(range("r.after_time", "r.after_id", "r.up_to_time", "r.up_to_id"))
        + order("asc")
        + " limit :limit) as k (epoch_second, id, hash)"
        + " order by r.number, k.epoch_second, k.id collate \"C\" limit :limit";
  }

  private static String ranges() {
    return " from unnest(cast(:after as bigint[]), cast(:afterId as text[]),"
        + " cast(:upTo as bigint[]), cast(:upToId as text[]))"
        + " with ordinality as r(after_time, after_id, up_to_time, up_to_id, number)";
  }

  /** Whether Ponder's own tables of progress may be read; asked so that no refusal is logged. */
  public String mayReadCheckpoint() {
    return "select coalesce(bool_and(has_table_privilege(to_regclass(name), 'select')), false)"
        + " from unnest(cast(:names as text[])) as t (name)";
  }

  public List<String> checkpointTables() {
    return List.of(
        Identifiers.quote(schema, "_ponder_checkpoint"), Identifiers.quote(schema, "_ponder_meta"));
  }

  // 75 digits, of which the first ten are the finalized block's time. Blocks can share a time, so
  // only what is before it is final. While Ponder is not ready, as in a crash recovery, what stands
  // there can be stale.
  public String finalizedBefore() {
    return "select min(left(finalized_checkpoint, 10)::bigint) from "
        + checkpointTables().get(0)
        + " where (select (value ->> 'is_ready')::int from "
        + checkpointTables().get(1)
        + " where key = 'app') = 1";
  }

  public String probe() {
    return "select 1" + from() + " limit 1";
  }

  /** No row of the columns as they are, in the order of {@link #names()}. */
  String noRow() {
    return "select "
        + names().stream().map(Identifiers::quote).collect(Collectors.joining(", "))
        + from()
        + " limit 0";
  }

  /** The columns that are read, each once. */
  Collection<String> names() {
    Set<String> names = new LinkedHashSet<>(columns.values());
    names.addAll(extraColumns);
    return names;
  }

  private String trade() {
    return Stream.concat(
            Stream.of(
                id + "::text",
                time + "::bigint",
                column(PonderColumn.CHAIN_ID) + "::bigint",
                column(PonderColumn.PRICE) + "::text",
                column(PonderColumn.QUANTITY) + "::text",
                column(PonderColumn.TRANSACTION_ID) + "::text",
                column(PonderColumn.SIDE) + "::text",
                column(PonderColumn.POOL_ID) + "::text"),
            extraColumns.stream().map(name -> "t." + Identifiers.quote(name) + "::text"))
        .collect(Collectors.joining(", "));
  }

  private String key() {
    return time + "::bigint, " + id + "::text";
  }

  private String hash() {
    return FingerprintSql.hash(
        this::column,
        PonderSql::isWhole,
        extraColumns.stream().map(name -> "t." + Identifiers.quote(name)).toList());
  }

  // True of numeric(78, 0), as Ponder declares it; false where the type does not tell. Each
  // statement asks anew, and once, since the table may be made anew with another type.
  private static String isWhole(PonderColumn column) {
    return "(select (atttypmod - 4) & 65535 = 0 from pg_attribute"
        + " where attrelid = cast(:table as regclass) and attname = :"
        + column.defaultName()
        + ")";
  }

  private String from() {
    return " from " + qualifiedTable() + " as t";
  }

  private static String where(String condition) {
    return " where " + condition;
  }

  private String range() {
    return range(
        "cast(:after as bigint)",
        "cast(:afterId as text)",
        "cast(:upTo as bigint)",
        "cast(:upToId as text)");
  }

  // The first two conditions find the rows by an index on the timestamp alone, the others cut off
  // the ends. A null key makes the whole null, so such a row is in no range.
  private String range(String after, String afterId, String upTo, String upToId) {
    return String.format(
        "%1$s >= %3$s and %1$s <= %5$s and %2$s <> ''"
            + " and (%1$s > %3$s or %2$s collate \"C\" > %4$s)"
            + " and (%1$s < %5$s or %2$s collate \"C\" <= %6$s)",
        time, id, after, afterId, upTo, upToId);
  }

  private String order(String direction) {
    return " order by " + keyOrder(direction);
  }

  private String keyOrder(String direction) {
    return time + " " + direction + ", " + id + " collate \"C\" " + direction;
  }

  private String column(PonderColumn column) {
    return "t." + Identifiers.quote(Objects.requireNonNull(columns.get(column)));
  }
}
