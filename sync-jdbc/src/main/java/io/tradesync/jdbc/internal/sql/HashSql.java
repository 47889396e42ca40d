package io.tradesync.jdbc.internal.sql;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** The fingerprints of SHA-256 hashes, and their sums, in SQL. */
public final class HashSql {

  private HashSql() {}

  /**
   * The fingerprint, of type bigint: the first eight bytes of a hash.
   *
   * @param hash the reference to a hash; it is repeated eight times
   */
  public static String number(String hash) {
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
  public static String sums(String hash) {
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
  public static long sum(ResultSet row, int column) throws SQLException {
    return (row.getLong(column) << 32) + (row.getLong(column + 1) << 8) + row.getLong(column + 2);
  }
}
