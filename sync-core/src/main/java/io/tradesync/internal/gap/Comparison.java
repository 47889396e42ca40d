package io.tradesync.internal.gap;

import static java.util.stream.Collectors.toMap;

import io.tradesync.GapCounts;
import io.tradesync.KeyRange;
import io.tradesync.SideUnavailableException;
import io.tradesync.TradeKey;
import io.tradesync.spi.KeyPrint;
import io.tradesync.spi.LogDigest;
import io.tradesync.spi.LogEntries;
import io.tradesync.spi.LogEntry;
import io.tradesync.spi.SourceDigest;
import io.tradesync.spi.TradeSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Finds what differs between a source and a log, without joining them and without holding either in
 * memory: digests of small buckets are compared, and keys are listed only where two digests differ.
 *
 * <p>The source is read before the log, so that what the log lacks is missing for certain. What the
 * log has too much or otherwise may have arrived in between; it is a gap only if the source, asked
 * again, still says so.
 */
public final class Comparison {

  private static final int PAGE = 5_000;
  private static final long TRADES_PER_BUCKET = 64;
  private static final long MOST_BUCKETS = 4_096;
  // A bucket of more, as a burst among quiet times makes it, is split again.
  private static final long MOST_LISTED = 8 * TRADES_PER_BUCKET;

  private final TradeSource source;
  private final LogEntries log;
  private final Merge merge;
  private final Predicate<GapKind> planned;

  private @Nullable Plan plan;
  private GapCounts found = GapCounts.NONE;
  private double density = 1;

  /**
   * Makes a comparison.
   *
   * @param source the source
   * @param log the log's entries
   * @param planned which kinds of gap a plan is to hold
   */
  public Comparison(TradeSource source, LogEntries log, Predicate<GapKind> planned) {
    this.source = source;
    this.log = log;
    this.merge = new Merge(log);
    this.planned = planned;
  }

  /**
   * Counts the gaps of a range.
   *
   * @param range the range
   * @param into receives the stretches with gaps, or null
   * @return the gaps by kind
   */
  public GapCounts compare(KeyRange range, @Nullable Plan into) {
    return compare(range, into, () -> {});
  }

  /**
   * Counts the gaps of a range, with pauses.
   *
   * @param range the range
   * @param into receives the stretches with gaps, or null
   * @param pause called again and again; what it throws ends the comparison
   * @return the gaps by kind
   */
  public GapCounts compare(KeyRange range, @Nullable Plan into, Runnable pause) {
    plan = into;
    found = GapCounts.NONE;
    density = 1;
    new Slices(this::first, this::slice, pause).walk(range);
    return found;
  }

  private Optional<TradeKey> first(KeyRange range) {
    return Stream.of(source.first(range), log.first(range))
        .flatMap(Optional::stream)
        .min(TradeKey::compareTo);
  }

  private long slice(KeyRange slice, long seconds) {
    GapCounts foundBefore = found;
    Plan planBefore = plan == null ? null : plan.copy();
    try {
      long held = digest(slice, seconds, density);
      density = density(held, seconds);
      return held;
    } catch (SideUnavailableException e) {
      // If it was too large it comes again in parts, and must not count twice.
      found = foundBefore;
      if (plan != null && planBefore != null) {
        plan.restore(planBefore);
      }
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
    List<KeyRange> differing = new ArrayList<>();
    for (long bucket : buckets) {
      SourceDigest theirs = there.getOrDefault(bucket, new SourceDigest(bucket, 0, 0));
      LogDigest ours = here.getOrDefault(bucket, new LogDigest(bucket, 0, 0, 0));
      KeyRange range = bucket(slice, bucket, width);
      boolean logIsEmpty = ours.processed() == 0 && ours.errors() == 0;
      boolean differs = !logIsEmpty && !isSame(theirs, ours);
      long larger = Math.max(theirs.count(), ours.processed() + ours.errors());
      if (differs && (width == 1 || larger <= MOST_LISTED)) {
        differing.add(range);
        continue;
      }
      list(differing);
      differing.clear();
      if (differs) {
        digest(range, width, density(larger, width));
      } else if (logIsEmpty) {
        allMissing(range, theirs.count());
      } else {
        pass(theirs.count());
      }
    }
    list(differing);
    return Math.max(
        there.values().stream().mapToLong(SourceDigest::count).sum(),
        here.values().stream().mapToLong(d -> d.processed() + d.errors()).sum());
  }

  private static KeyRange bucket(KeyRange slice, long bucket, long width) {
    long start = slice.after().epochSecond() + bucket * width;
    long end = start + Math.min(width, Long.MAX_VALUE - Math.max(0, start));
    return KeyRange.seconds(start, end).intersect(slice);
  }

  private static boolean isSame(SourceDigest theirs, LogDigest ours) {
    return theirs.count() == ours.processed()
        && theirs.fingerprints() == ours.fingerprints()
        && ours.errors() == 0;
  }

  private void allMissing(KeyRange range, long count) {
    found = found.plus(new GapCounts(count, 0, 0, 0));
    if (planned.test(GapKind.MISSING)) {
      add(range, count, count);
    } else {
      pass(count);
    }
  }

  /** Lists both sides of some ranges, a page of the source at a time. */
  private void list(List<KeyRange> ranges) {
    List<KeyRange> rest = List.copyOf(ranges);
    while (!rest.isEmpty()) {
      List<KeyPrint> page = source.keys(rest, PAGE);
      List<KeyRange> stretch = rest;
      if (page.size() == PAGE) {
        TradeKey last = page.get(PAGE - 1).key();
        stretch = Ranges.upTo(rest, last);
        rest = Ranges.after(rest, last);
      } else {
        rest = List.of();
      }
      page(page, stretch);
    }
  }

  private void page(List<KeyPrint> page, List<KeyRange> stretch) {
    Map<TradeKey, Gap> gaps = merge.compare(page, stretch, this::orphans);
    Changes.confirm(source, gaps);
    TradeKey before = stretch.get(0).after();
    for (KeyPrint trade : page) {
      Gap gap = gaps.get(trade.key());
      if (gap != null) {
        count(gap.kind());
      }
      if (gap != null && planned.test(gap.kind())) {
        add(new KeyRange(before, trade.key()), 1, 1);
      } else {
        pass(1);
      }
      before = trade.key();
    }
  }

  private void orphans(List<LogEntry> suspects) {
    Set<TradeKey> back = new TreeSet<>();
    source
        .byIds(suspects.stream().map(entry -> entry.key().id()).toList())
        .forEach(trade -> back.add(trade.key()));
    long gone = suspects.stream().filter(entry -> !back.contains(entry.key())).count();
    found = found.plus(new GapCounts(0, 0, 0, gone));
  }

  private void count(GapKind kind) {
    found =
        found.plus(
            switch (kind) {
              case MISSING -> new GapCounts(1, 0, 0, 0);
              case ERROR -> new GapCounts(0, 1, 0, 0);
              case CHANGED -> new GapCounts(0, 0, 1, 0);
            });
  }

  private void add(KeyRange range, long repairs, long trades) {
    if (plan != null) {
      plan.add(range, repairs, trades);
    }
  }

  private void pass(long trades) {
    if (plan != null) {
      plan.pass(trades);
    }
  }
}
