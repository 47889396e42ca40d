package io.tradesync.jdbc.internal.ponder;

import io.tradesync.KeyRange;
import io.tradesync.Trade;
import io.tradesync.TradeKey;
import io.tradesync.jdbc.internal.sql.KeyRangeSql;
import io.tradesync.jdbc.internal.sql.SqlArrays;
import io.tradesync.jdbc.internal.sql.SqlNames;
import java.math.BigDecimal;
import java.nio.charset.CharsetEncoder;
import java.nio.charset.StandardCharsets;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.Query;
import org.jspecify.annotations.Nullable;

/** Reads trades from Ponder's table, without what only their pools tell. Thread-safe. */
public final class TradeReader {

  /** A page ends after the row with which it has more than this; a row counts 1 at least. */
  static final int MAX_KIB = 16 * 1_024;

  // The sum runs over the rows in the order of the subquery, which no further sort changes.
  private static final String UP_TO_MAX_KIB =
      """
      select q.*
      from (select p.*, sum(p.kib) over (rows unbounded preceding) as kib_through from (%s) as p) as q
      where q.kib_through - q.kib <= {max_kib}\
      """;

  static final String PAGE =
      UP_TO_MAX_KIB.formatted(
          """
          select {trade}, {kib} as kib
          from :"schema".:"table" as t
          where {in_range}
          order by t.:"timestamp", t.:"id" collate "C"
          limit :limit\
          """);

  // Sorted by the range's number first: the ranges are then read one after the other, and no more
  // of them than the limit needs.
  private static final String PAGE_OF_RANGES =
      UP_TO_MAX_KIB.formatted(
          """
          select o.*
          from {ranges}
          cross join lateral (
            select {trade}, {kib}
            from :"schema".:"table" as t
            where {in_row}
            order by t.:"timestamp", t.:"id" collate "C"
            limit :limit) as o ({positions}, kib)
          order by r.number, o.c2, o.c1 collate "C"
          limit :limit\
          """);

  private static final String BY_IDS =
      """
      select {trade_of_any_key}, {kib} as kib
      from :"schema".:"table" as t
      where t.:"id" <> '' and t.:"id" = any(cast(:ids as text[])){selected}
      order by t.:"timestamp", t.:"id" collate "C\"\
      """;

  private static final String BY_IDS_UP_TO_MAX_KIB = UP_TO_MAX_KIB.formatted(BY_IDS);

  private final SourceDatabase database;
  private final PonderTable table;
  private final String page;
  private final String pageOfRanges;
  private final String byId;
  private final String byIds;
  private final int unreadable;
  private final int kibThrough;

  public TradeReader(SourceDatabase database, PonderTable table) {
    this.database = database;
    this.table = table;
    SqlNames names = table.sqlNames();
    this.page = names.fill(PAGE);
    this.pageOfRanges = names.fill(PAGE_OF_RANGES);
    this.byId = names.fill(BY_IDS);
    this.byIds = names.fill(BY_IDS_UP_TO_MAX_KIB);
    this.unreadable = table.columns().size() + table.extraColumns().size() + 1;
    this.kibThrough = unreadable + 2;
  }

  /** Reads the first rows of a range. */
  public RowsRead<Trade> page(KeyRange range, long limit) {
    return page(handle -> KeyRangeSql.bind(handle.createQuery(page), range), limit);
  }

  /** Reads the first rows of several ranges, which are not empty. */
  public RowsRead<Trade> page(List<KeyRange> ranges, long limit) {
    return page(handle -> KeyRangeSql.bind(handle.createQuery(pageOfRanges), ranges), limit);
  }

  private RowsRead<Trade> page(Function<Handle, Query> query, long limit) {
    return bounded(handle -> query.apply(handle).bind("limit", limit), TradeReader::isNotRead);
  }

  private RowsRead<Trade> bounded(Function<Handle, Query> query, Consumer<String> withoutKey) {
    AtomicLong kib = new AtomicLong();
    RowsRead<Trade> rows = rows(query, withoutKey, row -> kib.set(row.getLong(kibThrough)));
    return kib.get() > MAX_KIB ? rows.endedBySize() : rows;
  }

  /**
   * Reads rows by their ids, those of one id whatever their size. An id that PostgreSQL cannot hold
   * is of no row.
   *
   * @param outsideKeyOrder gets the ids of rows that have no key
   */
  public RowsRead<Trade> byIds(Collection<String> ids, Set<String> outsideKeyOrder) {
    return byIds(ids, outsideKeyOrder::add);
  }

  private RowsRead<Trade> byIds(Collection<String> ids, Consumer<String> withoutKey) {
    CharsetEncoder encoder = StandardCharsets.UTF_8.newEncoder();
    List<String> possible =
        ids.stream()
            .distinct()
            .filter(id -> id.indexOf('\0') < 0 && encoder.canEncode(id))
            .toList();
    return switch (possible.size()) {
      case 0 -> RowsRead.none();
      case 1 -> rows(byIds(byId, possible), withoutKey, row -> {});
      default -> bounded(byIds(byIds, possible), withoutKey);
    };
  }

  private static Function<Handle, Query> byIds(String statement, List<String> ids) {
    return handle -> SqlArrays.bind(handle.createQuery(statement), "ids", "text", ids, id -> id);
  }

  private static void isNotRead(String id) {
    throw new IllegalStateException("a range holds no row without a key, but holds " + id);
  }

  /** Looks at a row once more. */
  private interface RowVisitor {
    void visit(ResultSet row) throws SQLException;
  }

  private RowsRead<Trade> rows(
      Function<Handle, Query> query, Consumer<String> withoutKey, RowVisitor visitor) {
    return RowsRead.of(
        database,
        handle -> table.bindTypes(query.apply(handle)),
        row -> {
          visitor.visit(row);
          long second = row.getLong(2);
          if (row.wasNull()) {
            withoutKey.accept(row.getString(1));
            return RowsRead.WITHOUT_KEY;
          }
          String why = row.getString(unreadable);
          return why == null
              ? trade(row)
              : UnreadableColumn.row(table, new TradeKey(second, row.getString(1)), why);
        },
        Trade.class);
  }

  private Trade trade(ResultSet row) throws SQLException {
    Trade.Builder trade =
        Trade.builder(row.getString(1), row.getLong(2), row.getLong(3), row.getString(8))
            .price(number(row.getString(4)))
            .quantity(number(row.getString(5)))
            .transactionId(row.getString(6))
            .side(row.getString(7));
    int next = 9;
    for (String column : table.extraColumns()) {
      trade.attribute(column, row.getString(next++));
    }
    return trade.build();
  }

  private static @Nullable BigDecimal number(@Nullable String text) {
    return text == null ? null : new BigDecimal(text);
  }
}
