package io.tradesync.internal.compare;

import static java.util.stream.Collectors.toMap;

import io.tradesync.GapCounts;
import io.tradesync.KeyRange;
import io.tradesync.SideUnavailableException;
import io.tradesync.Timeline;
import io.tradesync.TimelineBucket;
import io.tradesync.TradeKey;
import io.tradesync.internal.thread.StopCheck;
import io.tradesync.spi.SourceDigest;
import io.tradesync.spi.TradeSource;
import io.tradesync.spi.log.HandOut;
import io.tradesync.spi.log.LogDigest;
import io.tradesync.spi.log.LogEntries;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Compares both sides over time by digests, for a picture. It lists keys only where the trades that
 * differ can be narrowed down to few, and stops when its time is over. Used once.
 */
public final class TimelineComparison {

  /** A bucket that differs is listed key by key if it holds so many trades at most. */
  static final int MAX_LISTED = 5_000;

  private static final Duration MAX_TIME = Duration.ofSeconds(10);
  private static final int PARTS = 64;
  private static final KeyRange ALL_SECONDS =
      KeyRange.seconds(-TradeKey.MAX_EPOCH_SECOND, TradeKey.MAX_EPOCH_SECOND);

  private final ComparisonContext context;
  private final KeyRange scope;

  /** The time is over. */
  private static final class TimeOverException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    TimeOverException() {
      super("the time for a timeline is over", null, false, false);
    }
  }

  /**
   * The digests of both sides in a bucket. Of a bucket that differs, keys are listed in some
   * ranges, and the rest holds nothing but failures that the log knows.
   */
  private static final class Bucket {
    final KeyRange seconds;
    final KeyRange range;
    SourceDigest source = new SourceDigest(0, 0, 0);
    LogDigest log = LogDigest.empty(0);
    long handOuts;
    List<KeyRange> listed = List.of();
    long errorsOfRest;
    @Nullable GapCounts gaps;

    /**
     * @param range the part of the seconds that is in scope
     */
    Bucket(KeyRange seconds, KeyRange range) {
      this.seconds = seconds;
      this.range = range;
    }

    boolean isEqual() {
      return handOuts == 0
          && source.count() == log.rows()
          && source.fingerprints() == log.fingerprints();
    }

    long entries() {
      return log.processed() + log.failed();
    }

    long rows() {
      return Math.max(source.count(), entries()) + handOuts;
    }
  }

  /**
   * @param scope which trades count
   */
  public TimelineComparison(ScanContext scans, KeyRange scope) {
    this(scans.source(), scans.entries(), scans.keptBelow(), scope, System.nanoTime());
  }

  TimelineComparison(
      TradeSource source, LogEntries log, TradeKey keptBelow, KeyRange scope, long beganNanos) {
    StopCheck time =
        () -> {
          if (System.nanoTime() - beganNanos > MAX_TIME.toNanos()) {
            throw new TimeOverException();
          }
        };
    this.context =
        new ComparisonContext(
            source,
            log,
            GapSelection.none(),
            OrphanPolicy.countOnly(),
            ListedErrors.ALL,
            keptBelow,
            time);
    this.scope = scope;
  }

  /**
   * Compares a range of whole seconds. Where it has no end, it ends with the trades.
   *
   * @param maxBuckets the number of buckets, or somewhat more than there will be
   */
  public Timeline compare(KeyRange range, int maxBuckets) {
    Optional<KeyRange> bounds = bounds(range);
    if (bounds.isEmpty()) {
      return new Timeline(0, 0, 1, List.of(), true);
    }
    long from = bounds.get().after().epochSecond();
    long to = bounds.get().upTo().epochSecond();
    long width = Math.max(1, (to - from + maxBuckets - 1) / maxBuckets);
    List<Bucket> buckets = new ArrayList<>();
    for (long start = from; start < to; start += width) {
      KeyRange seconds = KeyRange.seconds(start, Math.min(to, start + width));
      buckets.add(new Bucket(seconds, seconds.intersect(scope)));
    }
    long through = digest(buckets, bounds.get().intersect(scope), width);
    List<Bucket> read =
        buckets.stream().filter(bucket -> bucket.seconds.upTo().epochSecond() <= through).toList();
    try {
      judge(read);
      list(read);
    } catch (TimeOverException e) {
      // What is not judged yet is known to differ.
    }
    return new Timeline(
        from,
        to,
        width,
        read.stream().map(TimelineComparison::picture).toList(),
        read.size() == buckets.size());
  }

  private Optional<KeyRange> bounds(KeyRange range) {
    boolean isOpen = range.after().equals(TradeKey.MIN) || range.upTo().equals(TradeKey.MAX);
    if (!isOpen) {
      return Optional.of(range.intersect(ALL_SECONDS)).filter(r -> !r.isEmpty());
    }
    KeyRange within = range.intersect(scope);
    Optional<TradeKey> first = first(within);
    Optional<TradeKey> last =
        Stream.of(context.source().last(within), context.log().last(within))
            .flatMap(Optional::stream)
            .max(TradeKey::compareTo);
    if (first.isEmpty() || last.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
            KeyRange.seconds(
                range.after().equals(TradeKey.MIN)
                    ? first.get().epochSecond()
                    : range.after().epochSecond(),
                range.upTo().equals(TradeKey.MAX)
                    ? last.get().epochSecond() + 1
                    : range.upTo().epochSecond()))
        .filter(r -> !r.isEmpty());
  }

  private Optional<TradeKey> first(KeyRange range) {
    return Stream.concat(
            Stream.of(context.source().first(range), context.log().first(range))
                .flatMap(Optional::stream),
            context.log().handOuts(List.of(range), 1).stream().map(HandOut::key))
        .min(TradeKey::compareTo);
  }

  /** Reads the digests; returns the second up to which they were read. */
  private long digest(List<Bucket> buckets, KeyRange range, long width) {
    long end = buckets.get(buckets.size() - 1).seconds.upTo().epochSecond();
    if (range.isEmpty()) {
      return end;
    }
    long start = buckets.get(0).seconds.after().epochSecond();
    long[] through = {start};
    try {
      new SliceWalker(
              this::first,
              (slice, seconds) -> {
                long rows = digest(buckets, slice, start, width);
                through[0] = slice.upTo().epochSecond();
                return rows;
              },
              context.stopCheck(),
              SliceWalker.FIRST_WIDTH)
          .walk(range);
      return end;
    } catch (TimeOverException e) {
      return through[0];
    }
  }

  private long digest(List<Bucket> buckets, KeyRange slice, long start, long width) {
    List<Bucket> touched =
        buckets.subList(
            (int) ((slice.after().epochSecond() - start) / width),
            (int) ((slice.upTo().epochSecond() - 1 - start) / width) + 1);
    List<KeyRange> ranges = touched.stream().map(b -> b.seconds.intersect(slice)).toList();
    List<SourceDigest> source = context.source().digests(ranges);
    List<LogDigest> log = context.log().digests(ranges);
    for (TradeKey key : HandOutPages.keys(context.log(), List.of(slice))) {
      buckets.get((int) ((key.epochSecond() - start) / width)).handOuts++;
    }
    long sourceRows = 0;
    long entries = 0;
    for (int i = 0; i < ranges.size(); i++) {
      Bucket bucket = touched.get(i);
      bucket.source = sum(bucket.source, source.get(i));
      bucket.log = bucket.log.plus(log.get(i));
      sourceRows += source.get(i).count();
      entries += log.get(i).processed() + log.get(i).failed();
    }
    return Math.max(sourceRows, entries);
  }

  private static SourceDigest sum(SourceDigest a, SourceDigest b) {
    return new SourceDigest(
        0,
        a.count() + b.count(),
        a.fingerprints() + b.fingerprints(),
        a.unreadable() + b.unreadable());
  }

  /** Decides by digests what can be decided by them, and what is listed. */
  private void judge(List<Bucket> buckets) {
    for (Bucket bucket : buckets) {
      if (bucket.isEqual()) {
        bucket.gaps = new GapCounts(0, bucket.log.errors(), 0, 0);
      } else if (bucket.entries() == 0 && bucket.handOuts == 0) {
        long unreadable = bucket.source.unreadable();
        bucket.gaps = new GapCounts(bucket.source.count() - unreadable, unreadable, 0, 0);
      } else if (bucket.rows() <= MAX_LISTED) {
        bucket.listed = List.of(bucket.range);
      } else if (isStillEmptyAtSource(bucket)) {
        bucket.gaps = new GapCounts(0, 0, 0, bucket.entries());
      } else {
        narrow(bucket);
      }
    }
  }

  // A vanished trade is kept only if it has not moved, which only its key tells.
  private boolean isStillEmptyAtSource(Bucket bucket) {
    context.stopCheck().throwIfStopped();
    return bucket.source.count() == 0
        && bucket.handOuts == 0
        && !bucket.range.after().isBefore(context.keptBelow())
        && context.source().digests(List.of(bucket.range)).get(0).count() == 0;
  }

  /**
   * Looks where in a large bucket the sides differ. Trades that arrived while it was read differ no
   * longer, and few others can be listed.
   */
  private void narrow(Bucket bucket) {
    context.stopCheck().throwIfStopped();
    if (bucket.handOuts > 0) {
      return;
    }
    try {
      long start = bucket.range.after().epochSecond();
      long width = Math.max(1, (BucketComparison.seconds(bucket.range) + PARTS - 1) / PARTS);
      Map<Long, SourceDigest> source =
          context.source().digests(bucket.range, width).stream()
              .collect(toMap(SourceDigest::bucket, d -> d));
      Map<Long, LogDigest> log =
          context.log().digests(bucket.range, width).stream()
              .collect(toMap(LogDigest::bucket, d -> d));
      Set<Long> numbers = new TreeSet<>(source.keySet());
      numbers.addAll(log.keySet());
      List<KeyRange> differing = new ArrayList<>();
      long rows = 0;
      long errors = 0;
      for (long number : numbers) {
        KeyRange seconds =
            KeyRange.seconds(start + number * width, start + (number + 1) * width)
                .intersect(bucket.range);
        Bucket part = new Bucket(seconds, seconds);
        part.source = source.getOrDefault(number, part.source);
        part.log = log.getOrDefault(number, part.log);
        if (part.isEqual()) {
          errors += part.log.errors();
        } else {
          differing.add(part.range);
          rows += part.rows();
        }
      }
      if (differing.isEmpty()) {
        bucket.gaps = new GapCounts(0, errors, 0, 0);
      } else if (rows <= MAX_LISTED) {
        bucket.listed = differing;
        bucket.errorsOfRest = errors;
      }
    } catch (SideUnavailableException e) {
      if (!e.isTimeout()) {
        throw e;
      }
    }
  }

  /** Lists the keys of the buckets that are small enough, all of them together. */
  private void list(List<Bucket> buckets) {
    KeyListing listing =
        new KeyListing(context, buckets.stream().flatMap(b -> b.listed.stream()).toList());
    for (Bucket bucket : buckets) {
      if (!bucket.listed.isEmpty()) {
        Findings findings = context.noFindings();
        bucket.listed.forEach(range -> listing.addTo(findings, range));
        bucket.gaps = findings.counts().plusErrors(bucket.errorsOfRest);
      }
    }
  }

  private static TimelineBucket picture(Bucket bucket) {
    return new TimelineBucket(
        bucket.seconds.after().epochSecond(),
        bucket.seconds.upTo().epochSecond(),
        bucket.source.count(),
        bucket.log.processed(),
        bucket.gaps);
  }
}
