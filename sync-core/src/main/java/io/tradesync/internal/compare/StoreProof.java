package io.tradesync.internal.compare;

import io.tradesync.KeyRange;
import io.tradesync.TradeKey;
import io.tradesync.internal.thread.StopCheck;
import io.tradesync.spi.AggregateFindings;
import io.tradesync.spi.HeldDigest;
import io.tradesync.spi.log.LogSnapshot;
import io.tradesync.spi.log.SubRanges;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.LongStream;

/**
 * Proves that the sink holds what the log says that it holds, and that its candles follow from its
 * rows. Walks over ranges in slices; each slice is read as of one moment, so that what is written
 * meanwhile is no difference.
 */
public final class StoreProof {

  private static final long TRADES_BEFORE_THREADS = 10_000;
  private static final int PARTS_PER_WORKER = 8;

  private final StoreView view;
  private final int workers;
  private final StopCheck stopCheck;

  public StoreProof(StoreView view, int workers, StopCheck stopCheck) {
    this.view = view;
    this.workers = workers;
    this.stopCheck = stopCheck;
  }

  /**
   * Compares a range.
   *
   * @param range a range of whole seconds
   * @param newestSecond the second up to which trades are expected; what is above is compared last
   */
  public StoreFindings compare(KeyRange range, long newestSecond) {
    StoreFindings findings = new StoreFindings();
    TradeKey end = TradeKey.startOf(Math.min(newestSecond, Long.MAX_VALUE - 1) + 1);
    // Slices before the first trade, in which only its longer candles begin, are empty and become
    // wider and wider.
    TradeKey firstTrade =
        view.look((log, sink) -> log.first(range.upTo(end)))
            .map(key -> TradeKey.startOf(key.epochSecond()))
            .orElse(range.after());
    walker(findings, stopCheck, SliceWalker.FIRST_WIDTH).walk(range.upTo(firstTrade));
    SliceWalker slices = walker(findings, stopCheck, SliceWalker.FIRST_WIDTH);
    KeyRange rest =
        slices.walk(
            range.upTo(end).after(firstTrade),
            workers == 1 ? Long.MAX_VALUE : TRADES_BEFORE_THREADS);
    Optional<TradeKey> next = rest.isEmpty() ? Optional.empty() : first(rest);
    if (next.isPresent()) {
      long width = slices.width();
      ComparisonWorkers.run(
          KeyRanges.split(rest, next.get().epochSecond(), workers * PARTS_PER_WORKER),
          workers,
          stopCheck,
          (part, partStopCheck) -> {
            StoreFindings ofPart = new StoreFindings();
            walker(ofPart, partStopCheck, width).walk(part);
            return ofPart;
          },
          findings::append);
    }
    walker(findings, stopCheck, SliceWalker.FIRST_WIDTH).walk(range.after(end));
    return findings;
  }

  private SliceWalker walker(StoreFindings findings, StopCheck stop, long width) {
    return new SliceWalker(
        this::first, (slice, seconds) -> compareSlice(slice, findings), stop, width);
  }

  private Optional<TradeKey> first(KeyRange range) {
    return view.look(
        (log, sink) ->
            LongStream.concat(
                    log.first(range).stream().mapToLong(TradeKey::epochSecond),
                    sink.firstSecond(range).stream())
                .boxed()
                .min(Long::compare)
                .map(TradeKey::startOf));
  }

  private long compareSlice(KeyRange slice, StoreFindings findings) {
    Compared compared = view.look((log, sink) -> compare(slice, log, sink));
    findings.append(compared.findings);
    return compared.trades;
  }

  private record Compared(StoreFindings findings, long trades) {}

  private Compared compare(KeyRange slice, LogSnapshot log, StoreView.Held sink) throws Exception {
    StoreFindings findings = new StoreFindings();
    Map<Long, HeldDigest> expected = byStart(log.digests(slice, SubRanges.SECONDS));
    Map<Long, HeldDigest> held = byStart(sink.digests(slice, SubRanges.SECONDS));
    SortedSet<Long> starts = new TreeSet<>(expected.keySet());
    starts.addAll(held.keySet());
    for (long start : starts) {
      HeldDigest ofLog = expected.getOrDefault(start, HeldDigest.empty(start));
      HeldDigest ofSink = held.getOrDefault(start, HeldDigest.empty(start));
      if (!ofSink.equals(ofLog)) {
        KeyRange subRange = SubRanges.range(start, start).intersect(slice);
        findings.add(start, differing(subRange, ofLog, ofSink, log, sink), 0);
      }
    }
    AggregateFindings aggregates = sink.aggregates(slice, SubRanges.SECONDS);
    aggregates.differing().forEach((start, candles) -> findings.add(start, 0, candles));
    findings.notJudged(aggregates.notJudged());
    return new Compared(findings, Math.max(sum(expected), sum(held)));
  }

  private static Map<Long, HeldDigest> byStart(List<HeldDigest> digests) {
    Map<Long, HeldDigest> byStart = new TreeMap<>();
    digests.forEach(digest -> byStart.put(digest.startEpochSecond(), digest));
    return byStart;
  }

  private static long sum(Map<Long, HeldDigest> digests) {
    return digests.values().stream().mapToLong(HeldDigest::trades).sum();
  }

  /** Counts the keys of a sub-range at which the sink does not hold what the log says. */
  private long differing(
      KeyRange range, HeldDigest ofLog, HeldDigest ofSink, LogSnapshot log, StoreView.Held sink)
      throws Exception {
    if (ofLog.trades() == 0 || ofSink.trades() == 0) {
      return ofLog.trades() + ofSink.trades();
    }
    long differing = new HeldComparison(log, sink, stopCheck).count(range);
    // Rows that share a key can make up for each other.
    return Math.max(1, differing);
  }
}
