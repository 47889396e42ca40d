package io.tradesync.internal.compare;

import io.tradesync.KeyRange;
import io.tradesync.TradeKey;
import io.tradesync.spi.KeyFingerprint;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;

/** Lists the keys of both sides in some ranges, page by page, and finds the gaps among them. */
final class KeyListing {

  private static final int PAGE = 5_000;

  private final ComparisonContext context;
  private final TwoSidedReader<KeyFingerprint> sides;
  private final Deque<KeyRange> covered = new ArrayDeque<>();
  private NavigableMap<TradeKey, KeyFingerprint> page = new TreeMap<>();
  private NavigableMap<TradeKey, Gap> gaps = new TreeMap<>();
  private Set<TradeKey> due = Set.of();

  KeyListing(ComparisonContext context, List<KeyRange> ranges) {
    this.context = context;
    this.sides = new TwoSidedReader<>(context.source()::keys, context.log(), ranges, PAGE);
  }

  /** Adds what is in the next of the ranges, which must be given in order. */
  void addTo(Findings findings, KeyRange range) {
    KeyRange part;
    do {
      while (covered.isEmpty()) {
        read(sides.next().orElseThrow());
      }
      part = covered.remove();
      findings.listed(part, in(part, page).keySet(), in(part, gaps), due);
    } while (part.upTo().isBefore(range.upTo()));
  }

  private void read(TwoSidedReader.Page<KeyFingerprint> next) {
    context.stopCheck().throwIfStopped();
    covered.addAll(next.ranges());
    page = new TreeMap<>();
    next.trades().forEach(trade -> page.put(trade.key(), trade));
    gaps = GapFinder.find(context.source(), next.trades(), next.entries());
    due = context.orphans().due(next.ranges(), gaps.values());
  }

  private static <T> NavigableMap<TradeKey, T> in(KeyRange range, NavigableMap<TradeKey, T> map) {
    return map.subMap(range.after(), false, range.upTo(), true);
  }
}
