package io.tradesync;

import io.tradesync.internal.compare.Findings;
import io.tradesync.internal.compare.Scan;
import io.tradesync.internal.failure.FailureClassifier;
import io.tradesync.internal.failure.Retries;
import io.tradesync.internal.live.LiveTradeWriter;
import io.tradesync.internal.run.Audit;
import io.tradesync.internal.run.Cancellable;
import io.tradesync.internal.run.LogViews;
import io.tradesync.internal.run.Run;
import io.tradesync.internal.run.RunContext;
import io.tradesync.internal.run.SafeListener;
import io.tradesync.internal.schedule.AutomaticRecovery;
import io.tradesync.internal.schedule.RequestedRuns;
import io.tradesync.internal.settings.EngineSettings;
import io.tradesync.internal.thread.StopCheck;
import io.tradesync.internal.write.GroupWriter;
import io.tradesync.internal.write.SinkWriter;
import io.tradesync.spi.AnalyticsSink;
import io.tradesync.spi.CatchUpResult;
import io.tradesync.spi.Hint;
import io.tradesync.spi.IngestResult;
import io.tradesync.spi.LiveWriter;
import io.tradesync.spi.SinkCapability;
import io.tradesync.spi.TradeSource;
import io.tradesync.spi.log.SyncLog;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
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
  private volatile @Nullable KeyRange resolvedScope;

  private SyncEngine(Builder builder) {
    TradeSource plainSource = required("source", builder.source);
    this.log = required("log", builder.log);
    this.sink = required("sink", builder.sink);
    EngineSettings settings = builder.settings();

    FailureClassifier failures = new FailureClassifier(plainSource, log, sink);
    Retries retries = new Retries(failures, settings.maxAttempts(), settings.retryDelay());
    this.source = retries.around(TradeSource.class, plainSource, Side.SOURCE);
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
            new SafeListener(builder.listener));
    this.liveWriter =
        new LiveTradeWriter(
            source,
            context.log().entries(),
            writer,
            context::repairs,
            settings.batchSize(),
            context.batchesPerGroup(),
            settings.hintOverlap().toSeconds());
    this.recovery = new AutomaticRecovery(this::run, this::audit, settings.auditInterval());
    this.requests = new RequestedRuns(this::run);
  }

  private static <T> T required(String name, @Nullable T value) {
    if (value == null) {
      throw new InvalidSettingException(name, null, "must be set");
    }
    return value;
  }

  /**
   * Starts an engine's settings.
   *
   * @return a builder
   */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * Compares both sides now. What earlier runs verified is not compared again, unless there are at
   * most {@link Builder#compareAllUpTo} trades: it is as of {@link SyncHealth#verified()}. Takes no
   * lease and changes nothing.
   *
   * @return the comparison
   * @throws SideUnavailableException if a side cannot be reached or does not answer in time
   */
  public SyncHealth health() {
    KeyRange range = scope();
    Scan survey =
        context.scan(range, context.log().verification()::snapshot, Long.MIN_VALUE, false);
    Findings found = new Findings(kind -> false);
    survey.compare(found, null, StopCheck.NEVER);
    GapCounts gaps = found.counts();
    Long newest = survey.newest().map(TradeKey::epochSecond).orElse(null);
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
        lag, newest, processed, recommend(gaps, lag), gaps, survey.remembered().orElse(null));
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
    Audit audit = new Audit(context, scope());
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
    Run run = new Run(context, scope(), options, forcedAfter);
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
        KeyRange rest = died.through() == null ? scope() : scope().after(died.through());
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
    return liveWriter.ingest(trades, scope());
  }

  @Override
  public CatchUpResult catchUp(Collection<Hint> hints) {
    return liveWriter.catchUp(hints, scope());
  }

  @Override
  public void requestRun(String reason) {
    requests.add(reason);
  }

  /**
   * Starts the automatic recovery: a run and an audit at once, then a run each time the interval
   * has passed since the last one ended, and an audit at {@link Builder#auditInterval}. Runs that
   * fail, or that another process is ahead of, are logged and tried again after the interval.
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
    return context.log().entries().failed(after, atLeast("limit", 1, limit));
  }

  /**
   * Lets the next run try parked trades again; see {@link Builder#parkAfter}. Their failures are
   * counted anew.
   *
   * @param range where; {@link KeyRange#all()} for all of them
   * @return how many were parked
   * @throws SideUnavailableException if the store cannot be reached
   */
  public long releaseParked(KeyRange range) {
    return context.log().entries().releaseParked(range);
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
    if (!SafeListener.isTelling()) {
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

  /** The scope's range; the log is asked once what it remembers. */
  private KeyRange scope() {
    KeyRange known = resolvedScope;
    if (known == null) {
      known = resolve();
      resolvedScope = known;
    }
    return known;
  }

  private KeyRange resolve() {
    Scope scope = context.settings().scope();
    if (scope instanceof Scope.Since since) {
      return KeyRange.from(
          context.log().verification().saveBaseline(since.baseline().getEpochSecond(), false));
    }
    if (scope instanceof Scope.Last last) {
      long baseline = context.settings().clock().instant().minus(last.age()).getEpochSecond();
      return KeyRange.from(context.log().verification().saveBaseline(baseline, true));
    }
    return KeyRange.all();
  }

  // The largest number of seconds that is not the milliseconds of a time since 1973.
  private static final long MAX_EPOCH_SECOND = 100_000_000_000L;

  private static int atLeast(String name, int least, int value) {
    if (value < least) {
      throw new InvalidSettingException(name, value, "must be at least " + least);
    }
    return value;
  }

  private static Duration positive(String name, Duration value) {
    if (value.isZero() || value.isNegative()) {
      throw new InvalidSettingException(name, value, "must be positive");
    }
    return value;
  }

  private static Duration notNegative(String name, Duration value) {
    if (value.isNegative()) {
      throw new InvalidSettingException(name, value, "must not be negative");
    }
    return value;
  }

  /**
   * Collects an engine's settings. Not thread-safe; what is built does not change with it, so it
   * can be used again.
   */
  public static final class Builder {

    /** Trades a batch, unless set. */
    public static final int DEFAULT_BATCH_SIZE = 50;

    /** The largest batch. */
    public static final int MAX_BATCH_SIZE = 100_000;

    /** Trades that share a transaction, unless set. */
    public static final int DEFAULT_GROUP_COMMIT = 1_000;

    /** Batches at a time, unless set. */
    public static final int DEFAULT_PARALLELISM = 1;

    /** The most batches at a time. */
    public static final int MAX_PARALLELISM = 256;

    /** How often a batch is tried, unless set. */
    public static final int DEFAULT_MAX_ATTEMPTS = 3;

    /** How many batches may fail on the network one after the other, unless set. */
    public static final int DEFAULT_MAX_FAILED_BATCHES = 5;

    /** In how many runs a trade may fail on its own content before it is parked, unless set. */
    public static final int DEFAULT_PARK_AFTER = 10;

    /** The pause before the second attempt, unless set. */
    public static final Duration DEFAULT_RETRY_DELAY = Duration.ofMillis(100);

    /** How far before a hinted time the source is read, unless set. */
    public static final Duration DEFAULT_HINT_OVERLAP = Duration.ofMinutes(1);

    /** The lag from which a sync is required at once, unless set. */
    public static final Duration DEFAULT_IMMEDIATE_SYNC_LAG = Duration.ofMinutes(60);

    /** How long a lease outlives a holder that died, unless set. */
    public static final Duration DEFAULT_LEASE_TTL = Duration.ofSeconds(4);

    /** How long a trade has to be gone before it is retracted, unless set. */
    public static final Duration DEFAULT_ORPHAN_GRACE = Duration.ofMinutes(1);

    /** The age at which a trade is final, unless set. */
    public static final Duration DEFAULT_CONFIRMATION = Duration.ofHours(1);

    /** The pause between two audits of the automatic recovery, unless set. */
    public static final Duration DEFAULT_AUDIT_INTERVAL = Duration.ofMinutes(10);

    /** Parts of a long range that are compared at the same time, unless set. */
    public static final int DEFAULT_COMPARISON_PARALLELISM = 2;

    /** How many trades are compared anew each time, unless set. */
    public static final long DEFAULT_COMPARE_ALL_UP_TO = 100_000;

    private @Nullable TradeSource source;
    private @Nullable SyncLog log;
    private @Nullable AnalyticsSink sink;
    private Scope scope = Scope.all();
    private int batchSize = DEFAULT_BATCH_SIZE;
    private int groupCommit = DEFAULT_GROUP_COMMIT;
    private int parallelism = DEFAULT_PARALLELISM;
    private int maxAttempts = DEFAULT_MAX_ATTEMPTS;
    private int maxFailedBatches = DEFAULT_MAX_FAILED_BATCHES;
    private int parkAfter = DEFAULT_PARK_AFTER;
    private Duration retryDelay = DEFAULT_RETRY_DELAY;
    private Duration hintOverlap = DEFAULT_HINT_OVERLAP;
    private Duration immediateSyncLag = DEFAULT_IMMEDIATE_SYNC_LAG;
    private Duration leaseTtl = DEFAULT_LEASE_TTL;
    private Duration orphanGrace = DEFAULT_ORPHAN_GRACE;
    private Duration confirmation = DEFAULT_CONFIRMATION;
    private Duration auditInterval = DEFAULT_AUDIT_INTERVAL;
    private long compareAllUpTo = DEFAULT_COMPARE_ALL_UP_TO;
    private int comparisonParallelism = DEFAULT_COMPARISON_PARALLELISM;
    private SyncListener listener = SyncListener.NOOP;
    private Clock clock = Clock.systemUTC();
    private Supplier<String> runIds = () -> UUID.randomUUID().toString();

    private Builder() {}

    /**
     * Sets where the trades come from. Required.
     *
     * @param value the source
     * @return this builder
     */
    public Builder source(TradeSource value) {
      this.source = value;
      return this;
    }

    /**
     * Sets where it is remembered what was processed. Required.
     *
     * @param value the log
     * @return this builder
     */
    public Builder log(SyncLog value) {
      this.log = value;
      return this;
    }

    /**
     * Sets where the trades go. Required. With a parallelism above 1 it is called by several
     * threads at once.
     *
     * @param value the sink; a lambda is enough
     * @return this builder
     */
    public Builder sink(AnalyticsSink value) {
      this.sink = value;
      return this;
    }

    /**
     * Sets which trades count.
     *
     * @param value the scope; by default {@link Scope#all()}
     * @return this builder
     */
    public Builder scope(Scope value) {
      this.scope = required("scope", value);
      return this;
    }

    /**
     * Sets how many trades make a batch: what progress is reported of, and what a failure costs at
     * most. A sink that does not join the log's transaction gets them batch by batch.
     *
     * @param value from 1 to {@link #MAX_BATCH_SIZE}; {@link #DEFAULT_BATCH_SIZE} by default
     * @return this builder
     * @throws InvalidSettingException if the value is out of range
     */
    public Builder batchSize(int value) {
      this.batchSize = between("batchSize", 1, MAX_BATCH_SIZE, value);
      return this;
    }

    /**
     * Sets how many trades may share a transaction. Where the sink joins the log's, several batches
     * that wait are written at once: this costs a fraction of a commit for each, and the sink gets
     * all their changes in one call. If anything of them fails, nothing is committed and each of
     * them is written alone, so that a failure costs its own batch only. A run begins with one
     * batch a transaction, and again after each failure, and doubles that as long as one takes less
     * than a quarter of a second; what one call of {@link #ingest} brings is all waiting.
     *
     * @param value from 1 to {@link #MAX_BATCH_SIZE}; {@link #DEFAULT_GROUP_COMMIT} by default.
     *     With less than two batches, each has its own transaction
     * @return this builder
     * @throws InvalidSettingException if the value is out of range
     */
    public Builder groupCommit(int value) {
      this.groupCommit = between("groupCommit", 1, MAX_BATCH_SIZE, value);
      return this;
    }

    /**
     * Sets how many batches are written at the same time. Each takes one connection of the store's
     * pool; a run takes one more, and health and the live path one each.
     *
     * @param value from 1 to {@link #MAX_PARALLELISM}; {@link #DEFAULT_PARALLELISM} by default
     * @return this builder
     * @throws InvalidSettingException if the value is out of range
     */
    public Builder parallelism(int value) {
      this.parallelism = between("parallelism", 1, MAX_PARALLELISM, value);
      return this;
    }

    /**
     * Sets how often a batch or a request is tried in all before it counts as failed.
     *
     * @param value at least 1; {@link #DEFAULT_MAX_ATTEMPTS} by default
     * @return this builder
     * @throws InvalidSettingException if the value is below 1
     */
    public Builder maxAttempts(int value) {
      this.maxAttempts = atLeast("maxAttempts", 1, value);
      return this;
    }

    /**
     * Sets after how many batches that failed on the network one after the other a run ends, though
     * the sides answer when they are probed: it would be the same with all the others. Those before
     * the last one are marked as failed.
     *
     * @param value at least 1; {@link #DEFAULT_MAX_FAILED_BATCHES} by default
     * @return this builder
     * @throws InvalidSettingException if the value is below 1
     */
    public Builder maxFailedBatches(int value) {
      this.maxFailedBatches = atLeast("maxFailedBatches", 1, value);
      return this;
    }

    /**
     * Sets in how many runs a trade may fail on its own content before it is parked: it stays a gap
     * and in the list of failed trades, and runs leave it alone until it is {@linkplain
     * SyncEngine#releaseParked released} or the source has it with other content. Failures of the
     * network never count, nor does one of an unknown kind that all trades of a batch share.
     *
     * @param value at least 1; {@link #DEFAULT_PARK_AFTER} by default
     * @return this builder
     * @throws InvalidSettingException if the value is below 1
     */
    public Builder parkAfter(int value) {
      this.parkAfter = atLeast("parkAfter", 1, value);
      return this;
    }

    /**
     * Sets the pause before the second attempt; it grows by half with each further one, with
     * jitter.
     *
     * @param value at least 1 ms; {@link #DEFAULT_RETRY_DELAY} by default
     * @return this builder
     * @throws InvalidSettingException if the value is below 1 ms
     */
    public Builder retryDelay(Duration value) {
      if (value.toMillis() < 1) {
        throw new InvalidSettingException("retryDelay", value, "must be at least 1 ms");
      }
      this.retryDelay = value;
      return this;
    }

    /**
     * Sets how far before a hinted time the source is read, since rows can become visible late.
     *
     * @param value not negative; {@link #DEFAULT_HINT_OVERLAP} by default
     * @return this builder
     * @throws InvalidSettingException if the value is negative
     */
    public Builder hintOverlap(Duration value) {
      this.hintOverlap = notNegative("hintOverlap", value);
      return this;
    }

    /**
     * Sets the lag from which {@link Recommendation#IMMEDIATE_SYNC_REQUIRED} is given.
     *
     * @param value at least a minute; {@link #DEFAULT_IMMEDIATE_SYNC_LAG} by default
     * @return this builder
     * @throws InvalidSettingException if the value is below a minute
     */
    public Builder immediateSyncLag(Duration value) {
      if (value.toMinutes() < 1) {
        throw new InvalidSettingException("immediateSyncLag", value, "must be at least a minute");
      }
      this.immediateSyncLag = value;
      return this;
    }

    /**
     * Sets how long a lease outlives a holder that died; so long the next run has to wait then. The
     * holder renews it four times in that time.
     *
     * @param value at least a second; {@link #DEFAULT_LEASE_TTL} by default
     * @return this builder
     * @throws InvalidSettingException if the value is below a second
     */
    public Builder leaseTtl(Duration value) {
      if (value.toSeconds() < 1) {
        throw new InvalidSettingException("leaseTtl", value, "must be at least a second");
      }
      this.leaseTtl = value;
      return this;
    }

    /**
     * Sets how long a processed trade has to be gone from the source, by the store's clock, before
     * a run retracts it: rows leave for seconds when a chain reorganises or the indexer restarts.
     *
     * @param value not negative; {@link #DEFAULT_ORPHAN_GRACE} by default
     * @return this builder
     * @throws InvalidSettingException if the value is negative
     */
    public Builder orphanGrace(Duration value) {
      this.orphanGrace = notNegative("orphanGrace", value);
      return this;
    }

    /**
     * Sets the age from which a trade counts as final where the source does not tell, by {@link
     * #clock}. Younger trades are processed all the same, and compared again until they are final.
     *
     * @param value not negative; {@link #DEFAULT_CONFIRMATION} by default
     * @return this builder
     * @throws InvalidSettingException if the value is negative
     */
    public Builder confirmation(Duration value) {
      this.confirmation = notNegative("confirmation", value);
      return this;
    }

    /**
     * Sets the pause between two audits of the automatic recovery; see {@link SyncEngine#start}.
     *
     * @param value positive; {@link #DEFAULT_AUDIT_INTERVAL} by default
     * @return this builder
     * @throws InvalidSettingException if the value is not positive
     */
    public Builder auditInterval(Duration value) {
      this.auditInterval = positive("auditInterval", value);
      return this;
    }

    /**
     * Sets how many trades health and each run compare anew, whatever was verified.
     *
     * @param value not negative; {@link #DEFAULT_COMPARE_ALL_UP_TO} by default
     * @return this builder
     * @throws InvalidSettingException if the value is negative
     */
    public Builder compareAllUpTo(long value) {
      if (value < 0) {
        throw new InvalidSettingException("compareAllUpTo", value, "must not be negative");
      }
      this.compareAllUpTo = value;
      return this;
    }

    /**
     * Sets how many parts of a long range are compared at the same time. Each takes one connection
     * of the source's pool and one of the store's; a range of less than 50,000 trades takes one.
     *
     * @param value from 1 to {@link #MAX_PARALLELISM}; {@link #DEFAULT_COMPARISON_PARALLELISM} by
     *     default
     * @return this builder
     * @throws InvalidSettingException if the value is out of range
     */
    public Builder comparisonParallelism(int value) {
      this.comparisonParallelism = between("comparisonParallelism", 1, MAX_PARALLELISM, value);
      return this;
    }

    /**
     * Sets who is told what runs do.
     *
     * @param value the listener; by default {@link SyncListener#NOOP}
     * @return this builder
     */
    public Builder listener(SyncListener value) {
      this.listener = required("listener", value);
      return this;
    }

    /**
     * Sets the clock, for tests.
     *
     * @param value the clock; by default the system's
     * @return this builder
     */
    public Builder clock(Clock value) {
      this.clock = required("clock", value);
      return this;
    }

    /**
     * Sets how runs get their ids, for tests.
     *
     * @param value makes an id never used before; by default random UUIDs
     * @return this builder
     */
    public Builder runIds(Supplier<String> value) {
      this.runIds = required("runIds", value);
      return this;
    }

    /**
     * Makes the engine, after its parts have made ready: tables are created, and what can be
     * checked beforehand is checked.
     *
     * @return a new engine
     * @throws InvalidSettingException if a setting is missing or cannot be used; names it
     * @throws SideUnavailableException if a side cannot be reached
     */
    public SyncEngine build() {
      SyncEngine engine = new SyncEngine(this);
      engine.prepare();
      engine.scope();
      return engine;
    }

    private EngineSettings settings() {
      return new EngineSettings(
          scope,
          batchSize,
          groupCommit,
          parallelism,
          maxAttempts,
          maxFailedBatches,
          parkAfter,
          retryDelay,
          hintOverlap,
          immediateSyncLag,
          leaseTtl,
          orphanGrace,
          confirmation,
          auditInterval,
          compareAllUpTo,
          comparisonParallelism,
          clock,
          runIds);
    }

    private static int between(String name, int least, int most, int value) {
      if (value < least || value > most) {
        throw new InvalidSettingException(name, value, "must be from " + least + " to " + most);
      }
      return value;
    }
  }

  private void prepare() {
    sinkWriter.checkTransactionType(log);
    source.prepare();
    log.prepare();
    sinkWriter.prepare(log);
  }
}
