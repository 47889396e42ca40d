package io.tradesync;

import static io.tradesync.SettingChecks.atLeast;
import static io.tradesync.SettingChecks.positive;

import io.tradesync.internal.compare.GapSelection;
import io.tradesync.internal.compare.OrphanPolicy;
import io.tradesync.internal.compare.Scan;
import io.tradesync.internal.failure.FailureClassifier;
import io.tradesync.internal.failure.Retries;
import io.tradesync.internal.live.LiveTradeWriter;
import io.tradesync.internal.run.Audit;
import io.tradesync.internal.run.Cancellable;
import io.tradesync.internal.run.Listeners;
import io.tradesync.internal.run.LogViews;
import io.tradesync.internal.run.Run;
import io.tradesync.internal.run.RunContext;
import io.tradesync.internal.run.ScopeRange;
import io.tradesync.internal.schedule.AutomaticRecovery;
import io.tradesync.internal.schedule.RequestedRuns;
import io.tradesync.internal.settings.EngineSettings;
import io.tradesync.internal.thread.StopCheck;
import io.tradesync.internal.write.GroupWriter;
import io.tradesync.internal.write.SinkWriter;
import io.tradesync.spi.AnalyticsSink;
import io.tradesync.spi.CatchUpResult;
import io.tradesync.spi.CheckedTradeSource;
import io.tradesync.spi.Finality;
import io.tradesync.spi.Hint;
import io.tradesync.spi.IngestResult;
import io.tradesync.spi.LiveWriter;
import io.tradesync.spi.SinkCapability;
import io.tradesync.spi.TradeSource;
import io.tradesync.spi.log.SyncLog;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps a store equal to a source: finds every trade that the source has and the store lacks, has
 * otherwise, or failed to process, wherever it lies, and writes it, each trade counted once.
 *
 * <pre>{@code
 * try (SyncEngine engine =
 *     SyncEngine.builder().source(source).log(log).sink(sink).batchSize(50).parallelism(4).build()) {
 *   SyncHealth health = engine.health();
 *   SyncResult result = engine.run();
 * }
 * }</pre>
 *
 * <p>Thread-safe. One run at a time is under way for a service, over all processes; the live path
 * and health need not wait for it. Nothing is lost when the process dies at any point: what was not
 * committed is a gap that the next run closes.
 */
