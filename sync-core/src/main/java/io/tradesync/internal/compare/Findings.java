package io.tradesync.internal.compare;

import io.tradesync.GapCounts;
import io.tradesync.GapKind;
import io.tradesync.KeyRange;
import io.tradesync.TradeKey;
import io.tradesync.internal.verify.UnverifiedRanges;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** What a comparison found so far. Its size is bounded, whatever it finds. */
public final class Findings {

  private final Predicate<GapKind> planned;
  private final PlannedRanges plan = new PlannedRanges();
  private final UnverifiedRanges dirty = new UnverifiedRanges();
  private final OrphanRanges orphans = new OrphanRanges();
  private final GapRanges ranges = new GapRanges();
  private GapCounts counts = GapCounts.NONE;
  private long trades;
  private long processed;
  private long lost;

  /**
   * Makes findings of nothing yet.
   *
   * @param planned which kinds of gap the plan is to hold
   */
  public Findings(Predicate<GapKind> planned) {
    this.planned = planned;
  }

  Findings copy() {
    Findings copy = new Findings(planned);
    copy.restore(this);
    return copy;
  }

  /** Forgets what was found since a copy was taken. */
  void restore(Findings copy) {
    plan.restore(copy.plan);
    dirty.restore(copy.dirty);
    orphans.restore(copy.orphans);
    ranges.restore(copy.ranges);
    counts = copy.counts;
    trades = copy.trades;
    processed = copy.processed;
    lost = copy.lost;
  }

  /** Takes what was found behind everything found so far. */
  void append(Findings behind) {
    plan.append(behind.plan);
    dirty.append(behind.dirty);
    orphans.append(behind.orphans);
    ranges.append(behind.ranges);
    counts = counts.plus(behind.counts);
    trades += behind.trades;
    processed += behind.processed;
    lost += behind.lost;
  }

  /** Findings of the same kind, of nothing yet. */
  Findings fresh() {
    return new Findings(planned);
  }

  /** Both sides hold the same. */
  void equal(long sameTrades) {
    trades += sameTrades;
    processed += sameTrades;
    plan.pass(sameTrades);
    ranges.pass(sameTrades);
  }

  /** The log holds nothing of a range. */
  void allMissing(KeyRange range, long missing) {
    trades += missing;
    counts = counts.plus(new GapCounts(missing, 0, 0, 0));
    dirty(range);
    ranges.add(GapKind.MISSING, range, missing);
    if (planned.test(GapKind.MISSING)) {
      plan.add(range, missing, 0, missing);
    } else {
      plan.pass(missing);
    }
  }

  /** The source holds nothing of a range. */
  void allOrphaned(KeyRange range, long processedEntries, long failedEntries) {
    long orphans = processedEntries + failedEntries;
    processed += processedEntries;
    lost += processedEntries;
    counts = counts.plus(new GapCounts(0, 0, 0, orphans));
    dirty(range);
    ranges.add(GapKind.ORPHANED, range, orphans);
    ranges.areProcessed(processedEntries);
  }

  private void dirty(KeyRange range) {
    boolean endsBeforeSecond = range.upTo().id().isEmpty();
    dirty.add(range.after().epochSecond(), range.upTo().epochSecond() - (endsBeforeSecond ? 1 : 0));
  }

  /**
   * Both sides of a range were listed.
   *
   * @param range the range
   * @param trades the source's trades in it
   * @param gaps what differs in it
   * @param due the orphans that are to be retracted
   */
  void listed(
      KeyRange range, Set<TradeKey> trades, SortedMap<TradeKey, Gap> gaps, Set<TradeKey> due) {
    SortedSet<TradeKey> keys = new TreeSet<>(trades);
    keys.addAll(gaps.keySet());
    TradeKey before = range.after();
    for (TradeKey key : keys) {
      listed(new KeyRange(before, key), trades.contains(key) ? 1 : 0, gaps.get(key), due);
      before = key;
    }
  }

  /** A range whose last key alone is a trade or an entry. */
  private void listed(KeyRange range, int there, @Nullable Gap gap, Set<TradeKey> due) {
    trades += there;
    if (gap == null) {
      processed++;
      plan.pass(1);
      ranges.pass(1);
      return;
    }
    gap(gap);
    if (gap.kind() == GapKind.ORPHANED) {
      orphans.add(range);
    }
    if (gap.kind() == GapKind.ORPHANED && due.contains(gap.key())) {
      plan.add(range, 0, 1, there);
    } else if (gap.isWritten(planned)) {
      plan.add(range, 1, 0, there);
    } else {
      plan.pass(there);
    }
  }

  private void gap(Gap gap) {
    counts = counts.plus(one(gap.kind()));
    dirty.add(gap.key().epochSecond(), gap.key().epochSecond());
    ranges.add(gap.kind(), gap.key());
    if (gap.entryProcessed()) {
      processed++;
      ranges.areProcessed(1);
      if (gap.isGone()) {
        lost++;
      }
    }
  }

  private static GapCounts one(GapKind kind) {
    return switch (kind) {
      case MISSING -> new GapCounts(1, 0, 0, 0);
      case ERROR -> new GapCounts(0, 1, 0, 0);
      case CHANGED -> new GapCounts(0, 0, 1, 0);
      case ORPHANED -> new GapCounts(0, 0, 0, 1);
    };
  }

  /**
   * The gaps by kind.
   *
   * @return how many of each
   */
  public GapCounts counts() {
    return counts;
  }

  /**
   * What is to be repaired.
   *
   * @return the plan
   */
  public PlannedRanges plan() {
    return plan;
  }

  /**
   * Where gaps of any kind are, in whole sub-ranges.
   *
   * @return the sub-ranges
   */
  public UnverifiedRanges dirty() {
    return dirty;
  }

  /**
   * Where orphans were listed.
   *
   * @return the ranges that hold nothing else
   */
  public OrphanRanges orphans() {
    return orphans;
  }

  /**
   * Where gaps of any kind are, key by key.
   *
   * @return the ranges
   */
  public GapRanges ranges() {
    return ranges;
  }

  /**
   * How many trades of the source were compared.
   *
   * @return their number
   */
  public long trades() {
    return trades;
  }

  /**
   * How many processed entries were compared.
   *
   * @return their number
   */
  public long processed() {
    return processed;
  }

  /**
   * How many of the processed entries the source no longer has at any key.
   *
   * @return their number
   */
  public long lost() {
    return lost;
  }
}
