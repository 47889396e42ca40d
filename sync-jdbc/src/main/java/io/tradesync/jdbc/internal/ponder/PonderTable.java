package io.tradesync.jdbc.internal.ponder;

import io.tradesync.KeyRange;
import io.tradesync.TradeKey;
import io.tradesync.TradeSelection;
import io.tradesync.jdbc.PonderColumn;
import io.tradesync.jdbc.internal.sql.HashSql;
import io.tradesync.jdbc.internal.sql.Identifiers;
import io.tradesync.jdbc.internal.sql.KeyRangeSql;
import io.tradesync.jdbc.internal.sql.SqlArrays;
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
import org.jdbi.v3.core.statement.Query;

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
 * @param selection the chains and pools whose rows are read; a row without a chain or a pool
 *     belongs to none that is named
 */
public record PonderTable(
    String schema,
    String name,
    Map<PonderColumn, String> columns,
    List<String> extraColumns,
    TradeSelection selection) {

  private static final long MAX_SECOND = TradeKey.MAX_EPOCH_SECOND;

  /** The range that keys can be in. */
  public static final KeyRange KEYS = KeyRange.seconds(-MAX_SECOND, MAX_SECOND + 1);

  /**
   * What a row without a usable id fails. A null fails the first condition. Without "is not true"
   * the planner would take the second one for rarely met.
   */
  private static final String HAS_ID =
      " and t.:\"id\" <> '' and (octet_length(t.:\"id\") > "
          + TradeKey.MAX_ID_BYTES
          + ") is not true";

  private static final String IS_SECOND =
      "t.:\"timestamp\" between cast('-"
          + MAX_SECOND
          + "' as bigint) and cast('"
          + MAX_SECOND
          + "' as bigint)";

  /** What a row without a key fails. Evaluated before its timestamp is cast. */
  private static final String HAS_KEY = IS_SECOND + HAS_ID;

  private static final String SECOND = "t.:\"timestamp\"::bigint";

  // Null for a row without a key, whose timestamp may be beyond a bigint.
  private static final String SECOND_IF_KEY = "case when " + HAS_KEY + " then " + SECOND + " end";

  public PonderTable {
    columns = new EnumMap<>(columns);
    extraColumns = List.copyOf(extraColumns);
  }

  /** Returns the table as a part of its chains and pools sees it. */
  public PonderTable only(TradeSelection part) {
    return new PonderTable(schema, name, columns, extraColumns, selection.part(part));
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
    return Identifiers.asRegclass(schema, name);
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
        Map.ofEntries(
            Map.entry("in_range", key.inRange() + HAS_ID + selected()),
            Map.entry("in_row", key.inRow() + HAS_ID + selected()),
            Map.entry("selected", selected()),
            Map.entry("has_key", HAS_KEY),
            Map.entry("is_second", IS_SECOND),
            Map.entry("row_hash", FingerprintSql.rowHash(extraReferences())),
            Map.entry("ranges", KeyRangeSql.RANGES),
            Map.entry("trade", trade(SECOND)),
            Map.entry("trade_of_any_key", trade(SECOND_IF_KEY)),
            Map.entry("positions", positions()),
            Map.entry("kib", kib()),
            Map.entry("max_kib", Integer.toString(TradeReader.MAX_KIB)),
            Map.entry(
                "columns",
                columnNames().stream().map(Identifiers::quote).collect(Collectors.joining(", "))),
            Map.entry("hash", FingerprintSql.hash(extraReferences())),
            Map.entry("unreadable", FingerprintSql.unreadable(extraReferences())),
            Map.entry("sums", HashSql.sums("h.hash")),
            Map.entry("is_unreadable", FingerprintSql.isUnreadable("h.hash")),
            Map.entry("fingerprint", HashSql.number("h.hash"))));
  }

  private String selected() {
    return (selection.chains().isEmpty()
            ? ""
            : " and t.:\"chain_id\" = any(cast(:selectedChains as bigint[]))")
        + (selection.pools().isEmpty()
            ? ""
            : " and t.:\"pool_id\" = any(cast(:selectedPools as text[]))");
  }

  /** Binds the chains and pools that a condition on the rows names. */
  Query bindSelection(Query query) {
    if (!selection.chains().isEmpty()) {
      SqlArrays.bind(query, "selectedChains", "bigint", selection.chains(), chain -> chain);
    }
    return selection.pools().isEmpty()
        ? query
        : SqlArrays.bind(query, "selectedPools", "text", selection.pools(), pool -> pool);
  }

  /** Binds the selection, and what the fragments with hashes read of the columns' types. */
  Query bindTypes(Query query) {
    return bindSelection(query)
        .bind("relation", relation())
        .bind("priceColumn", column(PonderColumn.PRICE))
        .bind("quantityColumn", column(PonderColumn.QUANTITY));
  }

  private String trade(String second) {
    Stream<String> fixed =
        Stream.of(
            "t.:\"id\"::text",
            second,
            // Not cast: it may be beyond a bigint, and then is not read.
            "t.:\"chain_id\"",
            FingerprintSql.text(PonderColumn.PRICE),
            FingerprintSql.text(PonderColumn.QUANTITY),
            "t.:\"transaction_id\"::text",
            "t.:\"side\"::text",
            "t.:\"pool_id\"::text");
    return Stream.of(
            fixed,
            extraReferences().stream().map(column -> column + "::text"),
            Stream.of(FingerprintSql.unreadable(extraReferences())))
        .flatMap(references -> references)
        .collect(Collectors.joining(", "));
  }

  // The size of a row's texts in KiB. The length of a text is read without the text itself, also of
  // one that the table keeps elsewhere. What has a bound (numbers, ids) counts as part of the 1.
  private String kib() {
    return Stream.concat(
            Stream.of("t.:\"transaction_id\"", "t.:\"side\"", "t.:\"pool_id\""),
            extraReferences().stream())
        .map(column -> "coalesce(octet_length(" + column + "::text) >> 10, 0)")
        .collect(Collectors.joining(" + ", "1 + ", ""));
  }

  // Names for the columns of trade() that no column of the user's can have as well.
  private String positions() {
    return IntStream.rangeClosed(1, columns.size() + extraColumns.size() + 1)
        .mapToObj(i -> "c" + i)
        .collect(Collectors.joining(", "));
  }

  private List<String> extraReferences() {
    return extraColumns.stream().map(column -> "t." + Identifiers.quote(column)).toList();
  }
}
