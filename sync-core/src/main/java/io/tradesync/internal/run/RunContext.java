package io.tradesync.internal.run;

import io.tradesync.GapKind;
import io.tradesync.KeyRange;
import io.tradesync.SyncListener;
import io.tradesync.internal.compare.OrphanPolicy;
import io.tradesync.internal.compare.Scan;
import io.tradesync.internal.settings.EngineSettings;
import io.tradesync.internal.write.GroupWriter;
import io.tradesync.spi.SinkCapability;
import io.tradesync.spi.TradeSource;
import io.tradesync.spi.log.Verification;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What the runs and audits of an engine work with.
 *
 * @param source the source, with retries
 * @param log the views of the log, with retries
 * @param writer writes groups of batches
 * @param capabilities the kinds of change that the sink understands
 * @param settings the settings of the engine
 * @param listener hears of runs; never throws
 */
public record RunContext(
    TradeSource source,
    LogViews log,
    GroupWriter writer,
    Set<SinkCapability> capabilities,
    EngineSettings settings,
    SyncListener listener) {

  /** Whether the sink understands the change that repairs a kind of gap. */
  public boolean repairs(GapKind kind) {
    return switch (kind) {
      case MISSING, ERROR -> true;
      case CHANGED -> capabilities.contains(SinkCapability.REPLACE);
      case ORPHANED -> capabilities.contains(SinkCapability.RETRACT);
    };
  }

  /** How many batches may share a transaction; at least 1. */
  public int batchesPerGroup() {
    return writer.canShareTransaction()
        ? Math.max(1, settings.groupCommit() / settings.batchSize())
        : 1;
  }

  /** Decides which orphans are retracted; null if the sink cannot retract any. */
  @Nullable OrphanPolicy orphanPolicy(KeyRange scope) {
    return repairs(GapKind.ORPHANED)
        ? new OrphanPolicy(
            log.orphans(),
            log.entries(),
            scope,
            settings.orphanGrace(),
            capabilities.contains(SinkCapability.REPLACE))
        : null;
  }

  /** The second up to which no reorganisation can touch the source's trades. */
  long finalThrough() {
    return source
        .finality()
        .map(finality -> finality.epochSecond().orElse(Long.MIN_VALUE))
        .orElseGet(
            () -> settings.clock().instant().minus(settings.confirmation()).getEpochSecond());
  }

  /**
   * Prepares one look over a scope.
   *
   * @param scope which trades count
   * @param snapshot reads what earlier comparisons found equal
   * @param finalThrough the second up to which trades are final
   * @param all whether also verified ranges are compared
   */
  public Scan scan(
      KeyRange scope, Supplier<Verification.Snapshot> snapshot, long finalThrough, boolean all) {
    return new Scan(
        source,
        log.entries(),
        new Scan.Extent(
            scope,
            snapshot,
            finalThrough,
            settings.compareAllUpTo(),
            all,
            settings.comparisonParallelism()));
  }
}
