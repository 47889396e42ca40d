package io.tradesync.jdbc.internal.ponder;

import io.tradesync.Keyed;
import io.tradesync.TradeKey;
import io.tradesync.spi.SourcePage;
import io.tradesync.spi.UnreadableRow;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.Query;

/**
 * What a statement answered, in key order: trades, and rows that are none.
 *
 * @param <T> what is read of a trade
 * @param isEndedBySize whether the statement left further rows out because these are large
 */
public record RowsRead<T extends Keyed>(
    List<T> trades, List<UnreadableRow> unreadable, boolean isEndedBySize) {

  /** A row that has no key, which is in no answer. */
  static final Keyed WITHOUT_KEY = () -> TradeKey.MIN;

  /** Reads a row: a trade, or an {@link UnreadableRow}, or {@link #WITHOUT_KEY}. */
  interface RowReader {
    Keyed read(ResultSet row) throws SQLException;
  }

  /** Rows of nothing. */
  public static <T extends Keyed> RowsRead<T> none() {
    return new RowsRead<>(List.of(), List.of(), false);
  }

  static <T extends Keyed> RowsRead<T> of(
      SourceDatabase database, Function<Handle, Query> query, RowReader reader, Class<T> type) {
    List<Keyed> rows =
        database.read(handle -> query.apply(handle).map((row, context) -> reader.read(row)).list());
    List<T> trades = new ArrayList<>(rows.size());
    List<UnreadableRow> unreadable = new ArrayList<>(0);
    for (Keyed row : rows) {
      if (row instanceof UnreadableRow none) {
        unreadable.add(none);
      } else if (row != WITHOUT_KEY) {
        trades.add(type.cast(row));
      }
    }
    return new RowsRead<>(trades, unreadable, false);
  }

  /** Returns the same rows, after which the statement left some out. */
  RowsRead<T> endedBySize() {
    return new RowsRead<>(trades, unreadable, true);
  }

  /** Returns the same rows with other trades. */
  public RowsRead<T> with(List<T> otherTrades) {
    return new RowsRead<>(otherTrades, unreadable, isEndedBySize);
  }

  /** Returns the page of a statement that read one row more than asked for. */
  public SourcePage<T> cut(int limit) {
    int rows = trades.size() + unreadable.size();
    if (!isEndedBySize || rows > limit) {
      return SourcePage.cut(trades, unreadable, limit);
    }
    // The last row's key may have more rows.
    return rows == 1
        ? SourcePage.notLast(trades, unreadable)
        : SourcePage.cut(trades, unreadable, rows - 1);
  }
}