public final class SyncEngine implements LiveWriter, AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(SyncEngine.class);

  private final TradeSource source;
  private final SyncLog log;
  private final AnalyticsSink sink;
  private final SinkWriter sinkWriter;
  private final RunContext context;
  private final LiveTradeWriter liveWriter;
  private final AutomaticRecovery recovery;
  private final RequestedRuns requests;
  private final Set<Cancellable> underWay = ConcurrentHashMap.newKeySet();
  private final ScopeRange scope;

  SyncEngine(
      TradeSource plainSource,
      SyncLog log,
      AnalyticsSink sink,
      EngineSettings settings,
      List<SyncListener> listeners) {
    this.log = log;
    this.sink = sink;
    FailureClassifier failures = new FailureClassifier(plainSource, log, sink);
    Retries retries = new Retries(failures, settings.maxAttempts(), settings.retryDelay());
    this.source =
        retries.around(TradeSource.class, new CheckedTradeSource(plainSource), Side.SOURCE);
    this.sinkWriter = SinkWriter.of(sink);
    GroupWriter writer =
        new GroupWriter(
            source,
            log,
            sinkWriter,
            failures,
            retries,
            settings.maxFailedBatches(),
            settings.parkAfter());
    this.context =
        new RunContext(
            source,
            LogViews.of(log, retries),
            writer,
            Set.copyOf(sink.capabilities()),
            settings,
            new Listeners(listeners));
    this.scope = new ScopeRange(settings, context.log().scope());
    this.liveWriter =
        new LiveTradeWriter(
            source,
            context.log().entries(),
            writer,
            context.scans().repaired(),
            settings.batchSize(),
            context.batchesPerGroup(),
            settings.hintOverlap().toSeconds());
    this.recovery = new AutomaticRecovery(this::run, this::audit, settings.auditInterval());
    this.requests = new RequestedRuns(this::run);
  }

  /** Starts the settings of an engine. */
  public static SyncEngineBuilder builder() {
    return new SyncEngineBuilder();
  }

  /**
   * Compares both sides now. What earlier runs verified is not compared again, unless there are at
   * most {@link SyncEngineBuilder#compareAllUpTo} trades: it is as of {@link
   * SyncHealth#verified()}. Takes no lease and changes nothing.
   *
   * @return the comparison
   * @throws SideUnavailableException if a side cannot be reached or does not answer in time
   */
  public SyncHealth health() {
    KeyRange range = scope.get();
    Scan scan = context.scans().scan(range, Finality.none(), false);
    GapCounts gaps =
        scan.compare(GapSelection.none(), OrphanPolicy.countOnly(), StopCheck.NEVER)
            .findings()
            .counts();
    Long newest = scan.newestTrade().map(TradeKey::epochSecond).orElse(null);
    Long processed =
        context.log().entries().lastProcessed(range).map(TradeKey::epochSecond).orElse(null);
    long lag = 0;
    if (newest != null) {
      long since =
          processed != null
              ? processed
              : source.first(range).map(TradeKey::epochSecond).orElse(newest);
      lag = Math.max(0, newest - since) / 60;
    }
    return new SyncHealth(
        lag, newest, processed, recommend(gaps, lag), gaps, scan.verifiedBefore().orElse(null));
  }

  private Recommendation recommend(GapCounts gaps, long lagMinutes) {
    if (gaps.total() == 0) {
      return Recommendation.HEALTHY;
    }
    return lagMinutes >= context.settings().immediateSyncLag().toMinutes()
        ? Recommendation.IMMEDIATE_SYNC_REQUIRED
        : Recommendation.SYNC_RECOMMENDED;
  }

  /**
   * Closes every gap up to the newest trade that the source has at the start. Blocks until the end.
   * A trade that fails is marked and does not stop the others; the next run tries it again. A force
   * whose process died is then taken up where it stopped, as a run of its own in the audit trail.
   *
   * @return what was done, also where a side went away in the middle
   * @throws SyncAlreadyRunningException if a run is under way, in this process or another one
   * @throws SideUnavailableException if the store cannot be asked whether a run may begin
   */
  public SyncResult run() {
    return run(RunOptions.DEFAULT);
  }

  /**
   * Closes every gap, as {@link #run()}.
   *
   * @param options what the run does beyond that
   * @return what was done, also where a side went away in the middle
   * @throws SyncAlreadyRunningException if a run is under way, in this process or another one
   * @throws SideUnavailableException if the store cannot be asked whether a run may begin
   */
  public SyncResult run(RunOptions options) {
    return execute(options, null);
  }

  /**
   * Compares everything in scope, also what was verified before, and tells where the two sides
   * differ. Changes no trade and no entry; where it finds a gap, the next run looks again and
   * repairs it. It stands in the audit trail. Runs and audits do not wait for each other.
   *
   * @return what was found
   * @throws SyncAlreadyRunningException if an audit is under way, in this process or another one
   * @throws SideUnavailableException if a side cannot be reached or does not answer in time
   * @throws TradesyncException if it was cancelled
   */
  public AuditReport audit() {
    Audit audit = new Audit(context, scope.get());
    return underWay(audit, audit::execute);
  }

  /**
   * Throws away what earlier runs verified; the next run compares everything, and remembers it
   * anew.
   *
   * @throws SideUnavailableException if the store cannot be reached
   */
  public void forgetVerification() {
    context.log().verification().forget();
  }

  /**
   * Processes all trades after a time anew, whether they were processed or not.
   *
   * @param time the time; cut off to the second, and itself not included
   * @return what was done
   * @throws TradesyncException as {@link #forceFromEpochSecond}
   */
  public SyncResult forceFrom(Instant time) {
    return forceFromEpochSecond(time.getEpochSecond());
  }

  /**
   * Processes all trades with a larger timestamp anew, whether they were processed or not. Nothing
   * is counted twice.
   *
   * @param fromEpochSecond seconds since 1970-01-01T00:00:00Z; trades of that second are left alone
   * @return what was done
   * @throws InvalidSettingException if the value is negative or can only be milliseconds
   * @throws TradesyncException if the sink cannot replace what it holds
   * @throws SyncAlreadyRunningException if a run is under way, in this process or another one
   * @throws SideUnavailableException if the store cannot be asked whether a run may begin
   */
  public SyncResult forceFromEpochSecond(long fromEpochSecond) {
    if (fromEpochSecond < 0 || fromEpochSecond > MAX_EPOCH_SECOND) {
      throw new InvalidSettingException(
          "fromTimestamp", fromEpochSecond, "must be seconds since 1970, not milliseconds");
    }
    if (!sink.capabilities().contains(SinkCapability.REPLACE)) {
      throw new TradesyncException(
          "a force needs a sink with the ability REPLACE; this one has " + sink.capabilities());
    }
    return execute(RunOptions.DEFAULT, fromEpochSecond);
  }

  private SyncResult execute(RunOptions options, @Nullable Long forcedAfter) {
    Run run = new Run(context, scope.get(), options, forcedAfter);
    return underWay(
        run,
        () -> {
          SyncResult result = run.execute();
          if (result.success()) {
            takeUpForce();
          }
          return result;
        });
  }

  private <R> R underWay(Cancellable work, Supplier<R> execution) {
    changed(() -> underWay.add(work));
    try {
      return execution.get();
    } finally {
      changed(() -> underWay.remove(work));
    }
  }

  /** Whoever waits for all runs to end cancels the new ones too. */
  private void changed(BooleanSupplier change) {
    synchronized (underWay) {
      boolean ignored = change.getAsBoolean();
      underWay.notifyAll();
    }
  }

  /** Goes on with a force whose process died; what becomes of it stands in the audit trail. */
  private void takeUpForce() {
    try {
      Optional<SyncRun> force = context.log().history().abortedForce();
      if (force.isPresent()) {
        SyncRun died = force.get();
        KeyRange rest = died.through() == null ? scope.get() : scope.get().after(died.through());
        LOG.info("force {} died and is taken up after {}", died.id(), died.through());
        Run run = new Run(context, rest, RunOptions.DEFAULT, died.forcedAfterEpochSecond());
        SyncResult ignored = underWay(run, run::execute);
      }
    } catch (TradesyncException e) {
      LOG.warn("a force that died is left to the next run: {}", e.getMessage());
    }
  }

  /**
   * Asks this engine's run and audit under way, if any, to stop at the next border between batches;
   * returns at once. Batches under way are committed; the next run goes on from there.
   */
  public void cancel() {
    underWay.forEach(Cancellable::cancel);
  }

  @Override
  public IngestResult ingest(List<Trade> trades) {
    return liveWriter.ingest(trades, scope.get());
  }

  @Override
  public CatchUpResult catchUp(Collection<Hint> hints) {
    return liveWriter.catchUp(hints, scope.get());
  }

  @Override
  public void requestRun(String reason) {
    requests.add(reason);
  }

  /**
   * Starts the automatic recovery: a run and an audit at once, then a run each time the interval
   * has passed since the last one ended, and an audit at {@link SyncEngineBuilder#auditInterval}.
   * Runs that fail, or that another process is ahead of, are logged and tried again after the
   * interval.
   *
   * @param interval the pause between two runs
   * @throws InvalidSettingException if the interval is not positive
   * @throws IllegalStateException if it is started already, or the engine is closed
   */
  public void start(Duration interval) {
    recovery.start(positive("interval", interval));
  }

  /**
   * Stops the automatic recovery; a run under way is cancelled and waited for. A listener may call
   * this, and is not made to wait.
   */
  public void stop() {
    recovery.stop(this::cancel);
  }

  /**
   * The latest runs of this service, over all processes.
   *
   * @param limit how many at most; at least 1
   * @return the runs, the one that began last first
   */
  public List<SyncRun> runs(int limit) {
    return log.runs().latest(atLeast("limit", 1, limit));
  }

  /**
   * Looks a run up.
   *
   * @param runId the run
   * @return the run, or empty if there is none of that id
   */
  public Optional<SyncRun> findRun(String runId) {
    return log.runs().find(runId);
  }

  /**
   * Lists trades whose processing failed, in key order.
   *
   * @param after the key after which to begin; {@link TradeKey#MIN} for the first ones
   * @param limit how many at most; at least 1
   * @return the failed trades with their reasons
   */
  public List<FailedTrade> failedTrades(TradeKey after, int limit) {
    return context.log().failedTrades().list(after, atLeast("limit", 1, limit));
  }

  /**
   * Lets the next run try parked trades again; see {@link SyncEngineBuilder#parkAfter}. Their
   * failures are counted anew.
   *
   * @param range where; {@link KeyRange#all()} for all of them
   * @return how many were parked
   * @throws SideUnavailableException if the store cannot be reached
   */
  public long releaseParked(KeyRange range) {
    return context.log().failedTrades().releaseParked(range);
  }

  /**
   * Stops the automatic recovery, cancels a run under way and waits for it. Can be called twice. A
   * listener may call this, and is not made to wait.
   */
  @Override
  public void close() {
    requests.close(this::cancel);
    recovery.close(this::cancel);
    cancel();
    if (!Listeners.isCalling()) {
      awaitRuns();
    }
  }

  private void awaitRuns() {
    try {
      synchronized (underWay) {
        while (!underWay.isEmpty()) {
          cancel();
          underWay.wait();
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  // The largest number of seconds that is not the milliseconds of a time since 1973.
  private static final long MAX_EPOCH_SECOND = 100_000_000_000L;

  void prepare() {
    sinkWriter.checkTransactionType(log);
    source.prepare();
    log.prepare();
    sinkWriter.prepare(log);
    KeyRange ignored = scope.get();
  }
}
