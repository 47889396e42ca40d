package io.tradesync.internal.gap;

import static java.util.stream.Collectors.toMap;

import io.tradesync.KeyRange;
import io.tradesync.SideUnavailableException;
import io.tradesync.TradeKey;
import io.tradesync.spi.KeyPrint;
import io.tradesync.spi.LogDigest;
import io.tradesync.spi.LogEntries;
import io.tradesync.spi.SourceDigest;
import io.tradesync.spi.TradeSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeSet;
import java.util.function.LongSupplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Finds what differs between a source and a log, without joining them and without holding either in
 * memory: digests of small buckets are compared, and keys are listed only where two digests differ.
 */
public final class Comparison {

  private static final int PAGE = 5_000;
  // Fewer trades are compared before threads would have begun.
  private static final long LONG = 50_000;
  private static final int PARTS = 32;
  private static final long TRADES_PER_BUCKET = 64;
  private static final long MOST_BUCKETS = 4_096;
  // A bucket of more, as a burst among quiet times makes it, is split again.
  private static final long MOST_LISTED = 8 * TRADES_PER_BUCKET;
  private static final int FIRST_RECHECKED = 64;
  private static final int MOST_RECHECKED = 1_024;
  private static final long RECHECK_NANOS = 250_000_000;

  /** A range with the digests of both sides. */
  private record Part(KeyRange range, SourceDigest theirs, LogDigest ours, long seconds) {

    boolean isSame() {
      return theirs.count() == ours.processed()
          && theirs.fingerprints() == ours.fingerprints()
          && ours.errors() == 0;
    }

    boolean isMissing() {
      return ours.processed() == 0 && ours.errors() == 0;
    }

    boolean isOrphaned() {
      return theirs.count() == 0;
    }

    long larger() {
      return Math.max(theirs.count(), ours.processed() + ours.errors());
    }

    boolean isListed() {
      return seconds == 1 || larger() <= MOST_LISTED;
    }
  }

  private final TradeSource source;
  private final LogEntries log;
  private final Findings found;
  private final @Nullable Retractions retractions;
  private final Runnable pause;
  private double density = 1;

  /**
   * Makes a comparison.
   *
   * @param source the source
   * @param log the log's entries
   * @param into receives what is found; ranges must be compared in key order
   * @param retractions judges orphans, each of which is then listed; null to count them only
   * @param pause called again and again; what it throws ends the comparison
   */
  public Comparison(
      TradeSource source,
      LogEntries log,
      Findings into,
      @Nullable Retractions retractions,
      Runnable pause) {
    this.source = source;
    this.log = log;
    this.found = into;
    this.retractions = retractions;
    this.pause = pause;
  }

  /**
   * Compares a range, in slices.
   *
   * @param range the range
   */
  public void compare(KeyRange range) {
    compare(range, Slices.FIRST_WIDTH);
  }

  private void compare(KeyRange range, long width) {
    if (!range.isEmpty()) {
      new Slices(this::first, this::slice, pause, width).walk(range);
    }
  }

  /**
   * Compares a range; where it turns out to be long, the rest of it in parts, several at a time.
   *
   * @param range the range
   * @param lanes how many parts at a time
   */
  public void compare(KeyRange range, int lanes) {
    if (range.isEmpty()) {
      return;
    }
    Slices slices = new Slices(this::first, this::slice, pause, Slices.FIRST_WIDTH);
    KeyRange rest = slices.walk(range, lanes == 1 ? Long.MAX_VALUE : LONG);
    Optional<TradeKey> next = rest.isEmpty() ? Optional.empty() : first(rest);
    if (next.isEmpty()) {
      return;
    }
    List<KeyRange> parts = Ranges.split(rest, next.get().epochSecond(), PARTS);
    long width = slices.width();
    ComparisonLanes.run(
        parts,
        lanes,
        pause,
        (part, partPause) -> {
          Findings here = found.fresh();
          new Comparison(source, log, here, retractions, partPause).compare(part, width);
          return here;
        },
        found::append);
  }

  private Optional<TradeKey> first(KeyRange range) {
    return Stream.of(source.first(range), log.first(range))
        .flatMap(Optional::stream)
        .min(TradeKey::compareTo);
  }

  private long slice(KeyRange slice, long seconds) {
    return undoIfCutOff(
        () -> {
          long held = digest(slice, seconds, density);
          density = density(held, seconds);
          return held;
        });
  }

  /** If a range was too large it comes again in parts, and must not count twice. */
  private long undoIfCutOff(LongSupplier attempt) {
    Findings before = found.copy();
    try {
      return attempt.getAsLong();
    } catch (SideUnavailableException e) {
      found.restore(before);
      throw e;
    }
  }

  private static double density(long trades, long seconds) {
    return Math.max((double) trades / seconds, 1e-9);
  }

