package io.tradesync.internal.compare;

import static java.util.stream.Collectors.toSet;

import io.tradesync.KeyRange;
import io.tradesync.TradeKey;
import io.tradesync.spi.log.EntryStatus;
import io.tradesync.spi.log.GracePeriod;
import io.tradesync.spi.log.LogEntries;
import io.tradesync.spi.log.LogEntry;
import io.tradesync.spi.log.OrphanTracker;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;

/**
 * Retracts the orphans that stayed away for the grace period, and those whose id the store already
 * holds at another key. A moved trade whose new key is still to be written is not retracted by
 * itself: the write replaces it. If an id is gone at several keys, they are due together.
 *
 * @param tracker records since when trades are gone
 * @param scope which trades count
 * @param grace how long a trade must stay away
 * @param canReplace whether the sink can replace a trade
 */
public record RetractedOrphans(
    OrphanTracker tracker, LogEntries log, KeyRange scope, GracePeriod grace, boolean canReplace)
    implements OrphanPolicy {

  @Override
  public OrphanPolicy asOfNow() {
    GracePeriod overByNow = GracePeriod.overBy(grace.length(), tracker.now());
    return new RetractedOrphans(tracker, log, scope, overByNow, canReplace);
  }

  @Override
  public OrphanTerms terms() {
    return new OrphanTerms.Retracted(scope, grace.length(), grace.by().orElse(null), canReplace);
  }

  @Override
  public boolean needsKeys() {
    return true;
  }

  @Override
  public Set<TradeKey> due(List<KeyRange> ranges, Collection<Gap> gaps) {
    List<Gap> orphans = gaps.stream().filter(Gap::isOrphaned).toList();
    List<TradeKey> gone = orphans.stream().map(Gap::key).toList();
    Set<TradeKey> graceOver = tracker.recordGone(ranges, gone, grace);
    // The tracker knows one key of an id. A receiver by ids that retracts it at one key holds it at
    // none, so the entries at the others must not stay processed. A failed entry says nothing of
    // them: beside a processed one it has no grace period.
    Set<String> goneIds =
        orphans.stream()
            .filter(orphan -> orphan.entryProcessed() && graceOver.contains(orphan.key()))
            .map(orphan -> orphan.key().id())
            .collect(toSet());
    Map<TradeKey, EntryStatus> newKeys = statusAtNewKeys(orphans);
    Set<TradeKey> due = new HashSet<>();
    for (Gap orphan : orphans) {
      boolean overdue = graceOver.contains(orphan.key());
      boolean isDue =
          orphan.isGone()
              ? overdue || goneIds.contains(orphan.key().id())
              : isDue(orphan, overdue, newKeys);
      if (isDue && !orphan.parked()) {
        due.add(orphan.key());
      }
    }
    return due;
  }

  private boolean isDue(Gap moved, boolean overdue, Map<TradeKey, EntryStatus> newKeys) {
    TradeKey newKey = Objects.requireNonNull(moved.now()).key();
    if (!canReplace || !scope.contains(newKey)) {
      return true;
    }
    EntryStatus status = newKeys.get(newKey);
    return status == EntryStatus.PROCESSED || (status == EntryStatus.ERROR && overdue);
  }

  /** The status of the log's entries at the keys that moved trades have now. */
  private Map<TradeKey, EntryStatus> statusAtNewKeys(List<Gap> orphans) {
    Set<TradeKey> newKeys = new TreeSet<>();
    orphans.stream()
        .filter(Gap::isMoved)
        .forEach(gap -> newKeys.add(Objects.requireNonNull(gap.now()).key()));
    Map<TradeKey, EntryStatus> status = new HashMap<>();
    if (!newKeys.isEmpty()) {
      for (LogEntry entry : log.find(List.copyOf(newKeys))) {
        status.put(entry.key(), entry.status());
      }
    }
    return status;
  }

  @Override
  public void recordBackOutside(OrphanRanges orphans) {
    tracker.recordBackOutside(orphans.all());
  }
}
