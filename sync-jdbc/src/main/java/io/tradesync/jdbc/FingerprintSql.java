package io.tradesync.jdbc;

import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * {@link io.tradesync.spi.Fingerprint#of} as an SQL expression, for a database whose encoding is
 * UTF8.
 */
final class FingerprintSql {

  private FingerprintSql() {}

  /**
   * The expression, of type bigint.
   *
   * @param column the reference to each column
   * @param extraColumns the references to the columns that travel as attributes
   */
  static String of(Function<PonderColumn, String> column, List<String> extraColumns) {
    String form =
        "concat("
            + String.join(
                ", ",
                text(column.apply(PonderColumn.ID)),
                column.apply(PonderColumn.TIMESTAMP) + "::bigint, ','",
                column.apply(PonderColumn.CHAIN_ID) + "::bigint, ','",
                number(column.apply(PonderColumn.PRICE)),
                number(column.apply(PonderColumn.QUANTITY)),
                text(column.apply(PonderColumn.TRANSACTION_ID)),
                text(column.apply(PonderColumn.SIDE)),
                text(column.apply(PonderColumn.POOL_ID)))
            + ")"
            // One call takes at most 100 arguments.
            + extraColumns.stream()
                .map(extra -> " || concat(" + text(extra) + ")")
                .collect(Collectors.joining());
    return "('x' || encode(substring(sha256(convert_to("
        + form
        + ", 'UTF8')) from 1 for 8), 'hex'))::bit(64)::bigint";
  }

  // concat() leaves nulls out, which is what the canonical form does.
  private static String text(String column) {
    return "octet_length(" + column + "::text), ':', " + column + "::text, ','";
  }

  private static String number(String column) {
    return "trim_scale(" + column + "::numeric), ','";
  }
}
