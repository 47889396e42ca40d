package io.tradesync.internal.thread;

/** The names of what a thread adds to its log lines: entries of SLF4J's MDC. */
public final class LogFields {

  /** The id of the run or audit that the thread works for. */
  public static final String RUN_ID = "runId";

  /**
   * The number of the batch that the thread writes, from 1, or of the first and last of several.
   */
  public static final String BATCH = "batch";

  private LogFields() {}
}
