package io.tradesync.jdbc.internal.sql;

import java.lang.reflect.Array;
import java.math.BigDecimal;
import java.util.Collection;
import java.util.Map;
import java.util.function.Function;
import org.jdbi.v3.core.argument.Argument;
import org.jdbi.v3.core.statement.SqlStatement;
import org.jspecify.annotations.Nullable;

/**
 * Binds rows as one array a column, which a statement unnests. A statement casts each array to its
 * type, because the driver does not always send the type.
 */
public final class SqlArrays {

  // The driver sends arrays of these classes in binary form, which costs the server less to read.
  private static final Map<String, Class<?>> CLASSES =
      Map.of("bigint", Long.class, "integer", Integer.class, "text", String.class);

  private SqlArrays() {}

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
    Object[] elements =
        (Object[]) Array.newInstance(CLASSES.getOrDefault(type, Object.class), rows.size());
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
}
