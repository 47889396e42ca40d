package io.tradesync;

import java.time.Instant;
import java.util.Objects;

/** Another run of the same service is under way, in this process or in another one. */
public final class SyncAlreadyRunningException extends TradesyncException {

  private static final long serialVersionUID = 1L;

  /** The run under way. */
  private final String runId;

  /** When it began. */
  private final Instant startedAt;

  /**
   * Makes an exception.
   *
   * @param runId the run that holds the lease
   * @param startedAt when that run began, by the store's clock
   */
  public SyncAlreadyRunningException(String runId, Instant startedAt) {
    super("run " + runId + " is under way since " + startedAt);
    this.runId = Objects.requireNonNull(runId, "runId");
    this.startedAt = Objects.requireNonNull(startedAt, "startedAt");
  }

  /**
   * The run that is under way.
   *
   * @return its id
   */
  public String runId() {
    return runId;
  }

  /**
   * When that run began.
   *
   * @return the time, by the store's clock
   */
  public Instant startedAt() {
    return startedAt;
  }
}
