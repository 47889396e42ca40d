package io.tradesync.internal.run;

import io.tradesync.GapKind;
import io.tradesync.KeyRange;
import io.tradesync.SyncListener;
import io.tradesync.internal.batch.BatchWriter;
import io.tradesync.internal.gap.Retractions;
import io.tradesync.internal.gap.Survey;
import io.tradesync.spi.GoneTrades;
import io.tradesync.spi.LogEntries;
import io.tradesync.spi.RunJournal;
import io.tradesync.spi.RunLease;
import io.tradesync.spi.ServiceMemory;
import io.tradesync.spi.SinkAbility;
import io.tradesync.spi.TradeSource;
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
 * @param gone the log's memory of gone trades, with retries
 * @param memory the log's memory of the service, with retries
 * @param lease who may run, with retries
 * @param journal the audit trail, with retries
 * @param writer writes batches
 * @param abilities what the sink understands
 * @param batchSize trades a batch
 * @param groupCommit trades a transaction, at most
 * @param parallelism transactions at a time
 * @param leaseTtl how long a lease outlives its holder
 * @param orphanGrace how long a trade has to be gone before it is retracted
 * @param confirmation the age at which a trade is final where the source does not tell
 * @param compareAllUpTo how many trades are compared anew each time
 * @param comparisonLanes parts of a long range compared at a time
 * @param listener is told
 * @param clock tells the age of trades
 * @param runIds makes ids of runs
 */
public record RunSettings(
    TradeSource source,
    LogEntries entries,
    GoneTrades gone,
    ServiceMemory memory,
    RunLease lease,
    RunJournal journal,
    BatchWriter writer,
    Set<SinkAbility> abilities,
    int batchSize,
    int groupCommit,
    int parallelism,
    Duration leaseTtl,
    Duration orphanGrace,
    Duration confirmation,
    long compareAllUpTo,
    int comparisonLanes,
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
      case CHANGED -> abilities.contains(SinkAbility.REPLACE);
      case ORPHANED -> abilities.contains(SinkAbility.RETRACT);
    };
  }

  /**
   * Tells how many batches may share a transaction.
   *
   * @return at least 1
   */
  public int batchesTogether() {
    return writer.canWriteTogether() ? Math.max(1, groupCommit / batchSize) : 1;
  }

  /** Who judges orphans; null if none is retracted. */
  @Nullable Retractions retractions(KeyRange scope) {
    return repairs(GapKind.ORPHANED)
        ? new Retractions(
            gone, entries, scope, orphanGrace, abilities.contains(SinkAbility.REPLACE))
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
   * @param recall what is remembered of earlier comparisons
   * @param finalThrough the second up to which trades are final
   * @param all whether nothing is left out
   * @return the look, before it compares
   */
  public Survey survey(
      KeyRange scope, Supplier<ServiceMemory.Recall> recall, long finalThrough, boolean all) {
    return new Survey(
        source,
        entries,
        new Survey.Extent(scope, recall, finalThrough, compareAllUpTo, all, comparisonLanes));
  }
}
