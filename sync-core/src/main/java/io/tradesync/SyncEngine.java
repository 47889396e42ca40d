package io.tradesync;

import static io.tradesync.SettingChecks.atLeast;
import static io.tradesync.SettingChecks.between;
import static io.tradesync.SettingChecks.notNegative;
import static io.tradesync.SettingChecks.positive;
import static io.tradesync.SettingChecks.storable;
import static io.tradesync.SettingChecks.text;

import io.tradesync.internal.run.ActiveWork;
import io.tradesync.internal.run.Audit;
import io.tradesync.internal.run.RunContext;
import io.tradesync.internal.run.RunTask;
import io.tradesync.internal.run.ScopeRange;
import io.tradesync.internal.run.SubmittedRun;
import io.tradesync.internal.run.UnitWork;
import io.tradesync.internal.schedule.AutomaticRecovery;
import io.tradesync.internal.schedule.RequestedRuns;
import io.tradesync.spi.CatchUpResult;
import io.tradesync.spi.Hint;
import io.tradesync.spi.IngestResult;
import io.tradesync.spi.LiveWriter;
import io.tradesync.spi.OutsideRow;
import io.tradesync.spi.SinkCapability;
import io.tradesync.spi.WorkOrder;
import io.tradesync.spi.WorkOutcome;
import io.tradesync.spi.WorkUnit;
import io.tradesync.spi.Workers;
import io.tradesync.spi.log.OutsideRows;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Keeps a store equal to a source. It finds every trade that the source has and the store lacks,
 * has with other content, or failed to process, wherever the trade is in the key order. It writes
 * these trades so that each counts once.
 *
 * <pre>{@code
 * try (SyncEngine engine =
 *     SyncEngine.builder().source(source).log(log).sink(sink).batchSize(50).parallelism(4).build()) {
 *   SyncHealth health = engine.health();
 *   SyncResult result = engine.run();
 * }
 * }</pre>
 *
 * <p>Thread-safe. One run at a time is under way for a service, over all processes. The live path
 * and health do not wait for it. Nothing is lost if the process dies at any point: what was not
 * committed is a gap that the next run closes.
 *
 * <p>After {@link #close()}, every method that does work throws {@link IllegalStateException}. So
 * does a method that compares or writes if the engine's own sink calls it: it would wait for locks
 * and connections that the call of the sink holds.
 *
 * <p>A method throws {@link SideUnavailableException} if the store or the source cannot be reached
 * and it needs that side.
 */
public final class SyncEngine implements LiveWriter, AutoCloseable {

  /** How long {@link #close()} waits at most. */
  public static final Duration DEFAULT_CLOSE_TIMEOUT = Duration.ofSeconds(10);

  /** How many characters the reason of an accepted failure may have. */
  public static final int MAX_REASON = 500;

  private final EngineParts parts;
  private final RunContext context;
  private final ScopeRange scope;
  private final AutomaticRecovery recovery;
  private final RequestedRuns requests;
  private final UnitWork unitWork;
  private final ActiveWork active;

  SyncEngine(EngineParts parts) {
    this.parts = parts;
    this.context = parts.context();
    this.scope = parts.scope();
    this.active = new ActiveWork(parts.sinkWatch()::isCalling);
    this.recovery =
        new AutomaticRecovery(
            this::run,
            this::audit,
            context.settings().auditInterval(),
            context.settings().leaseTtl());
    this.unitWork = new UnitWork(context, active::isClosed);
    this.requests = new RequestedRuns(this::run);
  }

  /** Starts the settings of an engine. */
  public static SyncEngineBuilder builder() {
    return new SyncEngineBuilder();
  }

  /**
   * Compares both sides now, and changes nothing. Needs no lease. If there are more than {@link
   * SyncEngineBuilder#compareAllUpTo} trades, what earlier runs verified is not compared again; see
   * {@link SyncHealth#verified()}.
   *
   * <p>Any number of threads may call this method. At most one computation is under way and one
   * waits; a call is answered by a computation that began after it. Between two computations is a
   * pause as long as the last one took, at most a second.
   *
   * @throws SideUnavailableException if a side cannot be reached or does not answer in time
   */
  public SyncHealth health() {
    return active.call(parts.inspection().health()::get);
  }

  /**
   * Closes every gap up to the newest trade that the source has at the start, and waits for the
   * end. As {@link #run(RunOptions)} with {@link RunOptions#DEFAULT}.
   */
  public SyncResult run() {
    return run(RunOptions.DEFAULT);
  }

  /**
   * Carries out a run and waits for its end. A trade that fails is marked and does not stop the
   * others; the next run tries it again. After a run that succeeds, a force whose process died is
   * resumed as a run of its own, and waited for too.
   *
   * <p>The work is done by other threads. If the waiting thread is interrupted, the run is
   * cancelled and the thread's interrupt flag is set again.
   *
   * @return what was done, also if the run could not reach its end
   * @throws SyncAlreadyRunningException if a run is under way, in this process or another one
   * @throws SideUnavailableException if the store cannot be asked whether a run may begin
   * @throws TradesyncException if a force is asked for and the sink cannot replace trades
   */
  public SyncResult run(RunOptions options) {
    return active.execute(task(options));
  }

  /**
   * Begins a run and returns as soon as it holds the lease. The run is carried out by daemon
   * threads of its own, as described at {@link #run(RunOptions)}.
   *
   * @throws SyncAlreadyRunningException if a run is under way, in this process or another one
   * @throws SideUnavailableException if the store cannot be asked whether a run may begin
   * @throws TradesyncException if a force is asked for and the sink cannot replace trades
   */
  public RunHandle submit(RunOptions options) {
    RunTask task = task(options);
    return new SubmittedRun(task, active.start(task));
  }

  private RunTask task(RunOptions options) {
    active.throwIfClosed();
    if (options.kind() == RunKind.FORCE
        && !context.capabilities().contains(SinkCapability.REPLACE)) {
      throw new TradesyncException(
          "a force needs a sink with the ability REPLACE; this one has " + context.capabilities());
    }
    return new RunTask(context, scope.now(), options);
  }

  /** Forces all trades after a time; the time is cut off to the second. */
  public SyncResult forceFrom(Instant time) {
    return run(RunOptions.forceFrom(time));
  }

  /**
   * Writes all trades with a larger timestamp again, also those that are processed, and waits for
   * the end. Nothing counts twice. As {@link #run(RunOptions)} with {@link
   * RunOptions#forceFromEpochSecond}.
   *
   * @throws InvalidSettingException if the value is negative or can only be milliseconds
   */
  public SyncResult forceFromEpochSecond(long fromEpochSecond) {
    return run(RunOptions.forceFromEpochSecond(fromEpochSecond));
  }

  /**
   * Compares everything in scope, also what is verified: the source with the log, and the log with
   * what the sink holds, if it offers digests. Changes no trade and no entry; the next run repairs
   * what differs. The audit is recorded in the run history. Runs and audits do not wait for each
   * other. An interrupt of the waiting thread cancels the audit.
   *
   * @throws SyncAlreadyRunningException if an audit is under way, in this process or another one
   * @throws SideUnavailableException if a side cannot be reached or does not answer in time
   * @throws TradesyncException if the audit was cancelled
   */
  public AuditReport audit() {
    return active.execute(new Audit(context, scope));
  }

  /** Forgets what earlier runs verified, so that the next run compares everything. */
  public void forgetVerification() {
    active.throwIfClosed();
    context.log().verification().forget();
  }

  /**
   * Asks the run and the audit of this engine that are under way, if any, to stop at the next batch
   * boundary; returns at once. Batches under way are committed. The next run continues from there.
   */
  public void cancel() {
    active.cancel();
  }

  /**
   * Asks a run, a force or an audit of this service to stop at the next batch boundary, also one of
   * another process; its process hears of it when it next renews its lease, within a quarter of
   * {@link SyncEngineBuilder#leaseTtl}. Batches under way are committed. The next run continues
   * from there.
   *
   * @return false if no run with this id is under way
   */
  public boolean cancelRun(String runId) {
    active.throwIfClosed();
    return context.log().lease().requestCancel(runId);
  }

  /**
   * Finds what a run would do now, and changes nothing. Needs no lease. Compares as much as {@link
   * #health()} does.
   *
   * @throws SideUnavailableException if a side cannot be reached or does not answer in time
   */
  public SyncPlan plan() {
    return plan(RunOptions.DEFAULT);
  }

  /**
   * Finds what a run or a force with these options would do now, and changes nothing. Needs no
   * lease. Of a force, compares everything in its span of time, as the force does, and counts the
   * trades that it would write.
   *
   * @throws InvalidSettingException if the options name chains or pools that are not in scope
   */
  public SyncPlan plan(RunOptions options) {
    return active.call(() -> parts.inspection().plan(options));
  }

  /**
   * Compares both sides over time, and changes nothing. Needs no lease. Digests are compared, so
   * that a million trades cost little; where the sides differ, the gaps are counted by kind if the
   * trades in question can be narrowed down to 5,000 in a bucket. Ends early after 10 s.
   *
   * @param range whole seconds, as from {@link KeyRange#seconds}; where it has no end, as in {@link
   *     KeyRange#all()}, it ends with the trades
   * @param maxBuckets the number of buckets, which may become somewhat less; from 1 to {@link
   *     Timeline#MAX_BUCKETS}
   * @throws SideUnavailableException if a side cannot be reached or does not answer in time
   */
  public Timeline timeline(KeyRange range, int maxBuckets) {
    between("maxBuckets", 1, Timeline.MAX_BUCKETS, maxBuckets);
    return active.call(() -> parts.inspection().timeline(range, maxBuckets));
  }

  /**
   * Lists gaps of any kind in key order, and changes nothing. Reads both sides key by key, but at
   * most about 50,000 trades a call.
   *
   * @param limit how many at most; at least 1
   * @return some gaps, and the part of the range that was not looked at
   * @throws SideUnavailableException if a side cannot be reached or does not answer in time
   */
  public GapPage gaps(KeyRange range, int limit) {
    atLeast("limit", 1, limit);
    return active.call(() -> parts.inspection().gaps(range, limit));
  }

  /**
   * Checks whether the source and the log answer; asks each for as little as possible.
   *
   * @throws SideUnavailableException if one cannot be reached; names it
   */
  public void probe() {
    active.throwIfClosed();
    parts.probe();
  }

  /**
   * Carries out a unit for the coordinator of a run, which may be in another process; see {@link
   * Workers}. This engine needs the same source, log, sink and settings as the coordinator's, and
   * no workers of its own. It writes with its own {@link SyncEngineBuilder#parallelism}, and
   * commits only while the coordinator holds its lease.
   *
   * <p>Any number of threads may call this method, also for the same unit at once. A unit that was
   * done before finds nothing left to do, or does it again without effect.
   *
   * @return what was found or done. Every failure is an outcome too, also a refusal of an order of
   *     another version or of other settings, a lost lease, and a side that is gone
   */
  public WorkOutcome work(WorkOrder order, WorkUnit unit) {
    return active.call(() -> unitWork.carryOut(order, unit));
  }

  @Override
  public IngestResult ingest(List<Trade> trades) {
    return active.call(() -> parts.liveWriter().ingest(trades, scope.get()));
  }

  @Override
  public CatchUpResult catchUp(Collection<Hint> hints) {
    return active.call(() -> parts.liveWriter().catchUp(hints, scope.get()));
  }

  @Override
  public void requestRun(String reason) {
    active.throwIfClosed();
    requests.add(reason);
  }

  @Override
  public void committed(String feed, Instant publishedAt) {
    context.messageCommitted(feed, publishedAt);
  }

  /**
   * Starts the automatic recovery: a run and an audit at once, then a run each time the interval
   * has passed since the last one ended, and an audit at {@link SyncEngineBuilder#auditInterval}. A
   * run that fails, or that finds a run of another process under way, is logged and tried again
   * after the interval; in the second case also once after {@link SyncEngineBuilder#leaseTtl}, when
   * the lease has ended if that process died.
   *
   * @param interval the pause between two runs
   * @throws InvalidSettingException if the interval is not positive
   * @throws IllegalStateException if the recovery is started already, or the engine is closed
   */
  public void start(Duration interval) {
    recovery.start(positive("interval", interval));
  }

  /**
   * Stops the automatic recovery, cancels the run under way and waits for it. A listener or the
   * sink may call this method, which then does not wait.
   */
  public void stop() {
    recovery.stop(this::cancel, active.mayWait());
  }

  /**
   * Returns at most {@code limit} (at least 1) of the latest runs of this service, over all
   * processes. The run that began last comes first.
   */
  public List<SyncRun> runs(int limit) {
    active.throwIfClosed();
    return parts.log().runs().latest(atLeast("limit", 1, limit));
  }

  /**
   * Returns the runs that began before another one, the one that began last first.
   *
   * @param runId a run of {@link #runs}
   * @param limit how many at most; at least 1
   * @return none if the run is not in the run history
   */
  public List<SyncRun> runsBefore(String runId, int limit) {
    active.throwIfClosed();
    return parts.log().runs().following(runId, atLeast("limit", 1, limit));
  }

  /** Finds a run in the run history. */
  public Optional<SyncRun> findRun(String runId) {
    active.throwIfClosed();
    return parts.log().runs().find(runId);
  }

  /**
   * Lists at most {@code limit} (at least 1) trades whose processing failed and that sort after a
   * key ({@link TradeKey#MIN} for the first ones), in key order.
   */
  public List<FailedTrade> failedTrades(TradeKey after, int limit) {
    active.throwIfClosed();
    return context.log().failedTrades().list(after, atLeast("limit", 1, limit));
  }

  /** Lists at most {@code limit} rows outside the key order: after a row; null for the first. */
  public OutsideRows.Page rowsOutsideKeyOrder(OutsideRow.@Nullable Ref after, int limit) {
    active.throwIfClosed();
    return context.log().outsideRows().page(after, atLeast("limit", 1, limit));
  }

  /**
   * Lets the next run try parked trades again, and counts their failures from zero; see {@link
   * SyncEngineBuilder#parkAfter}. What was accepted, rows outside the key order too, is a gap.
   *
   * @param range where; {@link KeyRange#all()} for all of them
   * @return how many trades were parked, and rows accepted
   */
  public long releaseParked(KeyRange range) {
    active.throwIfClosed();
    return context.log().failedTrades().releaseParked(range)
        + context.scans().outsideKeyOrder().release(range);
  }

  /**
   * Accepts that some trades fail: runs leave each alone, and health counts it as {@link
   * SyncHealth#accepted} instead of as a gap, until it is released or changes at the source.
   *
   * @param reason why, for {@link FailedTrade#accepted}; 1 to {@link #MAX_REASON} characters
   * @return how many failed trades are accepted now
   * @throws InvalidSettingException if the reason or an id cannot be stored
   */
  public long acceptFailures(List<TradeKey> keys, String reason) {
    active.throwIfClosed();
    keys.forEach(key -> storable("keys", key.id()));
    return context.log().failedTrades().accept(keys, text("reason", MAX_REASON, reason));
  }

  /** As {@link #acceptFailures}, of rows outside the key order, each until its content changes. */
  public long acceptRowsOutsideKeyOrder(List<OutsideRow.Ref> rows, String reason) {
    active.throwIfClosed();
    rows.forEach(row -> storable("rows", row.idHash()));
    return context.log().outsideRows().accept(rows, text("reason", MAX_REASON, reason));
  }

  /** Takes back what {@link #acceptRowsOutsideKeyOrder} did; returns how many were accepted. */
  public long releaseRowsOutsideKeyOrder(List<OutsideRow.Ref> rows) {
    active.throwIfClosed();
    rows.forEach(row -> storable("rows", row.idHash()));
    return context.log().outsideRows().release(rows);
  }

  /** As {@link #close(Duration)}, within {@link #DEFAULT_CLOSE_TIMEOUT}. */
  @Override
  public void close() {
    close(DEFAULT_CLOSE_TIMEOUT);
  }

  /**
   * Stops the automatic recovery, cancels what is under way, and waits for it at most for a time.
   * Can be called again, and does not wait then for what an earlier call has left behind. A
   * listener or the sink may call it, and it does not wait then.
   *
   * <p>What has not ended shortly before the end of the time (a tenth of it, at most a second) is
   * interrupted. A sink or driver that reacts to the interrupt ends its batch: the transaction is
   * rolled back, the lease is released, and nothing is left behind. What does not react is left
   * behind as a daemon thread. If that is a call of the sink, its transaction is aborted, so that
   * it holds no locks and commits nothing, and the lease is released. Otherwise the lease is no
   * longer renewed and ends by itself; once another run has taken it over, the thread can commit
   * nothing. {@link #run()} then returns a result with the outcome {@link RunOutcome#CANCELLED}.
   *
   * @throws InvalidSettingException if the timeout is negative
   */
  public void close(Duration timeout) {
    notNegative("timeout", timeout);
    requests.close();
    recovery.close();
    context.writer().deferred().close();
    if (!active.close(timeout)) {
      parts.sinkWatch().abandonAll();
    }
  }
}
