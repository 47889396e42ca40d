package io.tradesync.inmemory;

import io.tradesync.KeyRange;
import io.tradesync.TradeKey;
import io.tradesync.TradeSelection;
import io.tradesync.Verified;
import io.tradesync.spi.log.HandOut;
import io.tradesync.spi.log.StoredEntry;
import io.tradesync.spi.log.SubRanges;
import java.time.Clock;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** The data that the parts of a log in memory share. Everything is guarded by {@link #lock}. */
final class LogState {

  /** At which key an id is that may move, and since when it is gone from there. */
  record TrackedId(TradeKey key, @Nullable Instant goneSince) {}

  private static final long REVISIONS_A_MILLISECOND = 1_000;

  final Object lock = new Object();
  final Clock clock;
  final TreeMap<TradeKey, StoredEntry> rows = new TreeMap<>();
  final TreeMap<TradeKey, HandOut> handOuts = new TreeMap<>();
  final Map<String, TrackedId> trackedIds = new HashMap<>();
  final Set<Object> claimed = new HashSet<>();

  /** See {@link io.tradesync.spi.log.OrphanTracker#retractedIds}. */
  final TreeSet<String> retractedIds = new TreeSet<>();

  /** The transactions that are under way. */
  final Set<Object> open = new HashSet<>();

  final TreeSet<Long> unverified = new TreeSet<>();
  final TreeSet<Long> runMarks = new TreeSet<>();
  @Nullable Verified verified;
  @Nullable Long baseline;
  @Nullable TradeSelection selection;
  @Nullable List<String> attributeNames;
  boolean comparing;
  Instant comparedSince = Instant.EPOCH;
  long finalThrough = Long.MIN_VALUE;
  long markThrough = Long.MIN_VALUE;
  long lastRevision;

  LogState(Clock clock) {
    this.clock = clock;
    // A receiver that outlives this log must take the next log's revisions for newer.
    this.lastRevision = Math.max(0, clock.millis()) * REVISIONS_A_MILLISECOND;
  }

  void forgetVerified() {
    comparing = false;
    verified = null;
    unverified.clear();
    runMarks.clear();
  }

  NavigableMap<TradeKey, StoredEntry> in(KeyRange range) {
    return range.isEmpty()
        ? new TreeMap<>()
        : rows.subMap(range.after(), false, range.upTo(), true);
  }

  /** Draws revisions, and returns the first of them. */
  long drawRevisions(int count) {
    synchronized (lock) {
      lastRevision += count;
      return lastRevision - count + 1;
    }
  }

  /**
   * Marks the sub-range of a second, if it is at or below one up to which marks are needed.
   *
   * @param ofRun whether it is a mark of the run's own
   */
  void mark(long epochSecond, long upTo, boolean ofRun) {
    if (epochSecond <= upTo) {
      (ofRun ? runMarks : unverified).add(SubRanges.start(epochSecond));
    }
  }
}
