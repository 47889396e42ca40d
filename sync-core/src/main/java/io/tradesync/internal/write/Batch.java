package io.tradesync.internal.write;

import io.tradesync.TradeKey;
import java.util.List;

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
    return repairs.stream().mapToLong(Repair::textLength).sum();
  }

  public TradeKey lastKey() {
    return repairs.get(repairs.size() - 1).key();
  }
}
