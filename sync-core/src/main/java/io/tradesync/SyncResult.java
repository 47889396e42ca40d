package io.tradesync;

import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a run did. At its end {@code processed + errors = total}, unless it was stopped. Immutable.
 */
public final class SyncResult {

  private final String runId;
  private final RunOutcome outcome;
  private final boolean success;
  private final String message;
  private final RunProgress progress;
  private final Duration duration;
  private final boolean complete;
  private final @Nullable Throwable failure;

  private SyncResult(Builder builder) {
    this.runId = builder.progress.runId();
    this.outcome = builder.outcome;
    this.success = builder.success;
    this.message = builder.message;
    this.progress = builder.progress;
    this.duration = builder.duration;
    this.complete = builder.complete;
    this.failure = builder.failure;
  }

  /**
   * Starts a result.
   *
   * @param outcome how the run ended
   * @param message the outcome in words
   * @param progress how far it came
   */
  public static Builder builder(RunOutcome outcome, String message, RunProgress progress) {
    return new Builder(outcome, message, progress);
  }

  /** How the run ended. */
  public RunOutcome outcome() {
    return outcome;
  }

  /**
   * False if the run could not be carried out to its end, or held something back; trades that
   * failed one by one do not make it false.
   */
  public boolean success() {
    return success;
  }

  /**
   * Whether the run left no gap that it found in its range: it was carried out to its end, no trade
   * failed, and nothing was left within its grace period, parked, held back, or because the sink
   * does not support the change. A trade that moved can make it false although its gap is closed;
   * the next run, or {@link SyncEngine#health()}, then says so.
   */
  public boolean isComplete() {
    return complete;
  }

  /** The outcome in words. */
  public String message() {
    return message;
  }

  /** The trades that are processed now, also those that another path processed meanwhile. */
  public long processed() {
    return progress.processed();
  }

  /** The trades that failed and are marked so. */
  public long errors() {
    return progress.errors();
  }

  /** The trades that were to be processed. */
  public long total() {
    return progress.total();
  }

  /** How long the run took. */
  public Duration duration() {
    return duration;
  }

  /** The run's id in the run history. */
  public String runId() {
    return runId;
  }

  /**
   * What ended the run before its end: {@link SideUnavailableException} if a side was gone, {@link
   * FailedBatchesException} if too many batches failed in a row, or what else was thrown. Empty if
   * the outcome is not {@link RunOutcome#FAILED}.
   */
  public Optional<Throwable> failure() {
    return Optional.ofNullable(failure);
  }

  @Override
  public String toString() {
    return "run %s %s after %s: %s".formatted(runId, outcome, duration, message);
  }

  /** Collects a result. Not thread-safe. */
  public static final class Builder {

    private final RunOutcome outcome;
    private final String message;
    private final RunProgress progress;
    private boolean success;
    private boolean complete;
    private Duration duration = Duration.ZERO;
    private @Nullable Throwable failure;

    private Builder(RunOutcome outcome, String message, RunProgress progress) {
      this.outcome = Objects.requireNonNull(outcome, "outcome");
      this.message = Objects.requireNonNull(message, "message");
      this.progress = Objects.requireNonNull(progress, "progress");
    }

    /** Sets whether the run was carried out to its end; false by default. */
    public Builder success(boolean value) {
      this.success = value;
      return this;
    }

    /** Sets whether no gap was left; false by default. */
    public Builder complete(boolean value) {
      this.complete = value;
      return this;
    }

    /** Sets how long the run took; zero by default. */
    public Builder duration(Duration value) {
      this.duration = Objects.requireNonNull(value, "duration");
      return this;
    }

    /** Sets what ended the run before its end; by default nothing. */
    public Builder failure(@Nullable Throwable value) {
      this.failure = value;
      return this;
    }

    /** Creates the result. */
    public SyncResult build() {
      return new SyncResult(this);
    }
  }
}
