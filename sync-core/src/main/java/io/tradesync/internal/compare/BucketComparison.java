package io.tradesync.internal.compare;

import static java.util.stream.Collectors.toMap;

import io.tradesync.KeyRange;
import io.tradesync.TradeKey;
import io.tradesync.spi.SourceDigest;
import io.tradesync.spi.log.LogDigest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Compares the digests of both sides bucket by bucket, without joining the sides and without
 * holding either in memory. A bucket whose digests differ is listed key by key ({@link KeyListing})
 * if it is small, and is divided into smaller buckets otherwise.
 */
final class BucketComparison {

  // A smaller bucket would cost more to send than it saves when keys are listed.
  private static final long TRADES_PER_BUCKET = 32;
  private static final long MAX_BUCKETS = 16_384;
  // A bucket of more, such as a burst among quiet times, is divided again.
  private static final long MAX_LISTED = 512;

  /**
   * The result of comparing a slice.
   *
   * @param rows the number of rows on the side that has more
   */
  record Compared(Findings findings, long rows) {}

  /** A range with the digests of both sides, and how much of it is perhaps in the sink. */
  private record Bucket(
      KeyRange range, SourceDigest source, LogDigest log, long handOuts, long seconds) {

    /** Whether nothing differs but failures of the same content as now. */
    boolean isEqual() {
      return handOuts == 0
          && source.count() == log.rows()
          && source.fingerprints() == log.fingerprints();
    }

    boolean isMissing() {
      return entries() == 0 && handOuts == 0 && source.count() > 0;
    }

    long entries() {
      return log.processed() + log.failed();
    }

    boolean isOrphaned() {
      return source.count() == 0 && handOuts == 0;
    }

    long rows() {
      return Math.max(source.count(), entries()) + handOuts;
    }

    boolean isSmall() {
      return seconds == 1 || rows() <= MAX_LISTED;
    }
  }

  private final ComparisonContext context;

  BucketComparison(ComparisonContext context) {
    this.context = context;
  }

  /**
   * Compares a slice in buckets of equal width.
   *
   * @param seconds the width of the slice
   * @param tradesPerSecond the expected density, which decides the width of a bucket
   */
  Compared compare(KeyRange slice, long seconds, double tradesPerSecond) {
    Findings findings = context.noFindings();
    long rows = compare(slice, seconds, tradesPerSecond, findings);
    return new Compared(findings, rows);
  }

  private long compare(KeyRange slice, long seconds, double tradesPerSecond, Findings findings) {
    long width =
        Math.max(
            Math.max(1, (long) (TRADES_PER_BUCKET / tradesPerSecond)),
            (seconds + MAX_BUCKETS - 1) / MAX_BUCKETS);
    Map<Long, SourceDigest> source =
        context.source().digests(slice, width).stream()
            .collect(toMap(SourceDigest::bucket, d -> d));
    Map<Long, LogDigest> log =
        context.log().digests(slice, width).stream().collect(toMap(LogDigest::bucket, d -> d));
    Map<Long, Long> handOuts = handOuts(slice, width);
    Set<Long> numbers = new TreeSet<>(source.keySet());
    numbers.addAll(log.keySet());
    numbers.addAll(handOuts.keySet());
    List<Bucket> buckets = new ArrayList<>();
    for (long number : numbers) {
      buckets.add(
          new Bucket(
              range(slice, number, width),
              source.getOrDefault(number, new SourceDigest(number, 0, 0)),
              log.getOrDefault(number, LogDigest.empty(number)),
              handOuts.getOrDefault(number, 0L),
              width));
    }
    compare(buckets, findings);
    return Math.max(
        source.values().stream().mapToLong(SourceDigest::count).sum(),
        log.values().stream().mapToLong(d -> d.processed() + d.failed()).sum());
  }

  private Map<Long, Long> handOuts(KeyRange slice, long width) {
    Map<Long, Long> counts = new HashMap<>();
    for (TradeKey key : HandOutPages.keys(context.log(), List.of(slice))) {
      long bucket = (key.epochSecond() - slice.after().epochSecond()) / width;
      counts.merge(bucket, 1L, Long::sum);
    }
    return counts;
  }

