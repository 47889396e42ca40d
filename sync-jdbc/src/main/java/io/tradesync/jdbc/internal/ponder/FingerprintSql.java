package io.tradesync.jdbc.internal.ponder;

import io.tradesync.jdbc.PonderColumn;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * {@link io.tradesync.Fingerprint#of} in SQL, for a database whose encoding is UTF8 and a client
 * whose encoding is UTF8 too. It is in two steps: a subquery that the planner does not dissolve
 * computes {@link #hash} once a row, and the query around it takes the {@link #number}.
 *
 * <p>In PostgreSQL {@code ||}, {@code |} and {@code <<} bind alike, so every operation that is not
 * a plain chain of one of them stands in parentheses.
 */
public final class FingerprintSql {

  private static final String NULL_NUMBER = "int2send(-1::int2)";

  private FingerprintSql() {}

  /**
   * The SHA-256 of the canonical form, of type bytea. A row without a chain or a timestamp, which
   * is no trade, has the empty form.
   *
   * @param column the reference to each column
   * @param isWhole a condition for price and quantity each; where it is true the column can hold
   *     nothing behind the point
   * @param extraColumns the references to the columns that travel as attributes
   */
  static String hash(
      Function<PonderColumn, String> column,
      Function<PonderColumn, String> isWhole,
      List<String> extraColumns) {
    return "sha256(coalesce(" + canonicalForm(column, isWhole, extraColumns) + ", ''))";
  }

  /**
   * The fingerprint, of type bigint: the first eight bytes of a hash.
   *
   * @param hash the reference to a hash; it stands here eight times
   */
  static String number(String hash) {
    return IntStream.range(0, Long.BYTES)
        .mapToObj(i -> "(get_byte(" + hash + ", " + i + ")::bigint << " + (56 - 8 * i) + ")")
        .collect(Collectors.joining(" | ", "(", ")"));
  }

  /**
   * The sum of fingerprints in three columns of type bigint, for {@link #sum}. Sums of integers are
   * cheaper than one of bigints, which PostgreSQL counts and sends as a numeric.
   *
   * @param hash the reference to a hash
   */
  static String sums(String hash) {
    return Stream.of(bytes(hash, 0, 4), bytes(hash, 4, 7), bytes(hash, 7, 8))
        .collect(Collectors.joining("), sum(", "sum(", ")"));
  }

  // The first four bytes have a sign, as the whole has. Others must not, so they are fewer.
  private static String bytes(String hash, int from, int to) {
    String last = "get_byte(" + hash + ", " + (to - 1) + ")";
    return IntStream.range(from, to - 1)
        .mapToObj(i -> "(get_byte(" + hash + ", " + i + ") << " + 8 * (to - 1 - i) + ") | ")
        .collect(Collectors.joining("", "", last));
  }

  /**
   * Reads what {@link #sums} selects.
   *
   * @param row a row
   * @param column the first of the three columns
   * @return the sum modulo 2^64; 0 of no rows
   */
  public static long sum(ResultSet row, int column) throws SQLException {
    return (row.getLong(column) << 32) + (row.getLong(column + 1) << 8) + row.getLong(column + 2);
  }

  /** The form as {@link io.tradesync.Fingerprint#canonicalForm} has it, of type bytea. */
  static String canonicalForm(
      Function<PonderColumn, String> column,
      Function<PonderColumn, String> isWhole,
      List<String> extraColumns) {
    List<String> texts =
        Stream.concat(
                Stream.of(
                        PonderColumn.ID,
                        PonderColumn.TRANSACTION_ID,
                        PonderColumn.SIDE,
                        PonderColumn.POOL_ID)
                    .map(column),
                extraColumns.stream())
            .map(text -> text + "::text")
            .toList();
    return Stream.of(
            Stream.of(
                "int8send(" + column.apply(PonderColumn.TIMESTAMP) + "::bigint)",
                "int8send(" + column.apply(PonderColumn.CHAIN_ID) + "::bigint)",
                number(PonderColumn.PRICE, column, isWhole),
                number(PonderColumn.QUANTITY, column, isWhole)),
            texts.stream().map(text -> "int4send(coalesce(octet_length(" + text + "), -1))"),
            Stream.of(utf8(texts)))
        .flatMap(parts -> parts)
        .collect(Collectors.joining(" || "));
  }

  // Most values are whole, and to see that costs less than to make a copy without zeros.
  private static String number(
      PonderColumn name,
      Function<PonderColumn, String> column,
      Function<PonderColumn, String> isWhole) {
    String value = column.apply(name) + "::numeric";
    return "coalesce(numeric_send(case when %1$s or scale(%2$s) = 0 then %2$s else trim_scale(%2$s) end), %3$s)"
        .formatted(isWhole.apply(name), value, NULL_NUMBER);
  }

  // Unlike convert_to(), textsend() does not check once more that a text is UTF-8.
  private static String utf8(List<String> texts) {
    return texts.stream()
        .map(text -> "coalesce(" + text + ", '')")
        .collect(Collectors.joining(" || ", "textsend(", ")"));
  }
}
