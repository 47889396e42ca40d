package io.tradesync.internal.compare;

import io.tradesync.GapPage;
import io.tradesync.KeyRange;
import io.tradesync.TradeKey;
import io.tradesync.spi.TradeSource;
import io.tradesync.spi.log.LogEntries;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Lists gaps key by key, whatever digests say. Reads a bounded part of a range, so that a range
 * without a gap costs little.
 */
public final class GapListing {

  private static final int PAGE = 5_000;
  private static final int MAX_PAGES = 10;

  private GapListing() {}

  /**
   * Lists the first gaps of a range.
   *
   * @param limit how many at most; at least 1
   */
  public static GapPage list(ScanContext scans, KeyRange range, int limit) {
    return list(scans.source(), scans.entries(), scans.keptBelow(), range, limit);
  }

  static GapPage list(
      TradeSource source, LogEntries log, TradeKey keptBelow, KeyRange range, int limit) {
    TwoSidedReader sides = new TwoSidedReader(source::keys, log, List.of(range), PAGE);
    List<GapPage.Item> found = new ArrayList<>();
    KeyRange rest = range;
    for (int i = 0; i < MAX_PAGES && found.isEmpty(); i++) {
      Optional<TwoSidedReader.Page> next = sides.next();
      if (next.isEmpty()) {
        break;
      }
      TwoSidedReader.Page page = next.get();
      rest = sides.isAtEnd() ? range.after(range.upTo()) : range.after(page.through());
      for (Gap gap : GapFinder.find(source, page, keptBelow).values()) {
        if (gap.tolerated() == Gap.Tolerated.NO) {
          if (found.size() == limit) {
            return new GapPage(found, range.after(found.get(limit - 1).key()));
          }
          found.add(new GapPage.Item(gap.kind(), gap.key()));
        }
      }
    }
    return new GapPage(found, rest);
  }
}
