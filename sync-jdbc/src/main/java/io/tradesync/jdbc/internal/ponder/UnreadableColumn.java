package io.tradesync.jdbc.internal.ponder;

import io.tradesync.Trade;
import io.tradesync.TradeKey;
import io.tradesync.jdbc.PonderColumn;
import io.tradesync.spi.UnreadableRow;
import java.util.Arrays;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads what {@link FingerprintSql#unreadable} says of a row. */
final class UnreadableColumn {

  private static final int HASH_DIGITS = 64;
  private static final int FINGERPRINT_DIGITS = 16;
  private static final Set<String> NOT_FINITE = Set.of("NaN", "Infinity", "-Infinity");

  private UnreadableColumn() {}

  static UnreadableRow row(PonderTable table, TradeKey key, String unreadable) {
    long hash = Long.parseUnsignedLong(unreadable.substring(0, FINGERPRINT_DIGITS), 16);
    String[] columnAndValue = unreadable.substring(HASH_DIGITS).split(" ", 2);
    PonderColumn column =
        Arrays.stream(PonderColumn.values())
            .filter(each -> each.defaultName().equals(columnAndValue[0]))
            .findFirst()
            .orElseThrow();
    String value = columnAndValue.length == 1 ? null : columnAndValue[1];
    return new UnreadableRow(key, table.column(column), value, reason(column, value), hash);
  }

  private static String reason(PonderColumn column, @Nullable String value) {
    if (value == null) {
      return "is null";
    }
    if (column == PonderColumn.CHAIN_ID) {
      return "is no 64-bit whole number";
    }
    return NOT_FINITE.contains(value)
        ? "is not a finite number"
        : String.format(Locale.ROOT, "has more than %d digits", Trade.Builder.MAX_DIGITS);
  }
}
