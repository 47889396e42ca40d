package io.tradesync.internal.compare;

import io.tradesync.AuditReport;
import io.tradesync.GapKind;
import io.tradesync.GapPosition;
import io.tradesync.GapRange;
import io.tradesync.KeyRange;
import io.tradesync.TradeKey;
import io.tradesync.spi.TradeSource;
import io.tradesync.spi.log.LogEntries;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The stretches of gaps that a comparison found, for a report. */
public final class GapRanges {

  /** A stretch; only its bounds are known where no key of it was listed. */
  private record Found(
      GapKind kind, KeyRange range, long trades, boolean exact, long processedBefore) {
    Found join(Found next) {
      return new Found(
          kind,
          new KeyRange(range.after(), next.range.upTo()),
          trades + next.trades,
          exact && next.exact,
          processedBefore);
    }
  }

  private List<Found> found = new ArrayList<>();
  private boolean open;
  private boolean complete = true;
  private long processed;

  /** Starts without any. */
  GapRanges() {}

  void restore(GapRanges copy) {
    found = new ArrayList<>(copy.found);
    open = copy.open;
    complete = copy.complete;
    processed = copy.processed;
  }

  /** Notes what lies behind everything noted so far. */
  void append(GapRanges behind) {
    boolean first = true;
    for (Found next : behind.found) {
      // What it begins with may go on with what this one ends with.
      open = open && first && next.processedBefore == 0;
      first = false;
      long before = processed + next.processedBefore;
      add(new Found(next.kind, next.range, next.trades, next.exact, before));
    }
    open = behind.found.isEmpty() ? open && behind.processed == 0 : behind.open;
    processed += behind.processed;
    complete = complete && behind.complete;
  }

  /** Notes processed trades without a gap. */
  void pass(long trades) {
    processed += trades;
    open = open && trades == 0;
  }

  /** Notes that the gaps just added are processed entries. */
  void areProcessed(long trades) {
    processed += trades;
  }

  /** Notes gaps of one kind behind everything noted so far, of which no key was listed. */
  void add(GapKind kind, KeyRange range, long trades) {
    add(new Found(kind, range, trades, false, processed));
  }

  /** Notes one gap behind everything noted so far. */
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

  /**
   * Whether all stretches found are held.
   *
   * @return false if there were too many
   */
  public boolean isComplete() {
    return complete;
  }

  /**
   * The stretches, with the keys that they begin and end with.
   *
   * @param source is asked for the bounds that were not listed
   * @param log is asked likewise
   * @return the stretches in key order; without those that are gone by now
   */
  public List<GapRange> describe(TradeSource source, LogEntries log) {
    List<GapRange> ranges = new ArrayList<>();
    for (Found stretch : found) {
      Optional<TradeKey> first = Optional.of(stretch.range.after());
      Optional<TradeKey> last = Optional.of(stretch.range.upTo());
      if (!stretch.exact) {
        boolean inLog = stretch.kind == GapKind.ORPHANED;
        // A listed key is its own bound, which a range leaves out at its lower end.
        if (first.get().id().isEmpty()) {
          first = inLog ? log.first(stretch.range) : source.first(stretch.range);
        }
        last = inLog ? log.last(stretch.range) : source.last(stretch.range);
      }
      if (first.isPresent() && last.isPresent()) {
        ranges.add(
            new GapRange(stretch.kind, first.get(), last.get(), stretch.trades, position(stretch)));
      }
    }
    return List.copyOf(ranges);
  }

  private @Nullable GapPosition position(Found stretch) {
    if (stretch.kind != GapKind.MISSING) {
      return null;
    }
    if (stretch.processedBefore == processed) {
      return GapPosition.TAIL;
    }
    return stretch.processedBefore == 0 ? GapPosition.HEAD : GapPosition.MIDDLE;
  }
}
