package io.tradesync.jdbc.internal.sql;

import io.tradesync.Trade;
import java.math.BigDecimal;
import java.sql.Array;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.function.Function;
import org.jdbi.v3.core.argument.Argument;
import org.jdbi.v3.core.statement.SqlStatement;
import org.jspecify.annotations.Nullable;

/** One SQL array a column, to be unnested; freed when closed. */
public final class SqlArrays implements AutoCloseable {

  private final Connection connection;
  private final List<Array> arrays = new ArrayList<>();

  /**
   * Binds a column of rows as one array.
   *
   * @param type the elements' SQL type
   * @param column takes the element from a row; can return null
   */
  public static <S extends SqlStatement<S>, T> S bind(
      S statement,
      String name,
      String type,
      Collection<T> rows,
      Function<T, ? extends @Nullable Object> column) {
    Object[] elements = new Object[rows.size()];
    int i = 0;
    for (T row : rows) {
      elements[i++] = element(column.apply(row));
    }
    Argument array =
        (position, prepared, context) ->
            prepared.setArray(position, prepared.getConnection().createArrayOf(type, elements));
    return statement.bind(name, array);
  }

  // The driver writes a BigDecimal with an exponent, and the server then reads another scale.
  private static @Nullable Object element(@Nullable Object value) {
    return value instanceof BigDecimal number ? number.toPlainString() : value;
  }

  public SqlArrays(Connection connection) {
    this.connection = connection;
  }

  /**
   * Makes an array.
   *
   * @param type the elements' SQL type
   * @param rows the rows
   * @param column takes the element from a row; can return null
   */
  public <T> Array of(String type, Collection<T> rows, Function<T, @Nullable Object> column)
      throws SQLException {
    Object[] elements = new Object[rows.size()];
    int i = 0;
    for (T row : rows) {
      Object element = column.apply(row);
      // The driver would write a BigDecimal with an exponent, digit by digit the same number but
      // for
      // its scale.
      elements[i++] = element instanceof BigDecimal number ? number.toPlainString() : element;
    }
    Array array = connection.createArrayOf(type, elements);
    arrays.add(array);
    return array;
  }

  /** A trade's attributes as the text of an array of names and values in turn; null if none. */
  public @Nullable Object attributes(Trade trade) {
    if (trade.attributes().isEmpty()) {
      return null;
    }
    List<@Nullable String> pairs = new ArrayList<>();
    trade
        .attributes()
        .forEach(
            (name, value) -> {
              pairs.add(name);
              pairs.add(value);
            });
    try {
      return connection.createArrayOf("text", pairs.toArray()).toString();
    } catch (SQLException e) {
      throw new IllegalStateException("an array of texts can always be made", e);
    }
  }

  @Override
  public void close() throws SQLException {
    for (Array array : arrays) {
      array.free();
    }
  }
}
