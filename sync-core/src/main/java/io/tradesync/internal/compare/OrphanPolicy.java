package io.tradesync.internal.compare;

import io.tradesync.GapKind;
import io.tradesync.KeyRange;
import io.tradesync.TradeKey;
import io.tradesync.spi.log.EntryStatus;
import io.tradesync.spi.log.LogEntries;
import io.tradesync.spi.log.LogEntry;
import io.tradesync.spi.log.OrphanTracker;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;

/**
 * Decides which orphans a run retracts: those that stayed away for the grace time, and those whose
 * id the store holds at another key already. One whose new key is still to be written is not
 * retracted by itself: the write takes its place.
 */
public final class OrphanPolicy {

  private final OrphanTracker gone;
  private final LogEntries log;
  private final KeyRange scope;
  private final Duration grace;
  private final boolean canReplace;

  /**
   * Makes a judge.
   *
   * @param gone remembers since when trades are gone
   * @param log the log's entries
   * @param scope which trades count
   * @param grace how long a trade has to stay away
   * @param canReplace whether a write can take an old key's place
   */
  public OrphanPolicy(
      OrphanTracker gone, LogEntries log, KeyRange scope, Duration grace, boolean canReplace) {
    this.gone = gone;
    this.log = log;
    this.scope = scope;
    this.grace = grace;
    this.canReplace = canReplace;
  }

  /**
   * Notes what is gone from a stretch, and judges it.
   *
   * @param stretch what was looked at
   * @param gaps what differs there
   * @return the keys to be retracted now
   */
  public Set<TradeKey> due(List<KeyRange> stretch, Collection<Gap> gaps) {
    List<Gap> orphans = gaps.stream().filter(gap -> gap.kind() == GapKind.ORPHANED).toList();
    Set<TradeKey> graceOver =
        gone.recordGone(stretch, orphans.stream().map(Gap::key).toList(), grace);
    Map<TradeKey, EntryStatus> elsewhere = elsewhere(orphans);
    Set<TradeKey> due = new HashSet<>();
    for (Gap orphan : orphans) {
      boolean overdue = graceOver.contains(orphan.key());
      boolean isDue = orphan.isGone() ? overdue : isDue(orphan, overdue, elsewhere);
      if (isDue && !orphan.parked()) {
        due.add(orphan.key());
      }
    }
    return due;
  }

  private boolean isDue(Gap moved, boolean overdue, Map<TradeKey, EntryStatus> elsewhere) {
    TradeKey newKey = Objects.requireNonNull(moved.now()).key();
    if (!canReplace || !scope.contains(newKey)) {
      return true;
    }
    EntryStatus there = elsewhere.get(newKey);
    return there == EntryStatus.PROCESSED || (there == EntryStatus.ERROR && overdue);
  }

  /** What the log holds at the keys that moved trades have now. */
  private Map<TradeKey, EntryStatus> elsewhere(List<Gap> orphans) {
    Set<TradeKey> newKeys = new TreeSet<>();
    orphans.stream()
        .filter(Gap::isMoved)
        .forEach(gap -> newKeys.add(Objects.requireNonNull(gap.now()).key()));
    Map<TradeKey, EntryStatus> held = new HashMap<>();
    if (!newKeys.isEmpty()) {
      for (LogEntry entry : log.find(List.copyOf(newKeys))) {
        held.put(entry.key(), entry.status());
      }
    }
    return held;
  }
}
