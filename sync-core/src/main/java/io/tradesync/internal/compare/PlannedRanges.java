package io.tradesync.internal.compare;

import io.tradesync.KeyRange;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;

/**
 * The ranges with repairs due, in key order. Their number is bounded: if it would grow further,
 * neighbours are joined, which only costs reading the trades between them again.
 */
public final class PlannedRanges implements Serializable {

  private static final long serialVersionUID = 1L;

  private static final int MAX_RANGES = 4_096;

  // Reading that many trades in vain costs about as much as one request.
  private static final long WORTH_JOINING = 64;

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
      ArrayList<Entry> joined = new ArrayList<>(maxRanges);
      for (int i = 0; i < entries.size(); i += 2) {
        boolean single = i + 1 == entries.size();
        joined.add(single ? entries.get(i) : entries.get(i).join(entries.get(i + 1)));
      }
      entries = joined;
    }
  }

  /** Returns the ranges. */
  public List<PlannedRange> all() {
    return entries.stream().map(Entry::range).toList();
  }
}
