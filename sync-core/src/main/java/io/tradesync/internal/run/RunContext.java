package io.tradesync.internal.run;

import io.tradesync.GapKind;
import io.tradesync.KeyRange;
import io.tradesync.SyncListener;
import io.tradesync.internal.compare.OrphanPolicy;
import io.tradesync.internal.compare.Scan;
import io.tradesync.internal.write.BatchWriter;
import io.tradesync.spi.SinkCapability;
import io.tradesync.spi.TradeSource;
import io.tradesync.spi.log.LogEntries;
import io.tradesync.spi.log.OrphanTracker;
import io.tradesync.spi.log.RunHistory;
import io.tradesync.spi.log.RunLease;
import io.tradesync.spi.log.Verification;
import java.time.Clock;
import java.time.Duration;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What all runs and audits of an engine share.
 *
 * @param source the source, with retries
 * @param entries the log's entries, with retries
 * @param orphans the log's memory of gone trades, with retries
 * @param verification the log's memory of the service, with retries
 * @param lease who may run, with retries
 * @param history the audit trail, with retries
 * @param writer writes batches
 * @param capabilities what the sink understands
 * @param batchSize trades a batch
 * @param groupCommit trades a transaction, at most
 * @param parallelism transactions at a time
 * @param leaseTtl how long a lease outlives its holder
 * @param orphanGrace how long a trade has to be gone before it is retracted
 * @param confirmation the age at which a trade is final where the source does not tell
 * @param compareAllUpTo how many trades are compared anew each time
 * @param comparisonWorkers parts of a long range compared at a time
 * @param listener is told
 * @param clock tells the age of trades
 * @param runIds makes ids of runs
 */
public record RunContext(
    TradeSource source,
    LogEntries entries,
    OrphanTracker orphans,
    Verification verification,
    RunLease lease,
    RunHistory history,
    BatchWriter writer,
    Set<SinkCapability> capabilities,
    int batchSize,
    int groupCommit,
    int parallelism,
    Duration leaseTtl,
    Duration orphanGrace,
    Duration confirmation,
    long compareAllUpTo,
    int comparisonWorkers,
    SyncListener listener,
    Clock clock,
    Supplier<String> runIds) {

  /**
   * Tells whether a kind of gap is repaired.
   *
   * @param kind the kind
   * @return whether the sink understands what it takes
   */
  public boolean repairs(GapKind kind) {
    return switch (kind) {
      case MISSING, ERROR -> true;
      case CHANGED -> capabilities.contains(SinkCapability.REPLACE);
      case ORPHANED -> capabilities.contains(SinkCapability.RETRACT);
    };
  }

  /**
   * Tells how many batches may share a transaction.
   *
   * @return at least 1
   */
  public int batchesPerGroup() {
    return writer.canWriteGroups() ? Math.max(1, groupCommit / batchSize) : 1;
  }

  /** Who judges orphans; null if none is retracted. */
  @Nullable OrphanPolicy retractions(KeyRange scope) {
    return repairs(GapKind.ORPHANED)
        ? new OrphanPolicy(
            orphans, entries, scope, orphanGrace, capabilities.contains(SinkCapability.REPLACE))
        : null;
  }

  /** The second up to which no reorganisation can touch the source's trades. */
  long finalThrough() {
    return source
        .finalizedThrough()
        .orElseGet(() -> clock.instant().minus(confirmation).getEpochSecond());
  }

  /**
   * A look at what is there now.
   *
   * @param scope which trades count
   * @param snapshot what is remembered of earlier comparisons
   * @param finalThrough the second up to which trades are final
   * @param all whether nothing is left out
   * @return the look, before it compares
   */
  public Scan survey(
      KeyRange scope, Supplier<Verification.Snapshot> snapshot, long finalThrough, boolean all) {
    return new Scan(
        source,
        entries,
        new Scan.Extent(scope, snapshot, finalThrough, compareAllUpTo, all, comparisonWorkers));
  }
}
