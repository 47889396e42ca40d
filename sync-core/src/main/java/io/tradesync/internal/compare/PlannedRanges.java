package io.tradesync.internal.compare;

import io.tradesync.KeyRange;
import java.util.ArrayList;
import java.util.List;

/**
 * Where a run has to look again: stretches in key order, filled from a comparison. Their number is
 * bounded whatever the gaps look like; where it would grow further, neighbours are joined, which
 * costs a second look at the trades between them and nothing else.
 */
public final class PlannedRanges {

  private static final int MOST = 4_096;

  // Reading that many trades in vain costs about as much as asking once more.
  private static final long WORTH_JOINING = 64;

  private record Entry(long before, PlannedRange stretch) {
    Entry join(Entry next) {
      return new Entry(before, stretch.join(next.before, next.stretch));
    }
  }

  private final int most;
  private List<Entry> entries = new ArrayList<>();
  private long passed;

  /** Makes an empty plan. */
  PlannedRanges() {
    this(MOST);
  }

  PlannedRanges(int most) {
    this.most = most;
  }

  /** Forgets what was noted since a copy was taken. */
  void restore(PlannedRanges copy) {
    entries = new ArrayList<>(copy.entries);
    passed = copy.passed;
  }

  /** Notes trades without a gap that lie behind everything noted so far. */
  void pass(long trades) {
    passed += trades;
  }

  /** Notes what lies behind everything noted so far. */
  void append(PlannedRanges behind) {
    for (Entry entry : behind.entries) {
      pass(entry.before);
      add(entry.stretch);
    }
    pass(behind.passed);
  }

  /** Notes a range with gaps that lies behind everything noted so far. */
  void add(KeyRange range, long writes, long retractions, long trades) {
    add(new PlannedRange(range, writes, retractions, trades));
  }

  private void add(PlannedRange stretch) {
    Entry entry = new Entry(passed, stretch);
    passed = 0;
    int last = entries.size() - 1;
    if (last >= 0 && entry.before <= WORTH_JOINING) {
      entries.set(last, entries.get(last).join(entry));
    } else {
      entries.add(entry);
    }
    if (entries.size() > most) {
      List<Entry> joined = new ArrayList<>(most);
      for (int i = 0; i < entries.size(); i += 2) {
        boolean single = i + 1 == entries.size();
        joined.add(single ? entries.get(i) : entries.get(i).join(entries.get(i + 1)));
      }
      entries = joined;
    }
  }

  /**
   * The stretches.
   *
   * @return a copy, in key order
   */
  public List<PlannedRange> stretches() {
    return entries.stream().map(Entry::stretch).toList();
  }
}
