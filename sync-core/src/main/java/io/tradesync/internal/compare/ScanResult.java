package io.tradesync.internal.compare;

import io.tradesync.KeyRange;
import io.tradesync.TradeKey;
import io.tradesync.Verified;
import io.tradesync.spi.Finality;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What a scan found.
 *
 * @param finalTrades the number of trades that are final, including those that were left out
 */
public record ScanResult(Scan scan, Findings findings, long finalTrades) {

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
