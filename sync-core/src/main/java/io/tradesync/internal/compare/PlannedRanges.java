package io.tradesync.internal.compare;

import io.tradesync.KeyRange;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;

/**
 * The ranges with repairs due, in key order. Their number is bounded: if it would grow further, the
 * closest neighbours are joined, which only costs reading the trades between them again.
 */
public final class PlannedRanges implements Serializable {

  private static final long serialVersionUID = 1L;

  private static final int MAX_RANGES = 4_096;

  // Many ranges are read in one request. To search one more in it costs each side about as much as
  // to read that many trades in vain.
  private static final long WORTH_JOINING = 4;

  /** A range, and the number of trades without a gap between it and the one before. */
  private record Entry(long before, PlannedRange range) implements Serializable {
    Entry join(Entry next) {
      return new Entry(before, range.join(next.before, next.range));
    }
  }

  private final int maxRanges;
  private ArrayList<Entry> entries = new ArrayList<>();
  private long passed;

  PlannedRanges() {
    this(MAX_RANGES);
  }

  PlannedRanges(int maxRanges) {
    this.maxRanges = maxRanges;
  }

  /** Passes trades without a gap. */
  void pass(long trades) {
    passed += trades;
  }

  /** Adds the ranges of a part that is above everything added so far. */
  void append(PlannedRanges part) {
    for (Entry entry : part.entries) {
      pass(entry.before);
      add(entry.range);
    }
    pass(part.passed);
  }

  /** Adds a range with gaps, above everything added so far. */
  void add(KeyRange range, long writes, long retractions, long trades) {
    add(new PlannedRange(range, writes, retractions, trades));
  }

  private void add(PlannedRange range) {
    Entry entry = new Entry(passed, range);
    passed = 0;
    int last = entries.size() - 1;
    if (last >= 0 && entry.before <= WORTH_JOINING) {
      entries.set(last, entries.get(last).join(entry));
    } else {
      entries.add(entry);
    }
    if (entries.size() > maxRanges) {
      joinClosest(entries.size() - maxRanges + maxRanges / 4);
    }
  }

  /** Joins so many ranges to the ones before them. */
  private void joinClosest(int count) {
    long[] distances = entries.stream().skip(1).mapToLong(Entry::before).sorted().toArray();
    long farthest = distances[count - 1];
    int left = count;
    ArrayList<Entry> joined = new ArrayList<>(maxRanges);
    joined.add(entries.get(0));
    for (Entry entry : entries.subList(1, entries.size())) {
      if (left > 0 && entry.before <= farthest) {
        joined.set(joined.size() - 1, joined.get(joined.size() - 1).join(entry));
        left--;
      } else {
        joined.add(entry);
      }
    }
    entries = joined;
  }

  /** Returns the ranges. */
  public List<PlannedRange> all() {
    return entries.stream().map(Entry::range).toList();
  }
}
