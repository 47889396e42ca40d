package io.tradesync.jdbc.internal.ponder;

import io.tradesync.jdbc.PonderColumn;
import io.tradesync.jdbc.internal.sql.HashSql;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * {@link io.tradesync.Fingerprint#of} in SQL, for a database and a client whose encodings are UTF8.
 * It has two steps: a subquery that the planner does not dissolve computes {@link #hash} once a
 * row, and the query around it takes the {@link io.tradesync.jdbc.internal.sql.HashSql#number
 * number}.
 *
 * <p>In PostgreSQL {@code ||}, {@code |} and {@code <<} bind alike. Every operation that is not a
 * plain chain of one of them is therefore in parentheses.
 */
final class FingerprintSql {

  // Most values are whole. To see this from the column's type or from the scale costs less than to
  // copy a number without its zeros. numeric(78, 0), as Ponder declares it, is whole by its type,
  // and holds no infinity. Each statement reads the type, once, because Ponder may create the table
  // again with another one.
  private static final String IS_WHOLE_TYPE =
      """
      (select (atttypmod - 4) & 65535 = 0 from pg_attribute
        where attrelid = cast(:relation as regclass) and attname = :%1$sColumn)\
      """;

  // What a Trade can hold: Trade.Builder.MAX_DIGITS digits. NaN is above every number.
  private static final String FITS =
      """
      (%2$s > -cast('1e1000' as numeric) and %2$s < cast('1e1000' as numeric)
        and (scale(%2$s) = 0 or (scale(%2$s) <= 1000
          and octet_length(replace(ltrim(%2$s::text, '-0.'), '.', '')) <= 1000)))\
      """;

  // Null if no trade can hold the number.
  private static final String NUMBER =
      """
      case
        when t.:"%1$s" is null then int2send(-1::int2)
        when {whole} then case when %2$s <> 'NaN' then numeric_send(%2$s) end
        when {fits} then
          numeric_send(case when scale(%2$s) = 0 then %2$s else trim_scale(%2$s) end)
      end\
      """;

  private static final String IS_BAD_NUMBER =
      """
      case
        when t.:"%1$s" is null then false
        when {whole} then %2$s = 'NaN'
        else not {fits}
      end\
      """;

  private static final String IS_CHAIN =
      """
      (t.:"chain_id" between cast('-9223372036854775808' as bigint)
        and cast('9223372036854775807' as bigint))\
      """;

  // A number of 131,072 digits can be a few bytes in the table. No trade holds it, so that its text
  // is not read.
  private static final String TEXT =
      """
      case
        when {whole} then t.:"%1$s"::text
        when t.:"%1$s" between -1e1000 and 1e1000 then t.:"%1$s"::text
      end\
      """;

  private FingerprintSql() {}

  private static String ofNumber(String template, PonderColumn column) {
    return template
        .replace("{whole}", IS_WHOLE_TYPE)
        .replace("{fits}", FITS)
        .formatted(column.defaultName(), "t.:\"" + column.defaultName() + "\"::numeric");
  }

  /** A number as text; null if it has more digits than a trade holds before the point. */
  static String text(PonderColumn column) {
    return ofNumber(TEXT, column);
  }

  /** The chain id, of type bigint; null if it is none. */
  static String chainId() {
    return "case when " + IS_CHAIN + " then t.:\"chain_id\"::bigint end";
  }

  /**
   * The SHA-256 of the canonical form, of type bytea. Of a row that no trade can hold, the SHA-256
   * of the whole row as text, and one more byte; see {@link #isUnreadable}. Raises no error for any
   * value.
   *
   * @param extraColumns the references to the columns that travel as attributes
   */
  static String hash(List<String> extraColumns) {
    return "coalesce(sha256("
        + canonicalForm(extraColumns)
        + "), "
        + rowHash(extraColumns)
        + " || decode('00', 'hex'))";
  }

  /** The SHA-256 of a whole row as text, of type bytea. */
  static String rowHash(List<String> extraColumns) {
    String columns =
        Stream.concat(
                Arrays.stream(PonderColumn.values())
                    .map(column -> "t.:\"" + column.defaultName() + "\""),
                extraColumns.stream())
            .map(column -> column + "::text")
            .collect(Collectors.joining(", "));
    return "sha256(textsend(row(" + columns + ")::text))";
  }

  /**
   * Whether a hash is of a row that no trade can hold.
   *
   * @param hash the reference to a hash
   */
  static String isUnreadable(String hash) {
    return "octet_length(" + hash + ") > 32";
  }

  /**
   * Why a row is no trade, for {@link UnreadableColumn}: the hash of the row in hexadecimal digits,
   * Ponder's name of the first column that no trade can hold, and after a space its value, unless
   * it is null. Null if the row is a trade.
   *
   * @param extraColumns the references to the columns that travel as attributes
   */
  static String unreadable(List<String> extraColumns) {
    String badPrice = ofNumber(IS_BAD_NUMBER, PonderColumn.PRICE);
    String badQuantity = ofNumber(IS_BAD_NUMBER, PonderColumn.QUANTITY);
    return """
    case when %1$s is not true or t.:"pool_id" is null or %2$s or %3$s then
      encode(%4$s, 'hex') || case
        when %1$s is not true
          then 'chain_id' || coalesce(' ' || left(t.:"chain_id"::text, 100), '')
        when t.:"pool_id" is null then 'pool_id'
        when %2$s then 'price ' || left(t.:"price"::text, 100)
        else 'quantity ' || left(t.:"quantity"::text, 100)
      end
    end\
    """
        .formatted(IS_CHAIN, badPrice, badQuantity, rowHash(extraColumns));
  }

  /**
   * The form that {@link io.tradesync.Fingerprint#canonicalForm} has, of type bytea; null if no
   * trade can hold the row.
   */
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
                "int8send(" + chainId() + ")",
                ofNumber(NUMBER, PonderColumn.PRICE),
                ofNumber(NUMBER, PonderColumn.QUANTITY)),
            HashSql.integers(texts.stream().map(FingerprintSql::length).toList()),
            Stream.of(utf8(texts)))
        .flatMap(parts -> parts)
        .collect(Collectors.joining(" || "));
  }

  private static String length(String text) {
    return text.equals("t.:\"pool_id\"::text")
        ? "octet_length(" + text + ")"
        : "coalesce(octet_length(" + text + "), -1)";
  }

  // Unlike convert_to(), textsend() does not check once more that a text is UTF-8.
  private static String utf8(List<String> texts) {
    return texts.stream()
        .map("coalesce(%s, '')"::formatted)
        .collect(Collectors.joining(" || ", "textsend(", ")"));
  }
}
