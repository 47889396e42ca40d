package io.tradesync.internal.compare;

import io.tradesync.AuditReport;
import io.tradesync.GapKind;
import io.tradesync.GapPosition;
import io.tradesync.GapRange;
import io.tradesync.KeyRange;
import io.tradesync.TradeKey;
import io.tradesync.spi.TradeSource;
import io.tradesync.spi.log.LogEntries;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The ranges of gaps that a comparison found, for a report. Their number is bounded. */
public final class GapRanges implements Serializable {

  private static final long serialVersionUID = 1L;

  /**
   * Gaps of one kind that follow each other.
   *
   * @param exact whether the bounds are keys of gaps; false if no key was listed
   * @param processedBefore the number of processed entries below
   */
  private record Found(
      GapKind kind, KeyRange range, long trades, boolean exact, long processedBefore)
      implements Serializable {
    Found join(Found next) {
      return new Found(
          kind,
          new KeyRange(range.after(), next.range.upTo()),
          trades + next.trades,
          exact && next.exact,
          processedBefore);
    }
  }

  private final ArrayList<Found> found = new ArrayList<>();
  private boolean open;
  private boolean complete = true;
  private long processed;

  GapRanges() {}

  /** Adds the ranges of a part that is above everything added so far. */
  void append(GapRanges part) {
    boolean first = true;
    for (Found next : part.found) {
      // The first range of the part may continue the last range of this one.
      open = open && first && next.processedBefore == 0;
      first = false;
      long before = processed + next.processedBefore;
      add(new Found(next.kind, next.range, next.trades, next.exact, before));
    }
    open = part.found.isEmpty() ? open && part.processed == 0 : part.open;
    processed += part.processed;
    complete = complete && part.complete;
  }

  /** Passes processed trades without a gap. */
  void pass(long trades) {
    processed += trades;
    open = open && trades == 0;
  }

  /** Counts the gaps that were just added as processed entries. */
  void areProcessed(long trades) {
    processed += trades;
  }

  /** Adds gaps of one kind of which no key was listed. */
  void add(GapKind kind, KeyRange range, long trades) {
    add(new Found(kind, range, trades, false, processed));
  }

  /** Adds one gap. */
  void add(GapKind kind, TradeKey key) {
    add(new Found(kind, new KeyRange(key, key), 1, true, processed));
  }

  private void add(Found next) {
    int last = found.size() - 1;
    if (open && last >= 0 && found.get(last).kind == next.kind) {
      found.set(last, found.get(last).join(next));
    } else if (found.size() == AuditReport.MAX_RANGES) {
      complete = false;
    } else {
      found.add(next);
      open = true;
    }
  }

  /** Whether all ranges that were found are held. */
  public boolean isComplete() {
    return complete;
  }

  /**
   * Describes the ranges with the keys that they begin and end with, in key order. Both sides are
   * asked for keys that were not listed; ranges that are empty by now are left out.
   */
  public List<GapRange> describe(TradeSource source, LogEntries log) {
    List<GapRange> ranges = new ArrayList<>();
    for (Found gaps : found) {
      Optional<TradeKey> first = Optional.of(gaps.range.after());
      Optional<TradeKey> last = Optional.of(gaps.range.upTo());
      if (!gaps.exact) {
        boolean inLog = gaps.kind == GapKind.ORPHANED;
        // A listed key is its own bound, which a range excludes at its lower end.
        if (first.get().id().isEmpty()) {
          first = inLog ? log.first(gaps.range) : source.first(gaps.range);
        }
        last = inLog ? log.last(gaps.range) : source.last(gaps.range);
      }
      if (first.isPresent() && last.isPresent()) {
        ranges.add(new GapRange(gaps.kind, first.get(), last.get(), gaps.trades, position(gaps)));
      }
    }
    return List.copyOf(ranges);
  }

  private @Nullable GapPosition position(Found gaps) {
    if (gaps.kind != GapKind.MISSING) {
      return null;
    }
    if (gaps.processedBefore == processed) {
      return GapPosition.TAIL;
    }
    return gaps.processedBefore == 0 ? GapPosition.HEAD : GapPosition.MIDDLE;
  }
}
