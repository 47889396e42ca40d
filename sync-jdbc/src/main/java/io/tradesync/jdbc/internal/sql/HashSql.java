package io.tradesync.jdbc.internal.sql;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** The fingerprints of SHA-256 hashes, and their sums, in SQL. */
public final class HashSql {

  private HashSql() {}

  /**
   * Four bytes of each integer, as expressions of type bytea. Two integers are sent as one bigint:
   * each function that sends something takes 1 kB, whatever it sends.
   *
   * @param integers expressions of type integer
   */
  public static Stream<String> integers(List<String> integers) {
    return IntStream.range(0, (integers.size() + 1) / 2)
        .mapToObj(
            pair -> {
              String first = integers.get(2 * pair);
              return 2 * pair + 1 == integers.size()
                  ? "int4send(" + first + ")"
                  : "int8send((%s::bigint << 32) | (%s::bigint & 4294967295))"
                      .formatted(first, integers.get(2 * pair + 1));
            });
  }

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
