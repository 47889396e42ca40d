package io.tradesync.internal.compare;

import io.tradesync.TradeKey;
import io.tradesync.internal.thread.StopCheck;
import io.tradesync.spi.TradeSource;
import io.tradesync.spi.log.LogEntries;

/**
 * What a comparison works with.
 *
 * @param planned the kinds of gap for which the findings hold planned ranges
 * @param orphans decides which orphans are due
 * @param errors the known failures that are listed
 * @param keptBelow the key below which processed trades that vanished are kept
 */
public record ComparisonContext(
    TradeSource source,
    LogEntries log,
    GapSelection planned,
    OrphanPolicy orphans,
    ListedErrors errors,
    TradeKey keptBelow,
    StopCheck stopCheck) {

  ComparisonContext with(StopCheck other) {
    return new ComparisonContext(source, log, planned, orphans, errors, keptBelow, other);
  }

  /** The same, as it is sent to another machine. */
  public ComparisonTerms terms() {
    return new ComparisonTerms(planned, orphans.terms(), errors, keptBelow);
  }

  Findings noFindings() {
    return new Findings(planned);
  }
}
