package io.tradesync.internal.plan;

import io.tradesync.KeyRange;
import io.tradesync.TradeKey;
import io.tradesync.internal.compare.KeyRanges;
import io.tradesync.internal.verify.UnverifiedRanges;
import io.tradesync.spi.log.SubRanges;
import java.util.Collection;
import java.util.List;
import java.util.TreeSet;

/**
 * The sub-ranges in which a run left a gap, although it planned to repair all of them. Their number
 * is bounded: beyond it, a gap may be anywhere. Thread-safe.
 */
public final class LeftSubRanges {

  private final TreeSet<Long> starts = new TreeSet<>();
  private boolean isComplete = true;

  /** Says that gaps may be left anywhere. */
  public static LeftSubRanges anywhere() {
    LeftSubRanges left = new LeftSubRanges();
    left.isComplete = false;
    return left;
  }

  /** Adds the sub-ranges of some keys. */
  public synchronized void add(Collection<TradeKey> keys) {
    keys.forEach(key -> starts.add(SubRanges.start(key.epochSecond())));
    if (starts.size() > UnverifiedRanges.MAX_SUB_RANGES) {
      isComplete = false;
      starts.clear();
    }
  }

  /** Returns the parts of a range in which no gap was left, without some ranges more. */
  synchronized List<KeyRange> without(KeyRange range, List<KeyRange> more) {
    List<KeyRange> left = UnverifiedRanges.union(SubRanges.join(starts), more).knownAndRest();
    List<KeyRange> within = left.stream().map(range::intersect).filter(r -> !r.isEmpty()).toList();
    return isComplete ? KeyRanges.without(range, within) : List.of();
  }
}
