package io.tradesync.internal.compare;

import io.tradesync.KeyRange;
import io.tradesync.SideUnavailableException;
import io.tradesync.TradeKey;
import io.tradesync.internal.compare.BucketComparison.Compared;
import io.tradesync.spi.log.HandOut;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Walks over ranges in slices, compares each slice by its digests ({@link BucketComparison}) and
 * gathers the findings in key order. A slice that a side could not read in time is walked over
 * again in smaller slices; its findings are added only when it succeeded.
 */
final class Comparison {

  private static final int FIRST_RECHECKED = 64;
  private static final int MAX_RECHECKED = 1_024;
  private static final long RECHECK_NANOS = 250_000_000;

  private final ComparisonContext context;
  private final BucketComparison buckets;
  private final Findings findings;
  private double tradesPerSecond;

  /**
   * @param findings receives what is found; the ranges must be compared in key order
   */
  Comparison(ComparisonContext context, Findings findings) {
    this(context, findings, 1);
  }

  /**
   * @param tradesPerSecond how many trades a second are expected
   */
  Comparison(ComparisonContext context, Findings findings, double tradesPerSecond) {
    this.context = context;
    this.buckets = new BucketComparison(context);
    this.findings = findings;
    this.tradesPerSecond = tradesPerSecond;
  }

  /** Compares a part on the calling thread. */
  static Findings findings(ComparisonPart part, ComparisonContext context) {
    Findings findings = context.noFindings();
    if (part instanceof ComparisonPart.Walk walk) {
      new Comparison(context, findings, walk.density()).walk(walk.range(), walk.width());
    } else if (part instanceof ComparisonPart.Recheck recheck) {
      new Comparison(context, findings).recheck(recheck.ranges());
    }
    return findings;
  }

  /** Compares a range on the calling thread. */
  void compare(KeyRange range) {
    walk(range, SliceWalker.FIRST_WIDTH);
  }

  /** Compares a range on the calling thread, and begins with a slice of so many seconds. */
  void walk(KeyRange range, long firstWidth) {
    if (!range.isEmpty()) {
      walker(firstWidth).walk(range);
    }
  }

  private SliceWalker walker(long firstWidth) {
    return new SliceWalker(this::first, this::compareSlice, context.stopCheck(), firstWidth);
  }

  /** Compares a range; if it turns out to be long, the rest of it in parts at the same time. */
  void compare(KeyRange range, PartWorkers workers) {
    if (range.isEmpty()) {
      return;
    }
    SliceWalker slices = walker(SliceWalker.FIRST_WIDTH);
    PartSizes sizes = workers.sizes();
    KeyRange rest =
        slices.walk(range, sizes.parallelism() == 1 ? Long.MAX_VALUE : sizes.tradesBeforeParts());
    Optional<TradeKey> next = rest.isEmpty() ? Optional.empty() : first(rest);
    if (next.isEmpty()) {
      return;
    }
    long from = next.get().epochSecond();
    double trades = tradesPerSecond * ((double) rest.upTo().epochSecond() - from);
    int maxParts =
        (int)
            Math.max(
                sizes.parallelism(), Math.min(sizes.maxParts(), trades / sizes.tradesPerPart()));
    long width = slices.width();
    double density = tradesPerSecond;
    List<ComparisonPart> parts =
        KeyRanges.split(rest, from, maxParts).stream()
            .<ComparisonPart>map(part -> new ComparisonPart.Walk(part, density, width))
            .toList();
    workers.compare(parts, context, findings::append);
  }

  private Optional<TradeKey> first(KeyRange range) {
    return Stream.concat(
            Stream.of(context.source().first(range), context.log().first(range))
                .flatMap(Optional::stream),
            context.log().handOuts(List.of(range), 1).stream().map(HandOut::key))
        .min(TradeKey::compareTo);
  }

  private long compareSlice(KeyRange slice, long seconds) {
    Compared compared = buckets.compare(slice, seconds, tradesPerSecond);
    findings.append(compared.findings());
    // The range may end before the slice does.
    tradesPerSecond =
        BucketComparison.density(
            compared.rows(), Math.min(seconds, BucketComparison.seconds(slice)));
    return compared.rows();
  }

  /** As {@link #recheck(List)}; if they are many, in parts at the same time. */
  void recheck(List<KeyRange> ranges, PartWorkers workers) {
    int perPart = workers.sizes().recheckedPerPart();
    if (ranges.size() <= perPart) {
      recheck(ranges);
      return;
    }
    List<ComparisonPart> parts = new ArrayList<>();
    for (int from = 0; from < ranges.size(); from += perPart) {
      int end = Math.min(ranges.size(), from + perPart);
      parts.add(new ComparisonPart.Recheck(ranges.subList(from, end)));
    }
    workers.compare(parts, context, findings::append);
  }

  /**
   * Compares ranges that hold few trades each, many of them in one request to each side.
   *
   * @param ranges ranges of whole seconds in key order, without overlap
   */
  void recheck(List<KeyRange> ranges) {
    int chunk = FIRST_RECHECKED;
    int done = 0;
    while (done < ranges.size()) {
      context.stopCheck().throwIfStopped();
      List<KeyRange> next = ranges.subList(done, Math.min(ranges.size(), done + chunk));
      long began = System.nanoTime();
      try {
        findings.append(buckets.compareEach(next));
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
}
