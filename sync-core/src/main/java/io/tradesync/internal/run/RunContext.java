package io.tradesync.internal.run;

import io.tradesync.KeyRange;
import io.tradesync.TradeSelection;
import io.tradesync.internal.compare.ComparisonThreads;
import io.tradesync.internal.compare.PartWorkers;
import io.tradesync.internal.compare.ScanContext;
import io.tradesync.internal.compare.StoreView;
import io.tradesync.internal.settings.EngineSettings;
import io.tradesync.internal.work.Coordinator;
import io.tradesync.internal.work.Distribution;
import io.tradesync.internal.write.GroupWriter;
import io.tradesync.internal.write.WriteContext;
import io.tradesync.spi.ActivityListener;
import io.tradesync.spi.SinkCapability;
import io.tradesync.spi.TradeSource;
import io.tradesync.spi.log.ClaimMode;
import io.tradesync.spi.log.FencingToken;
import io.tradesync.spi.log.SyncLog;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What the runs and audits of an engine work with.
 *
 * @param source the source, with retries
 * @param log the views of the log, with retries
 * @param writer writes groups of batches
 * @param capabilities the kinds of change that the sink understands
 * @param settings the settings of the engine
 * @param listener hears of runs; never throws
 * @param store looks at what the sink holds; empty if that cannot be proven
 * @param distribution how the work is divided among machines
 */
public record RunContext(
    TradeSource source,
    LogViews log,
    GroupWriter writer,
    Set<SinkCapability> capabilities,
    EngineSettings settings,
    ActivityListener listener,
    Optional<StoreView> store,
    Distribution distribution) {

  /** Returns a context that reads the same through other connections, and writes nothing. */
  public RunContext through(TradeSource otherSource, LogViews otherLog) {
    return new RunContext(
        otherSource, otherLog, writer, capabilities, settings, listener, store, distribution);
  }

  /**
   * Returns the context of a force of some chains and pools. It reads their trades only, and no
   * entry of the log: an entry does not say to which pool its trade belongs, so those of other
   * pools would look orphaned. So it retracts nothing.
   *
   * @throws io.tradesync.InvalidSettingException if the selection names what is not in scope
   */
  RunContext only(TradeSelection selection) {
    return selection.isAll()
        ? this
        : new RunContext(
            source.only(selection),
            log.withoutEntries(),
            writer,
            capabilities.stream()
                .filter(capability -> capability != SinkCapability.RETRACT)
                .collect(Collectors.toSet()),
            settings,
            listener,
            store,
            distribution.only(selection));
  }

  /**
   * Checks that the log still has the chains and pools of this engine's scope: another process may
   * have begun with more of them. Called under the lease, which then ends if more are recorded.
   *
   * @throws io.tradesync.InvalidSettingException if this scope lacks some now
   */
  void checkScope() {
    TradeSelection selection = settings.scope().selection();
    if (log.scope().selection().filter(selection::equals).isEmpty()) {
      log.scope().keepSelection(selection);
    }
  }

  /**
   * Asks the sink how far back it keeps trades; see {@link GroupWriter#retainedSince}.
   *
   * @param through the log, with the connections of this context
   */
  public OptionalLong retainedSince(SyncLog through, KeyRange range) {
    return writer.retainedSince(through, () -> log.entries().firstProcessed(range));
  }

  /** Tells the listeners how late the trades of a message are. */
  public void messageCommitted(String feed, Instant publishedAt) {
    Duration latency = Duration.between(publishedAt, settings.clock().instant());
    listener.messageCommitted(feed, latency.isNegative() ? Duration.ZERO : latency);
  }

  /** What compares the parts of long ranges: other machines if there are any, or threads. */
  PartWorkers comparisonWorkers(LeaseHeartbeat held) {
    return coordinator(held)
        .<PartWorkers>map(coordinator -> coordinator)
        .orElseGet(this::comparisonThreads);
  }

  /** Returns what hands the work of a run out to other machines; empty if there are none. */
  Optional<Coordinator> coordinator(LeaseHeartbeat held) {
    return distribution.coordinator(held.token(), held);
  }

  /** Threads that compare. */
  PartWorkers comparisonThreads() {
    return new ComparisonThreads(settings.comparisonParallelism());
  }

  /** For whom a run or a unit writes. */
  WriteContext writing(FencingToken token, ClaimMode mode, KeyRange scope, StopSignal stop) {
    return WriteContext.ofRun(
        token, mode, scope, settings.maxFailedBatches(), stop::isCancelled, listener);
  }

  /** How many batches may share a transaction; at least 1. */
  public int batchesPerGroup() {
    return writer.canShareTransaction()
        ? Math.max(1, settings.groupCommit() / settings.batchSize())
        : 1;
  }

  /** What scans work with. */
  public ScanContext scans() {
    return new ScanContext(
        source,
        log.entries(),
        log.orphans(),
        log.verification(),
        log.outsideRows(),
        capabilities,
        settings,
        comparisonThreads());
  }
}
