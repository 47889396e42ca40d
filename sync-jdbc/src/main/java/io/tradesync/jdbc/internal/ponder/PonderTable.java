package io.tradesync.jdbc.internal.ponder;

import io.tradesync.jdbc.PonderColumn;
import io.tradesync.jdbc.internal.sql.Identifiers;
import io.tradesync.jdbc.internal.sql.KeyRangeSql;
import io.tradesync.jdbc.internal.sql.SqlNames;
import java.util.Collection;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Ponder's table of trades, as the user named it and its columns.
 *
 * <p>Statements on it select each value with a cast, so that a table that Ponder creates again with
 * other types gives the same columns. They compare and sort by the bare column, because Ponder's
 * index is on the bare column.
 *
 * @param schema the schema
 * @param name the table or view
 * @param columns the name of every column
 * @param extraColumns the columns that travel as attributes
 */
public record PonderTable(
    String schema, String name, Map<PonderColumn, String> columns, List<String> extraColumns) {

  /** What a row without a usable id or timestamp fails. A null fails every condition. */
  private static final String HAS_ID = " and t.:\"id\" <> ''";

  public PonderTable {
    columns = new EnumMap<>(columns);
    extraColumns = List.copyOf(extraColumns);
  }

  String column(PonderColumn column) {
    return Objects.requireNonNull(columns.get(column));
  }

  /** Every column that is read, once. */
  Collection<String> columnNames() {
    Set<String> names = new LinkedHashSet<>(columns.values());
    names.addAll(extraColumns);
    return names;
  }

  /** The table as SQL writes it. */
  String qualifiedName() {
    return Identifiers.quote(schema, name);
  }

  /** The table as {@code regclass} reads it. */
  String relation() {
    return Identifiers.inSearchPath(schema) + "." + Identifiers.inSearchPath(name);
  }

  /**
   * The names in statements on the table: {@code schema}, {@code table} and Ponder's own names of
   * the columns; and the fragments below.
   */
  SqlNames sqlNames() {
    Map<String, String> identifiers = new HashMap<>();
    columns.forEach((column, name) -> identifiers.put(column.defaultName(), name));
    identifiers.put("schema", schema);
    identifiers.put("table", name);
    KeyRangeSql key = KeyRangeSql.withSecondIndex("t.:\"timestamp\"", "t.:\"id\" collate \"C\"");
    return new SqlNames(
        identifiers,
        Map.of(
            "in_range",
            key.inRange() + HAS_ID,
            "in_row",
            key.inRow() + HAS_ID,
            "ranges",
            KeyRangeSql.RANGES,
            "trade",
            trade(),
            "positions",
            positions(),
            "columns",
            columnNames().stream().map(Identifiers::quote).collect(Collectors.joining(", ")),
            "hash",
            FingerprintSql.hash(extraReferences()),
            "sums",
            FingerprintSql.sums("h.hash"),
            "fingerprint",
            FingerprintSql.number("h.hash")));
  }

  private String trade() {
    Stream<String> fixed =
        Stream.of(
            "t.:\"id\"::text",
            "t.:\"timestamp\"::bigint",
            "t.:\"chain_id\"::bigint",
            "t.:\"price\"::text",
            "t.:\"quantity\"::text",
            "t.:\"transaction_id\"::text",
            "t.:\"side\"::text",
            "t.:\"pool_id\"::text");
    return Stream.concat(fixed, extraReferences().stream().map(column -> column + "::text"))
        .collect(Collectors.joining(", "));
  }

  // Names for the columns of trade() that no column of the user's can have as well.
  private String positions() {
    return IntStream.rangeClosed(1, columns.size() + extraColumns.size())
        .mapToObj(i -> "c" + i)
        .collect(Collectors.joining(", "));
  }

  private List<String> extraReferences() {
    return extraColumns.stream().map(column -> "t." + Identifiers.quote(column)).toList();
  }
}
