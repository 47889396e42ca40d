package io.tradesync.jdbc.internal.log;

import io.tradesync.KeyRange;
import io.tradesync.TradeKey;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.function.Function;
import org.jdbi.v3.core.statement.SqlStatement;

/** Binds lists as one array a column, to be unnested in SQL. */
final class LogColumns {

  /** The order in which ids are locked, that of their bytes. */
  static final Comparator<TradeKey> BY_ID = Comparator.comparing(key -> new TradeKey(0, key.id()));

  private LogColumns() {}

  static <S extends SqlStatement<S>, T> S numbers(
      S statement, String name, Collection<T> rows, Function<T, Long> column) {
    return statement.bindArray(name, Long.class, rows.stream().map(column).toList());
  }

  static <S extends SqlStatement<S>, T> S texts(
      S statement, String name, Collection<T> rows, Function<T, String> column) {
    return statement.bindArray(name, String.class, rows.stream().map(column).toList());
  }

  /** Binds {@code :seconds} and {@code :ids}. */
  static <S extends SqlStatement<S>, T> S keys(
      S statement, Collection<T> rows, Function<T, TradeKey> key) {
    numbers(statement, "seconds", rows, row -> key.apply(row).epochSecond());
    return texts(statement, "ids", rows, row -> key.apply(row).id());
  }

  /** Binds {@code :afterSecond}, {@code :afterId}, {@code :upToSecond} and {@code :upToId}. */
  static <S extends SqlStatement<S>> S range(S statement, KeyRange range) {
    return statement
        .bind("afterSecond", range.after().epochSecond())
        .bind("afterId", range.after().id())
        .bind("upToSecond", range.upTo().epochSecond())
        .bind("upToId", range.upTo().id());
  }

  /** Binds the same names as {@link #range}, each with an array. */
  static <S extends SqlStatement<S>> S ranges(S statement, List<KeyRange> ranges) {
    numbers(statement, "afterSecond", ranges, range -> range.after().epochSecond());
    texts(statement, "afterId", ranges, range -> range.after().id());
    numbers(statement, "upToSecond", ranges, range -> range.upTo().epochSecond());
    return texts(statement, "upToId", ranges, range -> range.upTo().id());
  }
}
