package io.tradesync.internal.compare;

import io.tradesync.KeyRange;
import java.util.ArrayList;
import java.util.List;

/**
 * A range in which something is to be repaired, as it was found.
 *
 * @param range where
 * @param writes how many trades are to be written
 * @param retractions how many trades are to be retracted
 * @param trades how many trades the source has there, those to be left alone included
 */
public record PlannedRange(KeyRange range, long writes, long retractions, long trades) {

  PlannedRange join(long between, PlannedRange next) {
    return new PlannedRange(
        new KeyRange(range.after(), next.range.upTo()),
        writes + next.writes,
        retractions + next.retractions,
        trades + between + next.trades);
  }

  /**
   * Puts neighbours together that are read in one page.
   *
   * @param stretches stretches in key order
   * @param trades how many trades a page holds
   * @return the stretches, in groups
   */
  public static List<List<PlannedRange>> pages(List<PlannedRange> stretches, long trades) {
    List<List<PlannedRange>> pages = new ArrayList<>();
    long held = 0;
    for (PlannedRange stretch : stretches) {
      held += stretch.trades;
      if (pages.isEmpty() || held > trades) {
        pages.add(new ArrayList<>());
        held = stretch.trades;
      }
      pages.get(pages.size() - 1).add(stretch);
    }
    return pages;
  }

  /**
   * How many trades are to be repaired.
   *
   * @return writes and retractions
   */
  public long repairs() {
    return writes + retractions;
  }

  /**
   * The same without what is held back.
   *
   * @return a stretch without retractions
   */
  public PlannedRange withoutRetractions() {
    return new PlannedRange(range, writes, 0, trades);
  }
}
