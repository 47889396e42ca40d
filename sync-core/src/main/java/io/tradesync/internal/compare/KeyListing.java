package io.tradesync.internal.compare;

import io.tradesync.KeyRange;
import io.tradesync.TradeKey;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.NavigableMap;
import java.util.NavigableSet;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** Lists the keys of both sides in some ranges, page by page, and finds the gaps among them. */
final class KeyListing {

  private static final int PAGE = 5_000;

  private final ComparisonContext context;
  private final TwoSidedReader sides;
  private final Deque<KeyRange> covered = new ArrayDeque<>();
  private NavigableSet<TradeKey> page = new TreeSet<>();
  private NavigableMap<TradeKey, Gap> gaps = new TreeMap<>();
  private Set<TradeKey> due = Set.of();

  KeyListing(ComparisonContext context, List<KeyRange> ranges) {
    this.context = context;
    this.sides = new TwoSidedReader(context.source()::keys, context.log(), ranges, PAGE);
  }

  /** Adds what is in the next of the ranges, which must be given in order. */
  void addTo(Findings findings, KeyRange range) {
    KeyRange part;
    do {
      while (covered.isEmpty()) {
        read(sides.next().orElseThrow());
      }
      part = covered.remove();
      findings.listed(
          part,
          page.subSet(part.after(), false, part.upTo(), true),
          gaps.subMap(part.after(), false, part.upTo(), true),
          due);
    } while (part.upTo().isBefore(range.upTo()));
  }

  private void read(TwoSidedReader.Page next) {
    context.stopCheck().throwIfStopped();
    covered.addAll(next.ranges());
    page = new TreeSet<>();
    next.rows().forEach(row -> page.add(row.key()));
    gaps = GapFinder.find(context.source(), next, context.keptBelow());
    due = context.orphans().due(next.ranges(), gaps.values());
  }
}
