package io.tradesync.jdbc.internal.ponder;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * {@link io.tradesync.Fingerprint#of} in SQL, for a database and a client whose encodings are UTF8.
 * It has two steps: a subquery that the planner does not dissolve computes {@link #hash} once a
 * row, and the query around it takes the {@link #number}.
 *
 * <p>In PostgreSQL {@code ||}, {@code |} and {@code <<} bind alike. Every operation that is not a
 * plain chain of one of them is therefore in parentheses.
 */
final class FingerprintSql {

  // Most values are whole. To see this from the column's type or from the scale costs less than to
  // copy a number without its zeros. numeric(78, 0), as Ponder declares it, is whole by its type.
  // Each statement reads the type, once, because Ponder may create the table again with another
  // one.
  private static final String NUMBER =
      """
      coalesce(
        numeric_send(
          case
            when (select (atttypmod - 4) & 65535 = 0 from pg_attribute
                where attrelid = cast(:relation as regclass) and attname = :%1$sColumn)
              or scale(t.:"%1$s"::numeric) = 0
            then t.:"%1$s"::numeric
            else trim_scale(t.:"%1$s"::numeric)
          end),
        int2send(-1::int2))""";

  private FingerprintSql() {}

  /**
   * The SHA-256 of the canonical form, of type bytea. A row without a chain or a timestamp, which
   * is no trade, has the empty form.
   *
   * @param extraColumns the references to the columns that travel as attributes
   */
  static String hash(List<String> extraColumns) {
    return "sha256(coalesce(" + canonicalForm(extraColumns) + ", ''))";
  }

  /**
   * The fingerprint, of type bigint: the first eight bytes of a hash.
   *
   * @param hash the reference to a hash; it is repeated eight times
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
   * @param column the first of the three columns
   * @return the sum modulo 2^64; 0 of no rows
   */
  static long sum(ResultSet row, int column) throws SQLException {
    return (row.getLong(column) << 32) + (row.getLong(column + 1) << 8) + row.getLong(column + 2);
  }

  /** The form that {@link io.tradesync.Fingerprint#canonicalForm} has, of type bytea. */
  static String canonicalForm(List<String> extraColumns) {
    List<String> texts =
        Stream.concat(
                Stream.of("id", "transaction_id", "side", "pool_id").map("t.:\"%s\""::formatted),
                extraColumns.stream())
            .map(column -> column + "::text")
            .toList();
    return Stream.of(
            Stream.of(
                "int8send(t.:\"timestamp\"::bigint)",
                "int8send(t.:\"chain_id\"::bigint)",
                NUMBER.formatted("price"),
                NUMBER.formatted("quantity")),
            texts.stream().map("int4send(coalesce(octet_length(%s), -1))"::formatted),
            Stream.of(utf8(texts)))
        .flatMap(parts -> parts)
        .collect(Collectors.joining(" || "));
  }

  // Unlike convert_to(), textsend() does not check once more that a text is UTF-8.
  private static String utf8(List<String> texts) {
    return texts.stream()
        .map("coalesce(%s, '')"::formatted)
        .collect(Collectors.joining(" || ", "textsend(", ")"));
  }
}
