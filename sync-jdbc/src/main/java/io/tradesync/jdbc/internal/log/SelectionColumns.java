package io.tradesync.jdbc.internal.log;

import io.tradesync.TradeSelection;
import io.tradesync.jdbc.internal.sql.SqlArrays;
import java.sql.Array;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.util.Collection;
import java.util.Set;
import org.jdbi.v3.core.statement.SqlStatement;
import org.jspecify.annotations.Nullable;

/** Writes and reads a selection as a column of chains and one of pools; null stands for all. */
final class SelectionColumns {

  private SelectionColumns() {}

  /** Binds a selection to two parameters, which the statement casts to bigint[] and text[]. */
  static <S extends SqlStatement<S>> S bind(
      S statement, TradeSelection selection, String chains, String pools) {
    return bind(
        bind(statement, chains, "bigint", selection.chains()), pools, "text", selection.pools());
  }

  private static <S extends SqlStatement<S>> S bind(
      S statement, String name, String type, Collection<?> elements) {
    return elements.isEmpty()
        ? statement.bindNull(name, Types.ARRAY)
        : SqlArrays.bind(statement, name, type, elements, element -> element);
  }

  /** Reads a selection from two columns. */
  static TradeSelection read(ResultSet row, int chains, int pools) throws SQLException {
    return new TradeSelection(
        elements(row.getArray(chains), new Long[0]), elements(row.getArray(pools), new String[0]));
  }

  @SuppressWarnings("unchecked")
  private static <T> Set<T> elements(@Nullable Array array, T[] none) throws SQLException {
    return Set.of(array == null ? none : (T[]) array.getArray());
  }
}
