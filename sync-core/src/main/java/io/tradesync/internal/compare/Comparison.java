package io.tradesync.internal.compare;

import static java.util.stream.Collectors.toMap;

import io.tradesync.KeyRange;
import io.tradesync.SideUnavailableException;
import io.tradesync.TradeKey;
import io.tradesync.internal.thread.StopCheck;
import io.tradesync.spi.KeyFingerprint;
import io.tradesync.spi.SourceDigest;
import io.tradesync.spi.TradeSource;
import io.tradesync.spi.log.LogDigest;
import io.tradesync.spi.log.LogEntries;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
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
  private static final long LONG = 10_000;
  private static final int MAX_PARTS = 32;
  private static final long TRADES_PER_PART = 10_000;
  // Fewer would cost more to send than they spare where keys are listed.
  private static final long TRADES_PER_BUCKET = 32;
  private static final long MAX_BUCKETS = 16_384;
  // A bucket of more, as a burst among quiet times makes it, is split again.
  private static final long MAX_LISTED = 512;
  private static final int FIRST_RECHECKED = 64;
  private static final int MAX_RECHECKED = 1_024;
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
      return seconds == 1 || larger() <= MAX_LISTED;
    }
  }

  private final TradeSource source;
  private final LogEntries log;
  private final Findings found;
  private final @Nullable OrphanPolicy retractions;
  private final StopCheck stopCheck;
  private double density;

  /**
   * Makes a comparison.
   *
   * @param source the source
   * @param log the log's entries
   * @param into receives what is found; ranges must be compared in key order
   * @param retractions judges orphans, each of which is then listed; null to count them only
   * @param stopCheck called again and again; what it throws ends the comparison
   */
  public Comparison(
      TradeSource source,
      LogEntries log,
      Findings into,
      @Nullable OrphanPolicy retractions,
      StopCheck stopCheck) {
    this(source, log, into, retractions, stopCheck, 1);
  }

  private Comparison(
      TradeSource source,
      LogEntries log,
      Findings into,
      @Nullable OrphanPolicy retractions,
      StopCheck stopCheck,
      double density) {
    this.source = source;
    this.log = log;
    this.found = into;
    this.retractions = retractions;
    this.stopCheck = stopCheck;
    this.density = density;
  }

  /**
   * Compares a range, in slices.
   *
   * @param range the range
   */
  public void compare(KeyRange range) {
    compare(range, SliceWalker.FIRST_WIDTH);
  }

  private void compare(KeyRange range, long width) {
    if (!range.isEmpty()) {
      new SliceWalker(this::first, this::slice, stopCheck, width).walk(range);
    }
  }

  /**
   * Compares a range; where it turns out to be long, the rest of it in parts, several at a time.
   *
   * @param range the range
   * @param workers how many parts at a time
   */
  public void compare(KeyRange range, int workers) {
    if (range.isEmpty()) {
      return;
    }
    SliceWalker slices =
        new SliceWalker(this::first, this::slice, stopCheck, SliceWalker.FIRST_WIDTH);
    KeyRange rest = slices.walk(range, workers == 1 ? Long.MAX_VALUE : LONG);
    Optional<TradeKey> next = rest.isEmpty() ? Optional.empty() : first(rest);
    if (next.isEmpty()) {
      return;
    }
    long from = next.get().epochSecond();
    double trades = density * ((double) rest.upTo().epochSecond() - from);
    int most = (int) Math.max(workers, Math.min(MAX_PARTS, trades / TRADES_PER_PART));
    List<KeyRange> parts = KeyRanges.split(rest, from, most);
    long width = slices.width();
    double seen = density;
    ComparisonWorkers.run(
        parts,
        workers,
        stopCheck,
        (part, partStopCheck) -> {
          Findings here = found.fresh();
          new Comparison(source, log, here, retractions, partStopCheck, seen).compare(part, width);
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
          // The range may end before the slice does.
          density = density(held, Math.min(seconds, seconds(slice)));
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

  private static long seconds(KeyRange range) {
    return Math.max(1, range.upTo().epochSecond() - range.after().epochSecond());
  }

  private long digest(KeyRange slice, long seconds, double tradesPerSecond) {
    long width =
        Math.max(
            Math.max(1, (long) (TRADES_PER_BUCKET / tradesPerSecond)),
            (seconds + MAX_BUCKETS - 1) / MAX_BUCKETS);
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
      stopCheck.throwIfStopped();
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
      chunk = quick ? Math.min(MAX_RECHECKED, chunk * 2) : Math.max(1, chunk / 2);
    }
  }

  private long recheckAtOnce(List<KeyRange> ranges) {
    List<SourceDigest> there = source.digests(ranges);
    List<LogDigest> here = log.digests(ranges);
    List<Part> parts = new ArrayList<>();
    for (int i = 0; i < ranges.size(); i++) {
      KeyRange range = ranges.get(i);
      parts.add(new Part(range, there.get(i), here.get(i), seconds(range)));
    }
    settle(parts);
    return ranges.size();
  }

  /**
   * Goes through ranges in key order. What has to be asked for again is asked for together, however
   * far apart it lies: a hole here and there must not cost a round trip each.
   */
  private void settle(List<Part> parts) {
    Set<KeyRange> empty = stillEmpty(parts);
    Listing listing =
        new Listing(parts.stream().filter(part -> isListed(part, empty)).map(Part::range).toList());
    for (Part part : parts) {
      if (part.isSame()) {
        found.equal(part.theirs.count());
      } else if (part.isMissing()) {
        found.allMissing(part.range, part.theirs.count());
      } else if (empty.contains(part.range)) {
        found.allOrphaned(part.range, part.ours.processed(), part.ours.errors());
      } else if (isListed(part, empty)) {
        listing.tell(part.range);
      } else {
        digest(part.range, part.seconds, density(part.larger(), part.seconds));
      }
    }
  }

  private boolean isCountedOnly(Part part) {
    return retractions == null && part.isOrphaned() && !part.isSame() && !part.isMissing();
  }

  private boolean isListed(Part part, Set<KeyRange> empty) {
    return !part.isSame()
        && !part.isMissing()
        && !empty.contains(part.range)
        && (part.isListed() || isCountedOnly(part));
  }

  /** KeyRanges of entries of which the source, asked again after the log, has nothing. */
  private Set<KeyRange> stillEmpty(List<Part> parts) {
    List<KeyRange> emptied = parts.stream().filter(this::isCountedOnly).map(Part::range).toList();
    if (emptied.isEmpty()) {
      return Set.of();
    }
    List<SourceDigest> now = source.digests(emptied);
    Set<KeyRange> empty = new HashSet<>();
    for (int i = 0; i < emptied.size(); i++) {
      if (now.get(i).count() == 0) {
        empty.add(emptied.get(i));
      }
    }
    return empty;
  }

  /** Both sides of some ranges, listed page by page as they are told. */
  private final class Listing {

    private final TwoSidedReader<KeyFingerprint> sides;
    private final Deque<KeyRange> covered = new ArrayDeque<>();
    private NavigableMap<TradeKey, KeyFingerprint> page = new TreeMap<>();
    private NavigableMap<TradeKey, Gap> gaps = new TreeMap<>();
    private Set<TradeKey> due = Set.of();

    Listing(List<KeyRange> ranges) {
      this.sides = new TwoSidedReader<>(source::keys, log, ranges, PAGE);
    }

    /** Tells what is in the next of the ranges. */
    void tell(KeyRange range) {
      KeyRange part;
      do {
        while (covered.isEmpty()) {
          read(sides.next().orElseThrow());
        }
        part = covered.remove();
        found.listed(part, in(part, page).keySet(), in(part, gaps), due);
      } while (part.upTo().isBefore(range.upTo()));
    }

    private void read(TwoSidedReader.Step<KeyFingerprint> step) {
      stopCheck.throwIfStopped();
      covered.addAll(step.ranges());
      page = new TreeMap<>();
      step.trades().forEach(trade -> page.put(trade.key(), trade));
      gaps = GapFinder.of(source, step.trades(), step.entries());
      due = retractions == null ? Set.of() : retractions.due(step.ranges(), gaps.values());
    }

    private static <T> NavigableMap<TradeKey, T> in(KeyRange range, NavigableMap<TradeKey, T> map) {
      return map.subMap(range.after(), false, range.upTo(), true);
    }
  }
}