  private long digest(KeyRange slice, long seconds, double tradesPerSecond) {
    long width =
        Math.max(
            Math.max(1, (long) (TRADES_PER_BUCKET / tradesPerSecond)),
            (seconds + MOST_BUCKETS - 1) / MOST_BUCKETS);
    Map<Long, SourceDigest> there =
        source.digests(slice, width).stream().collect(toMap(SourceDigest::bucket, d -> d));
    Map<Long, LogDigest> here =
        log.digests(slice, width).stream().collect(toMap(LogDigest::bucket, d -> d));
    Set<Long> buckets = new TreeSet<>(there.keySet());
    buckets.addAll(here.keySet());
    List<Part> parts = new ArrayList<>();
    for (long bucket : buckets) {
      parts.add(
          new Part(
              bucket(slice, bucket, width),
              there.getOrDefault(bucket, new SourceDigest(bucket, 0, 0)),
              here.getOrDefault(bucket, new LogDigest(bucket, 0, 0, 0)),
              width));
    }
    settle(parts);
    return Math.max(
        there.values().stream().mapToLong(SourceDigest::count).sum(),
        here.values().stream().mapToLong(d -> d.processed() + d.errors()).sum());
  }

  private static KeyRange bucket(KeyRange slice, long bucket, long width) {
    long start = slice.after().epochSecond() + bucket * width;
    long end = start + Math.min(width, Long.MAX_VALUE - Math.max(0, start));
    return KeyRange.seconds(start, end).intersect(slice);
  }

  /**
   * Compares ranges that hold few trades each, many of them in one round trip a side.
   *
   * @param ranges ranges of whole seconds in key order, without overlap
   */
  public void recheck(List<KeyRange> ranges) {
    int chunk = FIRST_RECHECKED;
    int done = 0;
    while (done < ranges.size()) {
      pause.run();
      List<KeyRange> next = ranges.subList(done, Math.min(ranges.size(), done + chunk));
      long began = System.nanoTime();
      try {
        undoIfCutOff(() -> recheckAtOnce(next));
      } catch (SideUnavailableException e) {
        if (!e.isTimeout()) {
          throw e;
        }
        if (next.size() == 1) {
          compare(next.get(0));
          done++;
        } else {
          chunk = next.size() / 2;
        }
        continue;
      }
      done += next.size();
      boolean quick = System.nanoTime() - began < RECHECK_NANOS;
      chunk = quick ? Math.min(MOST_RECHECKED, chunk * 2) : Math.max(1, chunk / 2);
    }
  }

  private long recheckAtOnce(List<KeyRange> ranges) {
    List<SourceDigest> there = source.digests(ranges);
    List<LogDigest> here = log.digests(ranges);
    List<Part> parts = new ArrayList<>();
    for (int i = 0; i < ranges.size(); i++) {
      KeyRange range = ranges.get(i);
      long seconds = range.upTo().epochSecond() - range.after().epochSecond();
      parts.add(new Part(range, there.get(i), here.get(i), Math.max(1, seconds)));
    }
    settle(parts);
    return ranges.size();
  }

  /** Goes through ranges in key order; those that have to be asked for again are asked together. */
  private void settle(List<Part> parts) {
    List<KeyRange> listed = new ArrayList<>();
    List<Part> emptied = new ArrayList<>();
    for (Part part : parts) {
      if (!part.isSame() && !part.isMissing()) {
        if (retractions == null && part.isOrphaned()) {
          list(listed);
          emptied.add(part);
          continue;
        }
        if (part.isListed()) {
          allOrphaned(emptied);
          listed.add(part.range);
          continue;
        }
      }
      list(listed);
      allOrphaned(emptied);
      if (part.isSame()) {
        found.equal(part.theirs.count());
      } else if (part.isMissing()) {
        found.allMissing(part.range, part.theirs.count());
      } else {
        digest(part.range, part.seconds, density(part.larger(), part.seconds));
      }
    }
    list(listed);
    allOrphaned(emptied);
  }

  /** Counts entries of ranges of which the source, asked again after the log, has nothing. */
  private void allOrphaned(List<Part> parts) {
    if (parts.isEmpty()) {
      return;
    }
    List<SourceDigest> now = source.digests(parts.stream().map(Part::range).toList());
    for (int i = 0; i < parts.size(); i++) {
      Part part = parts.get(i);
      if (now.get(i).count() == 0) {
        found.allOrphaned(part.range, part.ours.processed(), part.ours.errors());
      } else {
        list(new ArrayList<>(List.of(part.range)));
      }
    }
    parts.clear();
  }

  /** Lists both sides of some ranges, and empties the list. */
  private void list(List<KeyRange> ranges) {
    if (ranges.isEmpty()) {
      return;
    }
    BothSides<KeyPrint> sides =
        new BothSides<>(source::keys, KeyPrint::key, log, List.copyOf(ranges), PAGE);
    ranges.clear();
    for (var step = sides.next(); step.isPresent(); step = sides.next()) {
      List<KeyPrint> page = step.get().trades();
      List<KeyRange> stretch = step.get().ranges();
      SortedMap<TradeKey, Gap> gaps = Differences.of(source, page, step.get().entries());
      Set<TradeKey> due = retractions == null ? Set.of() : retractions.due(stretch, gaps.values());
      found.listed(stretch, page, gaps, due);
      if (!sides.isAtEnd()) {
        pause.run();
      }
    }
  }
}
