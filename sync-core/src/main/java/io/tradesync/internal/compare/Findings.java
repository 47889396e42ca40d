package io.tradesync.internal.compare;

import io.tradesync.GapCounts;
import io.tradesync.GapKind;
import io.tradesync.KeyRange;
import io.tradesync.TradeKey;
import io.tradesync.internal.verify.UnverifiedRanges;
import io.tradesync.spi.SourceDigest;
import io.tradesync.spi.log.LogDigest;
import java.io.Serializable;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** What a comparison found. Filled in key order; its size is bounded, whatever is found. */
public final class Findings implements Serializable {

  private static final long serialVersionUID = 1L;

  private final GapSelection planned;
  private final PlannedRanges plannedRanges = new PlannedRanges();
  private final UnverifiedRanges unverified = new UnverifiedRanges();
  private final UnverifiedRanges notPlanned = new UnverifiedRanges();
  private final OrphanRanges orphans = new OrphanRanges();
  private final GapRanges gapRanges = new GapRanges();
  private GapCounts counts = GapCounts.NONE;
  private long trades;
  private long processed;
  private long gone;
  private long kept;
  private long accepted;

  Findings(GapSelection planned) {
    this.planned = planned;
  }

  /** Adds the findings of a range that is above everything found so far. */
  void append(Findings next) {
    plannedRanges.append(next.plannedRanges);
    unverified.append(next.unverified);
    notPlanned.append(next.notPlanned);
    orphans.append(next.orphans);
    gapRanges.append(next.gapRanges);
    counts = counts.plus(next.counts);
    trades += next.trades;
    processed += next.processed;
    gone += next.gone;
    kept += next.kept;
    accepted += next.accepted;
  }

  /** Both sides hold the same, and the log knows which of it failed. */
  void equal(SourceDigest source, LogDigest log) {
    trades += source.count();
    processed += log.processed();
    counts = counts.plusErrors(log.errors());
    accepted += log.accepted();
    plannedRanges.pass(source.count());
    gapRanges.pass(log.processed());
  }

  /** Failures that the log knows in ranges that are not compared. */
  void knownErrors(long errors, long acceptedErrors) {
    counts = counts.plusErrors(errors);
    accepted += acceptedErrors;
  }

  /** The log holds nothing of a range. */
  void allMissing(KeyRange range, SourceDigest source) {
    long missing = source.count() - source.unreadable();
    trades += source.count();
    counts = counts.plus(new GapCounts(missing, source.unreadable(), 0, 0));
    add(range, unverified);
    if (missing > 0) {
      gapRanges.add(GapKind.MISSING, range, missing);
    }
    if (planned.contains(GapKind.MISSING)) {
      plannedRanges.add(range, source.count(), 0, source.count());
    } else {
      plannedRanges.pass(source.count());
      add(range, notPlanned);
    }
  }

  /** The source holds nothing of a range. */
  void allOrphaned(KeyRange range, long processedEntries, long failedEntries) {
    long entries = processedEntries + failedEntries;
    processed += processedEntries;
    gone += processedEntries;
    counts = counts.plus(new GapCounts(0, 0, 0, entries));
    add(range, unverified);
    add(range, notPlanned);
    gapRanges.add(GapKind.ORPHANED, range, entries);
    gapRanges.areProcessed(processedEntries);
  }

  private static void add(KeyRange range, UnverifiedRanges ranges) {
    boolean endsBeforeSecond = range.upTo().id().isEmpty();
    ranges.add(
        range.after().epochSecond(), range.upTo().epochSecond() - (endsBeforeSecond ? 1 : 0));
  }

  /**
   * Both sides of a range were listed.
   *
   * @param tradeKeys the source's trades in the range
   * @param gaps the gaps in the range
   * @param due the orphans that are to be retracted
   */
  void listed(
      KeyRange range, Set<TradeKey> tradeKeys, SortedMap<TradeKey, Gap> gaps, Set<TradeKey> due) {
    SortedSet<TradeKey> keys = new TreeSet<>(tradeKeys);
    keys.addAll(gaps.keySet());
    TradeKey before = range.after();
    for (TradeKey key : keys) {
      listed(new KeyRange(before, key), tradeKeys.contains(key) ? 1 : 0, gaps.get(key), due);
      before = key;
    }
  }

  /** A range of which only the last key is a trade or an entry. */
  private void listed(KeyRange range, int sourceTrades, @Nullable Gap gap, Set<TradeKey> due) {
    trades += sourceTrades;
    if (gap == null) {
      processed++;
      plannedRanges.pass(1);
      gapRanges.pass(1);
      return;
    }
    switch (gap.tolerated()) {
      case KEPT -> {
        processed++;
        kept++;
        plannedRanges.pass(0);
        gapRanges.pass(1);
      }
      case ACCEPTED -> accepted(gap, sourceTrades);
      case NO -> open(range, sourceTrades, gap, due);
    }
  }

  private void accepted(Gap gap, int sourceTrades) {
    accepted++;
    add(gap, unverified);
    add(gap, notPlanned);
    plannedRanges.pass(sourceTrades);
    if (gap.entryProcessed()) {
      processed++;
      gapRanges.pass(1);
    }
  }

  private void open(KeyRange range, int sourceTrades, Gap gap, Set<TradeKey> due) {
    gap(gap);
    if (gap.isOrphaned()) {
      orphans.add(range);
    }
    if (gap.isOrphaned() && due.contains(gap.key())) {
      plannedRanges.add(range, 0, 1, sourceTrades);
    } else if (gap.isWritten(planned)) {
      plannedRanges.add(range, 1, 0, sourceTrades);
    } else {
      plannedRanges.pass(sourceTrades);
      add(gap, notPlanned);
    }
  }

  private void gap(Gap gap) {
    counts = counts.plus(one(gap.kind()));
    add(gap, unverified);
    gapRanges.add(gap.kind(), gap.key());
    if (gap.entryProcessed()) {
      processed++;
      gapRanges.areProcessed(1);
      if (gap.isGone()) {
        gone++;
      }
    }
  }

  /** A gap is compared again next time, unless the log knows all of it. */
  private static void add(Gap gap, UnverifiedRanges ranges) {
    if (!gap.known()) {
      ranges.add(gap.key().epochSecond(), gap.key().epochSecond());
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

  public GapCounts counts() {
    return counts;
  }

  /** The ranges with repairs due. */
  public PlannedRanges plannedRanges() {
    return plannedRanges;
  }

  /** The sub-ranges with gaps of any kind, but for failures that the log knows. */
  public UnverifiedRanges unverified() {
    return unverified;
  }

  /** The sub-ranges with gaps that are not planned, but for failures that the log knows. */
  public UnverifiedRanges notPlanned() {
    return notPlanned;
  }

  /** The ranges in which orphans were listed; they hold nothing else. */
  public OrphanRanges orphans() {
    return orphans;
  }

  /** The ranges of gaps of any kind, key by key, for a report. */
  public GapRanges gapRanges() {
    return gapRanges;
  }

  /** The number of source trades that were compared. */
  public long trades() {
    return trades;
  }

  /** The number of processed entries that were compared. */
  public long processed() {
    return processed;
  }

  /** The number of failures that somebody accepted. */
  public long accepted() {
    return accepted;
  }

  /** The number of final trades that the source no longer has and that are kept. */
  public long kept() {
    return kept;
  }

  /** The number of processed entries whose trade the source no longer has at any key. */
  public long gone() {
    return gone;
  }
}
