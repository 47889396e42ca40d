package io.tradesync.internal.compare;

import io.tradesync.KeyRange;
import io.tradesync.TradeKey;
import io.tradesync.Verified;
import io.tradesync.internal.thread.StopCheck;
import io.tradesync.internal.verify.UnverifiedRanges;
import io.tradesync.spi.TradeSource;
import io.tradesync.spi.log.LogEntries;
import io.tradesync.spi.log.Verification.Snapshot;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One look at all of a scope: what was verified before is left out, but for its marked sub-ranges,
 * unless the scope is small, everything is asked for, or the source no longer reaches up to there.
 */
public final class Scan {

  /**
   * What to look at.
   *
   * @param scope which trades count
   * @param memory what is remembered of earlier comparisons; asked once, after the source
   * @param finalThrough the second up to which trades are final
   * @param compareAllUpTo how many trades are compared anew each time
   * @param compareAll whether nothing is left out
   * @param workers how many parts of a long range are compared at a time
   */
  public record Extent(
      KeyRange scope,
      Supplier<Snapshot> memory,
      long finalThrough,
      long compareAllUpTo,
      boolean compareAll,
      int workers) {}

  private final TradeSource source;
  private final LogEntries log;
  private final Extent extent;
  private final Optional<TradeKey> newest;
  private final Optional<TradeKey> latestEntry;
  private final Snapshot snapshot;
  private final @Nullable Verified trusted;
  private long finalTrades;

  /**
   * Asks both sides for their ends; what comes later is not part of this look.
   *
   * @param source the source
   * @param log the log's entries
   * @param extent what to look at
   */
  public Scan(TradeSource source, LogEntries log, Extent extent) {
    this.source = source;
    this.log = log;
    this.extent = extent;
    this.newest = source.last(extent.scope);
    this.latestEntry = log.last(extent.scope);
    this.snapshot = extent.memory.get();
    this.trusted = snapshot.verified().filter(this::isTrusted).orElse(null);
  }

  private boolean isTrusted(Verified verified) {
    return !extent.compareAll
        && verified.trades() > extent.compareAllUpTo
        && Optional.ofNullable(verified.fromEpochSecond()).equals(from())
        && newest.filter(key -> key.epochSecond() >= verified.throughEpochSecond()).isPresent();
  }

  private Optional<Long> from() {
    return extent.scope.after().equals(TradeKey.MIN)
        ? Optional.empty()
        : Optional.of(extent.scope.after().epochSecond());
  }

  /**
   * Everything in scope up to the newest key of either side.
   *
   * @return the range, possibly empty
   */
  public KeyRange whole() {
    return Stream.of(newest, latestEntry)
        .flatMap(Optional::stream)
        .max(TradeKey::compareTo)
        .map(extent.scope::upTo)
        .orElseGet(() -> extent.scope.upTo(extent.scope.after()));
  }

  /**
   * What was remembered before this look.
   *
   * @return up to where both sides were equal
   */
  public Optional<Verified> remembered() {
    return snapshot.verified();
  }

  /**
   * The newest trade of the source.
   *
   * @return its key, or empty if there is none in scope
   */
  public Optional<TradeKey> newest() {
    return newest;
  }

  /**
   * Compares.
   *
   * @param found receives what is found
   * @param retractions judges orphans, or null
   * @param stopCheck called again and again; what it throws ends the look
   */
  public void compare(Findings found, @Nullable OrphanPolicy retractions, StopCheck stopCheck) {
    Comparison comparison = new Comparison(source, log, found, retractions, stopCheck);
    KeyRange rest = whole();
    if (trusted != null) {
      TradeKey border = TradeKey.startOf(trusted.throughEpochSecond() + 1);
      KeyRange verified = rest.upTo(border);
      comparison.recheck(
          snapshot.unverified().stream()
              .map(verified::intersect)
              .filter(range -> !range.isEmpty())
              .toList());
      rest = rest.after(border);
      finalTrades = trusted.trades() - found.trades();
    }
    TradeKey border = TradeKey.startOf(extent.finalThrough + 1);
    comparison.compare(rest.upTo(border), extent.workers);
    finalTrades += found.trades();
    comparison.compare(rest.after(border), extent.workers);
  }

  /**
   * How many processed entries were left out, about.
   *
   * @return their number, 0 if everything was compared
   */
  public long trustedTrades() {
    return trusted == null ? 0 : trusted.trades();
  }

  /**
   * What was left out.
   *
   * @return the range, empty if everything was compared
   */
  public KeyRange trustedRange() {
    return trusted == null
        ? extent.scope.upTo(extent.scope.after())
        : extent.scope.upTo(TradeKey.startOf(trusted.throughEpochSecond() + 1));
  }

  /**
   * What is verified after the comparison, but for the sub-ranges with gaps. It ends before the
   * source's newest second, at which more can arrive, and where there are more sub-ranges with gaps
   * than can be remembered.
   *
   * @param dirty where gaps were found
   * @param finalThrough up to where trades are final after the comparison
   * @return up to where, its time to be set by the log; empty if the source is
   */
  public Optional<Verified> verified(UnverifiedRanges dirty, long finalThrough) {
    return newest.map(
        key -> {
          long through = Math.min(finalThrough, key.epochSecond() - 1);
          if (trusted != null) {
            through = Math.max(through, trusted.throughEpochSecond());
          }
          return new Verified(
              from().orElse(null),
              Math.min(through, dirty.unknownFrom() - 1),
              finalTrades,
              Instant.EPOCH);
        });
  }

  /**
   * The sub-ranges with gaps that are verified but for them.
   *
   * @param verified what is verified
   * @param dirty where gaps were found
   * @return ranges in key order
   */
  public static List<KeyRange> unverified(Verified verified, UnverifiedRanges dirty) {
    TradeKey end = TradeKey.startOf(verified.throughEpochSecond());
    return dirty.known().stream().filter(range -> !end.isBefore(range.after())).toList();
  }
}
