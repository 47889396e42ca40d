package io.tradesync.internal.rows;

import io.tradesync.Trade;
import org.jspecify.annotations.Nullable;

/** How much text trades have. The other columns have a bound. */
public final class TextSize {

  /** About as many characters are in one place at most: an answer, a batch, a transaction. */
  public static final long MAX = 16 << 20;

  private TextSize() {}

  /** How many characters the texts of a trade have that have no bound. */
  public static long of(Trade trade) {
    long length = of(trade.transactionId()) + of(trade.side()) + of(trade.poolId());
    // Whoever creates a token names it.
    length += of(trade.symbol());
    for (String value : trade.attributes().values()) {
      length += of(value);
    }
    return length;
  }

  private static long of(@Nullable String text) {
    return text == null ? 0 : text.length();
  }
}
