package io.tradesync.internal.write;

import io.tradesync.Trade;
import io.tradesync.TradeKey;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Repairs that are written and reported together.
 *
 * @param number the batch's place among those of its run, from 0
 * @param repairs at least one, in key order, each key once
 */
public record Batch(long number, List<Repair> repairs) {

  public TradeKey firstKey() {
    return repairs.get(0).key();
  }

  /** How many characters the texts of its trades have, which have no bound. */
  long textLength() {
    long length = 0;
    for (Repair repair : repairs) {
      if (repair instanceof Repair.Write write) {
        Trade trade = write.trade();
        length += length(trade.transactionId()) + length(trade.side()) + length(trade.poolId());
        for (String value : trade.attributes().values()) {
          length += length(value);
        }
      }
    }
    return length;
  }

  private static long length(@Nullable String text) {
    return text == null ? 0 : text.length();
  }

  public TradeKey lastKey() {
    return repairs.get(repairs.size() - 1).key();
  }
}