  private static KeyRange range(KeyRange slice, long bucket, long width) {
    long start = slice.after().epochSecond() + bucket * width;
    long end = start + Math.min(width, Long.MAX_VALUE - Math.max(0, start));
    return KeyRange.seconds(start, end).intersect(slice);
  }

  /** Compares ranges, each as one bucket. */
  Findings compareEach(List<KeyRange> ranges) {
    List<SourceDigest> source = context.source().digests(ranges);
    List<LogDigest> log = context.log().digests(ranges);
    long[] handOuts = new long[ranges.size()];
    int at = 0;
    for (TradeKey key : HandOutPages.keys(context.log(), ranges)) {
      while (ranges.get(at).upTo().isBefore(key)) {
        at++;
      }
      handOuts[at]++;
    }
    List<Bucket> buckets = new ArrayList<>();
    for (int i = 0; i < ranges.size(); i++) {
      KeyRange range = ranges.get(i);
      buckets.add(new Bucket(range, source.get(i), log.get(i), handOuts[i], seconds(range)));
    }
    Findings findings = context.noFindings();
    compare(buckets, findings);
    return findings;
  }

  /**
   * Compares buckets in key order. The keys of all small buckets that differ are listed together,
   * however far apart the buckets are: a hole here and there must not cost a request each.
   */
  private void compare(List<Bucket> buckets, Findings findings) {
    Set<KeyRange> empty = stillEmpty(buckets);
    KeyListing listing =
        new KeyListing(
            context,
            buckets.stream().filter(bucket -> isListed(bucket, empty)).map(Bucket::range).toList());
    for (Bucket bucket : buckets) {
      if (isSettled(bucket)) {
        findings.equal(bucket.source, bucket.log);
      } else if (isMissing(bucket)) {
        findings.allMissing(bucket.range, bucket.source);
      } else if (empty.contains(bucket.range)) {
        findings.allOrphaned(bucket.range, bucket.log.processed(), bucket.log.failed());
      } else if (isListed(bucket, empty)) {
        listing.addTo(findings, bucket.range);
      } else {
        compare(bucket.range, bucket.seconds, density(bucket.rows(), bucket.seconds), findings);
      }
    }
  }

  /** Whether no key of a bucket is of interest. */
  private boolean isSettled(Bucket bucket) {
    return bucket.isEqual()
        && (bucket.log.errors() == 0 || !context.errors().areListed(bucket.log.retriable()));
  }

  private boolean isMissing(Bucket bucket) {
    return bucket.isMissing()
        && (bucket.source.unreadable() == 0 || context.errors() != ListedErrors.ALL);
  }

  // A vanished trade is kept only if it has not moved, which only its key tells.
  private boolean isCountedOnly(Bucket bucket) {
    return !context.orphans().needsKeys()
        && !bucket.range.after().isBefore(context.keptBelow())
        && bucket.isOrphaned()
        && !isSettled(bucket)
        && !bucket.isMissing();
  }

  private boolean isListed(Bucket bucket, Set<KeyRange> empty) {
    return !isSettled(bucket)
        && !isMissing(bucket)
        && !empty.contains(bucket.range)
        && (bucket.isSmall() || isCountedOnly(bucket));
  }

  /** Ranges of entries of which the source, asked again after the log, still has nothing. */
  private Set<KeyRange> stillEmpty(List<Bucket> buckets) {
    List<KeyRange> emptied =
        buckets.stream().filter(this::isCountedOnly).map(Bucket::range).toList();
    if (emptied.isEmpty()) {
      return Set.of();
    }
    List<SourceDigest> now = context.source().digests(emptied);
    Set<KeyRange> empty = new HashSet<>();
    for (int i = 0; i < emptied.size(); i++) {
      if (now.get(i).count() == 0) {
        empty.add(emptied.get(i));
      }
    }
    return empty;
  }

  static double density(long trades, long seconds) {
    return Math.max((double) trades / seconds, 1e-9);
  }

  static long seconds(KeyRange range) {
    return Math.max(1, range.upTo().epochSecond() - range.after().epochSecond());
  }
}
