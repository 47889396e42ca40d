package io.tradesync.internal.compare;

import io.tradesync.GapKind;
import io.tradesync.KeyRange;
import io.tradesync.TradeKey;
import io.tradesync.internal.settings.EngineSettings;
import io.tradesync.internal.thread.StopCheck;
import io.tradesync.spi.Finality;
import io.tradesync.spi.SinkCapability;
import io.tradesync.spi.TradeSource;
import io.tradesync.spi.log.GracePeriod;
import io.tradesync.spi.log.LogEntries;
import io.tradesync.spi.log.OrphanTracker;
import io.tradesync.spi.log.OutsideRows;
import io.tradesync.spi.log.Verification;
import io.tradesync.spi.log.Verification.Snapshot;
import java.util.Optional;
import java.util.Set;

/**
 * What the scans of an engine work with.
 *
 * @param workers compares the parts of long ranges
 */
public record ScanContext(
    TradeSource source,
    LogEntries entries,
    OrphanTracker orphans,
    Verification verification,
    OutsideRows outsideRows,
    Set<SinkCapability> capabilities,
    EngineSettings settings,
    PartWorkers workers) {

  /** The kinds of gap that the sink can repair. */
  public GapSelection repaired() {
    return GapSelection.repairableWith(capabilities);
  }

  /** Which trades no reorganisation can touch any more, by the source or by their age. */
  public Finality finality() {
    return source
        .finality()
        .orElseGet(
            () ->
                Finality.through(
                    settings.clock().instant().minus(settings.confirmation()).getEpochSecond()));
  }

  /** Finds the rows that no scan holds. */
  public OutsideKeyOrder outsideKeyOrder() {
    return new OutsideKeyOrder(source, outsideRows);
  }

  /** The key below which processed trades that vanished are kept: none, or all that are final. */
  TradeKey keptBelow() {
    return settings.retractFinal() ? TradeKey.MIN : finality().end();
  }

  /** Decides which orphans a run retracts; none if the sink cannot retract. */
  public OrphanPolicy orphanPolicy(KeyRange scope) {
    return repaired().contains(GapKind.ORPHANED)
        ? new RetractedOrphans(
            orphans,
            entries,
            scope,
            GracePeriod.overNow(settings.orphanGrace()),
            capabilities.contains(SinkCapability.REPLACE))
        : OrphanPolicy.countOnly();
  }

  /** Begins a scan that leaves out what was verified before, unless everything is asked for. */
  public Scan scan(KeyRange scope, Finality finality, boolean compareAll) {
    return Scan.begin(
        source,
        entries,
        new ScanSettings(
            scope,
            verification::snapshot,
            finality,
            keptBelow(),
            settings.compareAllUpTo(),
            compareAll,
            workers));
  }

  /** Begins a scan that compares everything, and looks at nothing that was verified before. */
  public Scan scanAll(KeyRange scope) {
    return Scan.begin(
        source,
        entries,
        new ScanSettings(
            scope,
            () -> Snapshot.NOTHING,
            Finality.none(),
            keptBelow(),
            settings.compareAllUpTo(),
            true,
            workers));
  }

  /** Returns a context that has the parts of long ranges compared in another way. */
  public ScanContext with(PartWorkers others) {
    return new ScanContext(
        source, entries, orphans, verification, outsideRows, capabilities, settings, others);
  }

  /** Returns a policy that came from another machine, with the log of this one. */
  public OrphanPolicy orphanPolicy(OrphanTerms terms) {
    if (terms instanceof OrphanTerms.Retracted retracted) {
      return new RetractedOrphans(
          orphans,
          entries,
          retracted.scope(),
          new GracePeriod(retracted.length(), Optional.ofNullable(retracted.by())),
          retracted.canReplace());
    }
    return terms.needsKeys() ? OrphanPolicy.listOnly() : OrphanPolicy.countOnly();
  }

  /** Compares a part that came from another machine. */
  public Findings findings(ComparisonTerms terms, ComparisonPart part, StopCheck stopCheck) {
    return Comparison.findings(
        part,
        new ComparisonContext(
            source,
            entries,
            terms.planned(),
            orphanPolicy(terms.orphans()),
            terms.errors(),
            terms.keptBelow(),
            stopCheck));
  }
}
