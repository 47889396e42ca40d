package io.tradesync.jdbc.internal.ponder;

import io.tradesync.KeyRange;
import io.tradesync.Trade;
import io.tradesync.TradesyncException;
import io.tradesync.jdbc.PonderColumn;
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
import java.util.function.Function;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.Query;
import org.jspecify.annotations.Nullable;

/** Reads trades from Ponder's table, without what only their pools tell. Thread-safe. */
public final class TradeReader {

  static final String PAGE =
      """
      select {trade}
      from :"schema".:"table" as t
      where {in_range}
      order by t.:"timestamp", t.:"id" collate "C"
      limit :limit""";

  // Sorted by the range's number first: the ranges are then read one after the other, and no more
  // of them than the limit needs.
  private static final String PAGE_OF_RANGES =
      """
      select p.*
      from {ranges}
      cross join lateral (
        select {trade}
        from :"schema".:"table" as t
        where {in_row}
        order by t.:"timestamp", t.:"id" collate "C"
        limit :limit) as p ({positions})
      order by r.number, p.c2, p.c1 collate "C"
      limit :limit""";

  private static final String BY_IDS =
      """
      select {trade}
      from :"schema".:"table" as t
      where t.:"timestamp" is not null and t.:"id" <> '' and t.:"id" = any(cast(:ids as text[]))
      order by t.:"timestamp", t.:"id" collate "C\"""";

  private final SourceDatabase database;
  private final PonderTable table;
  private final String page;
  private final String pageOfRanges;
  private final String byIds;

  public TradeReader(SourceDatabase database, PonderTable table) {
    this.database = database;
    this.table = table;
    SqlNames names = table.sqlNames();
    this.page = names.fill(PAGE);
    this.pageOfRanges = names.fill(PAGE_OF_RANGES);
    this.byIds = names.fill(BY_IDS);
  }

  /** Reads the first trades of a range. */
  public List<Trade> page(KeyRange range, long limit) {
    return trades(handle -> KeyRangeSql.bind(handle.createQuery(page), range).bind("limit", limit));
  }

  /** Reads the first trades of several ranges, which are not empty. */
  public List<Trade> page(List<KeyRange> ranges, long limit) {
    return trades(
        handle -> KeyRangeSql.bind(handle.createQuery(pageOfRanges), ranges).bind("limit", limit));
  }

  /** Reads trades by their ids. An id that PostgreSQL cannot hold is of no trade. */
  public List<Trade> byIds(Collection<String> ids) {
    CharsetEncoder encoder = StandardCharsets.UTF_8.newEncoder();
    List<String> possible =
        ids.stream().filter(id -> id.indexOf('\0') < 0 && encoder.canEncode(id)).toList();
    return possible.isEmpty()
        ? List.of()
        : trades(
            handle -> SqlArrays.bind(handle.createQuery(byIds), "ids", "text", possible, id -> id));
  }

  private List<Trade> trades(Function<Handle, Query> query) {
    return database.read(handle -> query.apply(handle).map((row, context) -> trade(row)).list());
  }

  private Trade trade(ResultSet row) throws SQLException {
    String id = row.getString(1);
    long chainId = row.getLong(3);
    if (row.wasNull()) {
      throw unreadable(PonderColumn.CHAIN_ID, id, "null");
    }
    String poolId = row.getString(8);
    if (poolId == null) {
      throw unreadable(PonderColumn.POOL_ID, id, "null");
    }
    Trade.Builder trade =
        Trade.builder(id, row.getLong(2), chainId, poolId)
            .price(number(PonderColumn.PRICE, id, row.getString(4)))
            .quantity(number(PonderColumn.QUANTITY, id, row.getString(5)))
            .transactionId(row.getString(6))
            .side(row.getString(7));
    int next = 9;
    for (String column : table.extraColumns()) {
      trade.attribute(column, row.getString(next++));
    }
    return trade.build();
  }

  // A numeric can be NaN and, from PostgreSQL 14 on, infinite.
  private @Nullable BigDecimal number(PonderColumn column, String id, @Nullable String text) {
    if (text == null) {
      return null;
    }
    char last = text.charAt(text.length() - 1);
    if (last < '0' || last > '9') {
      throw unreadable(column, id, text);
    }
    return new BigDecimal(text);
  }

  private TradesyncException unreadable(PonderColumn column, String id, String value) {
    return new TradesyncException(
        "column %s of trade %s in %s is %s, which no trade can hold; correct it at the source"
            .formatted(table.column(column), id, table.qualifiedName(), value));
  }
}
