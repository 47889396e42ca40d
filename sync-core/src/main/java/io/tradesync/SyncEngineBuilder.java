package io.tradesync;

import static io.tradesync.SettingChecks.atLeast;
import static io.tradesync.SettingChecks.between;
import static io.tradesync.SettingChecks.notNegative;
import static io.tradesync.SettingChecks.positive;
import static io.tradesync.SettingChecks.required;

import io.tradesync.internal.settings.EngineSettings;
import io.tradesync.internal.write.DeclaredCapabilities;
import io.tradesync.spi.AnalyticsSink;
import io.tradesync.spi.TradeSource;
import io.tradesync.spi.Workers;
import io.tradesync.spi.log.SyncLog;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Collects the settings of an engine. {@code source}, {@code log} and {@code sink} are required.
 * Every method that takes a setting throws {@link InvalidSettingException} if the value cannot be
 * used. {@link #build()} copies the settings, so that the builder can be changed and used again.
 * Not thread-safe.
 */
public final class SyncEngineBuilder {

  public static final int DEFAULT_BATCH_SIZE = 50;
  public static final int MAX_BATCH_SIZE = 100_000;
  public static final int DEFAULT_GROUP_COMMIT = 1_000;
  public static final int DEFAULT_PARALLELISM = 1;
  public static final int MAX_PARALLELISM = 256;
  public static final int DEFAULT_MAX_ATTEMPTS = 3;
  public static final int DEFAULT_MAX_FAILED_BATCHES = 10;
  public static final int DEFAULT_PARK_AFTER = 10;
  public static final Duration DEFAULT_RETRY_DELAY = Duration.ofMillis(100);
  public static final Duration DEFAULT_HINT_OVERLAP = Duration.ofMinutes(1);
  public static final Duration DEFAULT_IMMEDIATE_SYNC_LAG = Duration.ofMinutes(60);
  public static final Duration DEFAULT_LEASE_TTL = Duration.ofSeconds(4);
  public static final Duration DEFAULT_ORPHAN_GRACE = Duration.ofMinutes(1);
  public static final Duration DEFAULT_CONFIRMATION = Duration.ofHours(1);
  public static final Duration DEFAULT_AUDIT_INTERVAL = Duration.ofMinutes(10);
  public static final Duration DEFAULT_SINK_TIMEOUT = Duration.ofMinutes(1);
  public static final int DEFAULT_COMPARISON_PARALLELISM = 2;
  public static final long DEFAULT_COMPARE_ALL_UP_TO = 100_000;

  private static final Duration MAX_SINK_TIMEOUT = Duration.ofDays(1);
  private static final Duration MIN_RETRY_DELAY = Duration.ofMillis(1);
  private static final Duration MIN_IMMEDIATE_SYNC_LAG = Duration.ofMinutes(1);
  private static final Duration MIN_LEASE_TTL = Duration.ofSeconds(1);

  private @Nullable TradeSource source;
  private @Nullable SyncLog log;
  private @Nullable AnalyticsSink sink;
  private @Nullable TradeSource healthSource;
  private @Nullable SyncLog healthLog;
  private @Nullable Workers workers;
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
  private boolean retractFinal = true;
  private Duration confirmation = DEFAULT_CONFIRMATION;
  private Duration sinkTimeout = DEFAULT_SINK_TIMEOUT;
  private Duration auditInterval = DEFAULT_AUDIT_INTERVAL;
  private long compareAllUpTo = DEFAULT_COMPARE_ALL_UP_TO;
  private int comparisonParallelism = DEFAULT_COMPARISON_PARALLELISM;
  private final List<SyncListener> listeners = new ArrayList<>();
  private boolean recordBeforeWrite = true;
  private Clock clock = Clock.systemUTC();
  private Supplier<String> runIds = () -> UUID.randomUUID().toString();

  SyncEngineBuilder() {}

  /** Sets where the trades come from. Required. */
  public SyncEngineBuilder source(TradeSource value) {
    this.source = value;
    return this;
  }

  /** Sets the log: the record of the trades that were processed. Required. */
  public SyncEngineBuilder log(SyncLog value) {
    this.log = value;
    return this;
  }

  /**
   * Sets where the trades go. Required; a lambda is a complete sink. With a parallelism above 1,
   * several threads call the sink at the same time.
   */
  public SyncEngineBuilder sink(AnalyticsSink value) {
    this.sink = value;
    return this;
  }

  /**
   * Sets through what {@link SyncEngine#health} reads: the same source and the same log with
   * connections of their own, so that a run never waits for health nor health for a run. By default
   * health shares the connections of {@link #source} and {@link #log}. Only one computation of
   * health is under way at a time; it takes up to {@link #comparisonParallelism} connections of
   * either. Neither is prepared.
   */
  public SyncEngineBuilder healthSides(TradeSource sourceOfHealth, SyncLog logOfHealth) {
    this.healthSource = required("healthSides", sourceOfHealth);
    this.healthLog = required("healthSides", logOfHealth);
    return this;
  }

  /** Sets which trades count; by default {@link Scope#all()}. */
  public SyncEngineBuilder scope(Scope value) {
    this.scope = required("scope", value);
    return this;
  }

  /**
   * Sets how many trades make a batch, from 1 to {@link #MAX_BATCH_SIZE}; {@link
   * #DEFAULT_BATCH_SIZE} by default. Progress is reported once a batch, and one connection failure
   * costs one batch at most. A sink that does not join the log's transaction is called once a
   * batch.
   */
  public SyncEngineBuilder batchSize(int value) {
    this.batchSize = between("batchSize", 1, MAX_BATCH_SIZE, value);
    return this;
  }

  /**
   * Sets how many trades may share a transaction, from 1 to {@link #MAX_BATCH_SIZE}; {@link
   * #DEFAULT_GROUP_COMMIT} by default. If this is less than two batches, each batch has its own
   * transaction.
   *
   * <p>This applies if the sink joins the log's transaction. Batches that wait are then written
   * together, in one call of the sink and one commit. If that fails, nothing is committed, and each
   * batch is written alone. A run begins with one batch a transaction, and does so again after each
   * failure; it doubles the number as long as a transaction takes less than 250 ms. All trades of
   * one call of {@link SyncEngine#ingest} wait together.
   */
  public SyncEngineBuilder groupCommit(int value) {
    this.groupCommit = between("groupCommit", 1, MAX_BATCH_SIZE, value);
    return this;
  }

  /**
   * Sets how many transactions a run writes at the same time, from 1 to {@link #MAX_PARALLELISM};
   * {@link #DEFAULT_PARALLELISM} by default. Each takes one connection of the store's pool. A run
   * takes one more; health and the live path take one each.
   */
  public SyncEngineBuilder parallelism(int value) {
    this.parallelism = between("parallelism", 1, MAX_PARALLELISM, value);
    return this;
  }

  /**
   * Sets how often a batch or a request is tried in all before it counts as failed; at least 1,
   * {@link #DEFAULT_MAX_ATTEMPTS} by default.
   */
  public SyncEngineBuilder maxAttempts(int value) {
    this.maxAttempts = atLeast("maxAttempts", 1, value);
    return this;
  }

  /**
   * Sets how many batches in a row may fail as a whole before the run ends with {@link
   * FailedBatchesException}, although both sides answer when they are probed; at least 1, {@link
   * #DEFAULT_MAX_FAILED_BATCHES} by default. The trades of all these batches but the last are
   * marked as failed. A batch of which a trade was written ends the row. A batch whose failure is
   * proven to be in its trades neither counts nor ends the row; see {@link
   * io.tradesync.spi.FailureKind#DATA}.
   */
  public SyncEngineBuilder maxFailedBatches(int value) {
    this.maxFailedBatches = atLeast("maxFailedBatches", 1, value);
    return this;
  }

  /**
   * Sets in how many runs a trade may fail on its own content before it is parked; at least 1,
   * {@link #DEFAULT_PARK_AFTER} by default. A parked trade stays a gap and stays in the list of
   * failed trades. Runs leave it alone until it is {@linkplain SyncEngine#releaseParked released}
   * or its content changes at the source. Connection failures do not count, nor does a failure of
   * an unknown kind that all trades of a batch share.
   */
  public SyncEngineBuilder parkAfter(int value) {
    this.parkAfter = atLeast("parkAfter", 1, value);
    return this;
  }

  /**
   * Sets the pause before the second attempt; at least 1 ms, {@link #DEFAULT_RETRY_DELAY} by
   * default. It grows by half with each further attempt, with jitter.
   */
  public SyncEngineBuilder retryDelay(Duration value) {
    this.retryDelay = atLeast("retryDelay", MIN_RETRY_DELAY, value);
    return this;
  }

  /**
   * Sets how far before a hinted second the source is read, because rows can become visible late;
   * not negative, {@link #DEFAULT_HINT_OVERLAP} by default.
   */
  public SyncEngineBuilder hintOverlap(Duration value) {
    this.hintOverlap = notNegative("hintOverlap", value);
    return this;
  }

  /**
   * Sets the lag from which health recommends {@link Recommendation#IMMEDIATE_SYNC_REQUIRED}; at
   * least a minute, {@link #DEFAULT_IMMEDIATE_SYNC_LAG} by default.
   */
  public SyncEngineBuilder immediateSyncLag(Duration value) {
    this.immediateSyncLag = atLeast("immediateSyncLag", MIN_IMMEDIATE_SYNC_LAG, value);
    return this;
  }

  /**
   * Sets how long a lease outlives a holder that died; at least a second, {@link
   * #DEFAULT_LEASE_TTL} by default. No other run can begin for that time. A holder that is alive
   * renews its lease four times in that time.
   */
  public SyncEngineBuilder leaseTtl(Duration value) {
    this.leaseTtl = atLeast("leaseTtl", MIN_LEASE_TTL, value);
    return this;
  }

  /**
   * Sets how long a processed trade must be gone from the source, by the store's clock, before a
   * run retracts it; not negative, {@link #DEFAULT_ORPHAN_GRACE} by default. Rows leave the source
   * for seconds when a chain reorganises or the indexer restarts.
   */
  public SyncEngineBuilder orphanGrace(Duration value) {
    this.orphanGrace = notNegative("orphanGrace", value);
    return this;
  }

  /**
   * Sets whether a run retracts a processed trade that left the source after it was final; true by
   * default. No reorganisation removes a final trade. If such rows leave your source because
   * somebody deletes old rows on purpose, set this to false: their trades are then kept in the
   * store, count neither as a gap nor for the guard against mass retraction, and health shows their
   * number as {@link SyncHealth#kept}. A trade that the source has at another key is still moved,
   * and one that was never processed is no longer listed as failed. Leave it true if wrong trades
   * are removed from the source later than {@link #confirmation}: this setting would keep them.
   */
  public SyncEngineBuilder retractFinal(boolean value) {
    this.retractFinal = value;
    return this;
  }

  /**
   * Sets the age from which a trade is final, by {@link #clock}, if the source does not say so; not
   * negative, {@link #DEFAULT_CONFIRMATION} by default. Younger trades are processed too, and
   * compared again until they are final.
   */
  public SyncEngineBuilder confirmation(Duration value) {
    this.confirmation = notNegative("confirmation", value);
    return this;
  }

  /**
   * Sets the pause between two audits of the {@linkplain SyncEngine#start automatic recovery};
   * positive, {@link #DEFAULT_AUDIT_INTERVAL} by default.
   */
  public SyncEngineBuilder auditInterval(Duration value) {
    this.auditInterval = positive("auditInterval", value);
    return this;
  }

  /**
   * Sets how long one call of the sink may take; positive, at most a day, {@link
   * #DEFAULT_SINK_TIMEOUT} by default. It holds for every method but {@link
   * io.tradesync.spi.TransactionalSink#prepare}.
   *
   * <p>After half of the time a late sink is logged. At its end the sink's thread is interrupted;
   * if the sink returns then, or throws, this counts as a connection failure. If it does not return
   * within the same time again (5 seconds at most), its transaction is aborted, so that its locks
   * and the lease are free and whatever it does later commits nothing. The run ends with success
   * false, and the engine does not call the sink until the late call has returned. A log's
   * transaction may be idle for longer than this time.
   */
  public SyncEngineBuilder sinkTimeout(Duration value) {
    Duration timeout = positive("sinkTimeout", value);
    if (timeout.compareTo(MAX_SINK_TIMEOUT) > 0) {
      throw new InvalidSettingException("sinkTimeout", value, "must be at most a day");
    }
    this.sinkTimeout = timeout;
    return this;
  }

  /**
   * Sets up to how many trades health and each run compare everything, also what is verified; not
   * negative, {@link #DEFAULT_COMPARE_ALL_UP_TO} by default.
   */
  public SyncEngineBuilder compareAllUpTo(long value) {
    this.compareAllUpTo = notNegative("compareAllUpTo", value);
    return this;
  }

  /**
   * Sets how many parts of a long range are compared at the same time, from 1 to {@link
   * #MAX_PARALLELISM}; {@link #DEFAULT_COMPARISON_PARALLELISM} by default. Each takes one
   * connection of the source's pool and one of the store's. A range of less than 50,000 trades is
   * compared by one thread.
   */
  public SyncEngineBuilder comparisonParallelism(int value) {
    this.comparisonParallelism = between("comparisonParallelism", 1, MAX_PARALLELISM, value);
    return this;
  }

  /**
   * Sets whether the log records what a sink outside its transaction is about to be given, in a
   * commit before the write; true by default. Without it, a trade that the sink received and the
   * log did not record is not retracted or replaced when it vanishes or moves at the source, and a
   * change that is tried again may have a greater revision.
   */
  public SyncEngineBuilder recordBeforeWrite(boolean value) {
    this.recordBeforeWrite = value;
    return this;
  }

  /**
   * Sets workers on other machines. Runs, forces and audits hand out to them what is large; see
   * {@link Workers}. By default the engine does all work with its own threads. A process that only
   * works for a coordinator elsewhere sets none, and calls {@link SyncEngine#work}.
   */
  public SyncEngineBuilder workers(Workers value) {
    this.workers = required("workers", value);
    return this;
  }

  /** Adds a listener that hears of runs. Listeners are called in the order in which they came. */
  public SyncEngineBuilder listener(SyncListener value) {
    listeners.add(required("listener", value));
    return this;
  }

  /** Sets the clock that tells the age of trades; by default the system's. */
  public SyncEngineBuilder clock(Clock value) {
    this.clock = required("clock", value);
    return this;
  }

  /** Sets what creates the ids of runs, each never used before; by default random UUIDs. */
  public SyncEngineBuilder runIds(Supplier<String> value) {
    this.runIds = required("runIds", value);
    return this;
  }

  /**
   * Creates an engine. Its parts are prepared first: they create their tables, and check what can
   * be checked beforehand.
   *
   * @throws InvalidSettingException if a setting is missing or cannot be used
   * @throws SideUnavailableException if a side cannot be reached
   */
  public SyncEngine build() {
    TradeSource sourceOfRuns = required("source", source);
    SyncLog logOfRuns = required("log", log);
    EngineParts parts =
        EngineParts.of(
            new EngineParts.Sides(
                sourceOfRuns,
                logOfRuns,
                required("sink", sink),
                Objects.requireNonNullElse(healthSource, sourceOfRuns),
                Objects.requireNonNullElse(healthLog, logOfRuns),
                Optional.ofNullable(workers)),
            settings(),
            List.copyOf(listeners));
    parts.prepare();
    DeclaredCapabilities.tellWhatStaysOpen(required("sink", sink));
    return new SyncEngine(parts);
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
        retractFinal,
        confirmation,
        auditInterval,
        sinkTimeout,
        compareAllUpTo,
        comparisonParallelism,
        recordBeforeWrite,
        clock,
        runIds);
  }
}
