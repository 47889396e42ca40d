package io.tradesync.internal.gap;

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
public record Stretch(KeyRange range, long writes, long retractions, long trades) {

  Stretch join(long between, Stretch next) {
    return new Stretch(
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
  public static List<List<Stretch>> pages(List<Stretch> stretches, long trades) {
    List<List<Stretch>> pages = new ArrayList<>();
    long held = 0;
    for (Stretch stretch : stretches) {
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
  public Stretch withoutRetractions() {
    return new Stretch(range, writes, 0, trades);
  }
}
