package io.tradesync.internal.compare;

import io.tradesync.KeyRange;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;

/**
 * A range with repairs due, as a comparison found it.
 *
 * @param writes the number of trades to write
 * @param retractions the number of trades to retract
 * @param trades the number of source trades in the range, including those that need no repair
 */
public record PlannedRange(KeyRange range, long writes, long retractions, long trades)
    implements Serializable {

  PlannedRange join(long tradesBetween, PlannedRange next) {
    return new PlannedRange(
        new KeyRange(range.after(), next.range.upTo()),
        writes + next.writes,
        retractions + next.retractions,
        trades + tradesBetween + next.trades);
  }

  /** Groups neighbours that are read in one page of so many trades. */
  public static List<List<PlannedRange>> pages(List<PlannedRange> ranges, long pageSize) {
    List<List<PlannedRange>> pages = new ArrayList<>();
    long held = 0;
    for (PlannedRange range : ranges) {
      held += range.trades;
      if (pages.isEmpty() || held > pageSize) {
        pages.add(new ArrayList<>());
        held = range.trades;
      }
      pages.get(pages.size() - 1).add(range);
    }
    return pages;
  }

  /** The number of trades to write or to retract. */
  public long repairs() {
    return writes + retractions;
  }

  public PlannedRange withoutRetractions() {
    return new PlannedRange(range, writes, 0, trades);
  }
}
