package io.tradesync.internal.compare;

import io.tradesync.GapKind;
import io.tradesync.KeyRange;
import io.tradesync.TradeKey;
import io.tradesync.Verified;
import io.tradesync.internal.thread.StopCheck;
import io.tradesync.internal.verify.UnverifiedRanges;
import io.tradesync.spi.Finality;
import io.tradesync.spi.TradeSource;
import io.tradesync.spi.log.LogEntries;
import io.tradesync.spi.log.Verification.Snapshot;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;

/**
 * One look over a scope, up to the newest key of either side at its beginning. Leaves out what was
 * verified before, except marked sub-ranges, unless the scope is small, everything is asked for, or
 * the source no longer reaches up to the verified second. Immutable.
 */
public final class Scan {

  private static final int RETRIABLE_PAGE = 1_000;

  private final TradeSource source;
  private final LogEntries log;
  private final ScanSettings settings;
  private final Optional<TradeKey> newestTrade;
  private final Optional<TradeKey> newestEntry;
  private final Snapshot snapshot;

  private Scan(
      TradeSource source,
      LogEntries log,
      ScanSettings settings,
      Optional<TradeKey> newestTrade,
      Optional<TradeKey> newestEntry,
      Snapshot snapshot) {
    this.source = source;
    this.log = log;
    this.settings = settings;
    this.newestTrade = newestTrade;
    this.newestEntry = newestEntry;
    this.snapshot = snapshot;
  }

  /** Asks both sides for their newest keys; what arrives later is not part of this scan. */
  static Scan begin(TradeSource source, LogEntries log, ScanSettings settings) {
    return new Scan(
        source,
        log,
        settings,
        source.last(settings.scope()),
        Stream.of(log.last(settings.scope()), log.lastHandOut(settings.scope()))
            .flatMap(Optional::stream)
            .max(TradeKey::compareTo),
        above(settings.scope(), settings.verification().get(), log));
  }

  // A lower end that rises since leaves what is verified above it as it is.
  private static Snapshot above(KeyRange scope, Snapshot snapshot, LogEntries log) {
    TradeKey from = scope.after();
    return snapshot
        .verified()
        .filter(verified -> start(verified).isBefore(from))
        .filter(verified -> verified.throughEpochSecond() >= from.epochSecond())
        .map(
            verified -> {
              KeyRange left = new KeyRange(start(verified), from);
              long entries = log.digests(List.of(left)).get(0).processed();
              return new Snapshot(
                  Optional.of(verified.without(from.epochSecond(), entries)),
                  snapshot.unverified());
            })
        .orElse(snapshot);
  }

  private static TradeKey start(Verified verified) {
    Long from = verified.fromEpochSecond();
    return from == null ? TradeKey.MIN : TradeKey.startOf(from);
  }

  /** What was verified before and is left out now. */
  Optional<Verified> leftOut() {
    return settings.compareAll()
        ? Optional.empty()
        : snapshot
            .verified()
            .filter(verified -> verified.entries() > settings.compareAllUpTo())
            .filter(verified -> Optional.ofNullable(verified.fromEpochSecond()).equals(from()))
            .filter(
                verified ->
                    newestTrade
                        .filter(key -> key.epochSecond() >= verified.throughEpochSecond())
                        .isPresent());
  }

  Optional<Long> from() {
    return settings.scope().after().equals(TradeKey.MIN)
        ? Optional.empty()
        : Optional.of(settings.scope().after().epochSecond());
  }

  /** Everything in scope up to the newest key of either side; possibly empty. */
  public KeyRange whole() {
    return Stream.of(newestTrade, newestEntry)
        .flatMap(Optional::stream)
        .max(TradeKey::compareTo)
        .map(settings.scope()::upTo)
        .orElseGet(this::nothing);
  }

  private KeyRange nothing() {
    return settings.scope().upTo(settings.scope().after());
  }

  /** What was verified before this scan. */
  public Optional<Verified> verifiedBefore() {
    return snapshot.verified();
  }

  /** The newest key of the source in scope. */
  public Optional<TradeKey> newestTrade() {
    return newestTrade;
  }

  /**
   * Compares both sides.
   *
   * @param planned the kinds of gap for which the findings hold planned ranges
   */
  public Result compare(GapSelection planned, OrphanPolicy orphans, StopCheck stopCheck) {
    ListedErrors errors =
        planned.contains(GapKind.ERROR) ? ListedErrors.RETRIABLE : ListedErrors.NONE;
    return compare(planned, orphans, errors, stopCheck);
  }

  /** Compares both sides, and finds the key of each gap. */
  public Result compareForReport(StopCheck stopCheck) {
    return compare(GapSelection.none(), OrphanPolicy.countOnly(), ListedErrors.ALL, stopCheck);
  }

  private Result compare(
      GapSelection planned, OrphanPolicy orphans, ListedErrors errors, StopCheck stopCheck) {
    ComparisonContext context =
        new ComparisonContext(
            source, log, planned, orphans, errors, settings.keptBelow(), stopCheck);
    Findings findings = context.noFindings();
    Comparison comparison = new Comparison(context, findings);
    KeyRange rest = whole();
    long leftOutTrades = 0;
    long leftOutKept = 0;
    Rechecked counted = new Rechecked(0, 0);
    if (leftOut().isPresent()) {
      TradeKey end = leftOutRange().upTo();
      KeyRange verified = rest.upTo(end);
      List<KeyRange> rechecked =
          rechecked(verified, errors == ListedErrors.RETRIABLE).stream()
              .map(verified::intersect)
              .filter(range -> !range.isEmpty())
              .toList();
      comparison.recheck(rechecked, settings.workers());
      counted = new Rechecked(findings.processed(), findings.gone());
      if (errors == ListedErrors.NONE) {
        List<KeyRange> notRead = KeyRanges.without(verified, rechecked);
        findings.knownErrors(log.errors(notRead), log.accepted(notRead));
      }
      rest = rest.after(end);
      // The rechecked trades are counted among those that were left out, too.
      leftOutTrades = leftOut().get().trades() - findings.trades();
      leftOutKept = Math.max(0, leftOut().get().kept() - findings.kept());
    }
    TradeKey endOfFinal = min(settings.finality().end(), startOfNewest());
    comparison.compare(rest.upTo(endOfFinal), settings.workers());
    long finalTrades = leftOutTrades + findings.trades();
    long finalKept = leftOutKept + findings.kept();
    comparison.compare(rest.after(endOfFinal), settings.workers());
    return new Result(this, findings, finalTrades, finalKept, leftOutKept, counted);
  }

