package io.tradesync.internal.plan;

import io.tradesync.KeyRange;
import io.tradesync.TradeKey;
import io.tradesync.internal.compare.KeyRanges;
import io.tradesync.internal.verify.UnverifiedRanges;
import io.tradesync.spi.log.SubRanges;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;

/**
 * The sub-ranges in which a run left a gap, although it planned to repair all of them. Their number
 * is bounded: beyond it, a gap may be anywhere. Thread-safe.
 */
public final class LeftSubRanges {

  private final TreeSet<Long> starts = new TreeSet<>();
  private boolean isComplete = true;

  /** Adds the sub-ranges of some keys. */
  public void add(Collection<TradeKey> keys) {
    addStarts(keys.stream().map(key -> SubRanges.start(key.epochSecond())).toList());
  }

  /** Adds the sub-ranges that begin at some seconds, as {@link #starts} tells them. */
  public synchronized void addStarts(Collection<Long> more) {
    starts.addAll(more);
    if (starts.size() > UnverifiedRanges.MAX_SUB_RANGES) {
      addAnywhere();
    }
  }

  /** Says that a gap may be left anywhere. */
  public synchronized void addAnywhere() {
    isComplete = false;
    starts.clear();
  }

  /** The seconds at which the sub-ranges begin; empty if a gap may be left anywhere. */
  public synchronized Optional<List<Long>> starts() {
    return isComplete ? Optional.of(List.copyOf(starts)) : Optional.empty();
  }

  /** Returns the parts of a range in which no gap was left, without some ranges more. */
  synchronized List<KeyRange> without(KeyRange range, List<KeyRange> more) {
    List<KeyRange> left = UnverifiedRanges.union(SubRanges.join(starts), more).knownAndRest();
    List<KeyRange> within = left.stream().map(range::intersect).filter(r -> !r.isEmpty()).toList();
    return isComplete ? KeyRanges.without(range, within) : List.of();
  }
}