  // More trades may arrive at the newest second, so that it is not verified.
  private TradeKey startOfNewest() {
    return newestTrade.map(key -> TradeKey.startOf(key.epochSecond())).orElse(TradeKey.MIN);
  }

  private static TradeKey min(TradeKey a, TradeKey b) {
    return a.isBefore(b) ? a : b;
  }

  /** The marked sub-ranges, and those of failures that a run tries again. */
  private List<KeyRange> rechecked(KeyRange verified, boolean withRetriable) {
    UnverifiedRanges retriable = new UnverifiedRanges();
    KeyRange rest = withRetriable ? verified : nothing();
    while (!rest.isEmpty()) {
      List<TradeKey> keys = log.retriable(rest, RETRIABLE_PAGE);
      keys.forEach(key -> retriable.add(key.epochSecond(), key.epochSecond()));
      rest = keys.size() < RETRIABLE_PAGE ? nothing() : rest.after(keys.get(RETRIABLE_PAGE - 1));
    }
    List<KeyRange> ranges = retriable.knownAndRest();
    return ranges.isEmpty()
        ? snapshot.unverified()
        : UnverifiedRanges.union(snapshot.unverified(), ranges).knownAndRest();
  }

  /** The processed entries of the marked sub-ranges, and how many of them are gone. */
  record Rechecked(long processed, long gone) {}

  /** Whether nothing is left out. */
  public boolean comparesEverything() {
    return leftOut().isEmpty();
  }

  /** The number of processed entries that are left out, as of the last comparison. */
  long leftOutEntries() {
    return leftOut().map(Verified::entries).orElse(0L);
  }

  /** The key below which processed trades that vanished are kept. */
  public TradeKey keptBelow() {
    return settings.keptBelow();
  }

  /** The range that is left out, except its marked sub-ranges; empty if everything is compared. */
  KeyRange leftOutRange() {
    return leftOut()
        .map(verified -> TradeKey.startOf(verified.throughEpochSecond() + 1))
        .map(settings.scope()::upTo)
        .orElseGet(this::nothing);
  }

  /**
   * What a scan found.
   *
   * @param finalTrades the number of trades that are final, including those that were left out
   * @param finalKept the number of kept trades that are final, including those that were left out
   * @param leftOutKept the number of kept trades that were left out
   * @param rechecked what the findings hold of the range that was left out
   */
  public record Result(
      Scan scan,
      Findings findings,
      long finalTrades,
      long finalKept,
      long leftOutKept,
      Rechecked rechecked) {

    /** The number of processed entries in scope, as far as it is known. */
    public long processed() {
      return findings.processed() + Math.max(0, scan.leftOutEntries() - rechecked.processed());
    }

    /**
     * The number of processed entries in scope that the source no longer has at any key.
     *
     * @param stopCheck called while the source counts what was left out
     */
    public long gone(StopCheck stopCheck) {
      boolean isKept = !scan.keptBelow().isBefore(scan.leftOutRange().upTo());
      if (scan.leftOutEntries() == 0 || isKept) {
        return findings.gone();
      }
      long left = SourceCounter.count(scan.source, scan.leftOutRange(), stopCheck);
      return findings.gone() + Math.max(0, scan.leftOutEntries() - left - rechecked.gone());
    }

    /** The number of vanished trades in scope that are kept, as far as it is known. */
    public long kept() {
      return leftOutKept + findings.kept();
    }

    /**
     * What is verified after the scan, except the sub-ranges with gaps. It ends before the source's
     * newest second, at which more trades can arrive, and before the first gap that is not known.
     *
     * @param finality which trades are final after the scan
     * @return the verified prefix, whose time the log sets; empty if the source or what is final is
     */
    public Optional<Verified> verified(Finality finality) {
      OptionalLong finalThrough = finality.epochSecond();
      if (finalThrough.isEmpty() || scan.newestTrade().isEmpty()) {
        return Optional.empty();
      }
      if (finalKept > 0 && !findings.unverified().isComplete()) {
        // Less is verified than was counted, so that it is not known how many of it are kept.
        return Optional.empty();
      }
      long newest = scan.newestTrade().get().epochSecond();
      long through = Math.min(finalThrough.getAsLong(), newest - 1);
      if (scan.leftOut().isPresent()) {
        through = Math.max(through, scan.leftOut().get().throughEpochSecond());
      }
      return Optional.of(
          new Verified(
              scan.from().orElse(null),
              findings.unverified().knownThrough(through),
              finalTrades,
              finalKept,
              Instant.EPOCH));
    }

    /** The sub-ranges of a verified prefix that still contain gaps, in key order. */
    public List<KeyRange> unverified(Verified verified) {
      TradeKey end = TradeKey.startOf(verified.throughEpochSecond());
      return findings.unverified().known().stream()
          .filter(range -> !end.isBefore(range.after()))
          .toList();
    }
  }
}
