package io.tradesync.examples.service.http;

import io.tradesync.spi.FeedHealth;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Totals of this process, and how its live feeds are doing. */
final class FeedAnswers {

  private FeedAnswers() {}

  /**
   * What this process did since it started; the rate is over the time that runs took. Without
   * listening to Ponder's notifications, {@code ponderNotify} is null.
   *
   * @param run the run of this process that is under way
   * @param lastResult how the last run of this process ended
   */
  record Stats(
      @AlsoAs("sinceTimestamp") String since,
      long uptimeSeconds,
      long runs,
      long processed,
      long errors,
      long tradesPerSecond,
      Live live,
      @Nullable PonderNotify ponderNotify,
      Activity activity,
      Answers.@Nullable Progress run,
      Answers.@Nullable Result lastResult) {}

  /**
   * What the engine of this process is busy with, and since when health has been as it is.
   *
   * @param workersBusy threads that write batches now
   * @param retries calls and batches that were tried again since the start
   * @param healthy what the last health said; null if none was computed yet
   * @param asOf when that health was computed
   */
  record Activity(
      long workersBusy,
      long retries,
      @Nullable Boolean healthy,
      @AlsoAs("healthySinceTimestamp") @Nullable String healthySince,
      @AlsoAs("asOfTimestamp") @Nullable String asOf) {}

  /** How the consumer of the streams is doing; what is pending, and the lag, are as of a moment. */
  record Live(
      boolean up,
      @Nullable String reason,
      boolean paused,
      long consumed,
      long malformed,
      long deadLetters,
      long trimmed,
      long unanswered,
      long claimed,
      long foreignConsumers,
      Map<String, Long> losses,
      @Nullable Long pending,
      @Nullable Long oldestPendingSeconds,
      @Nullable Long lag,
      List<LiveStream> streams,
      @AlsoAs("asOfTimestamp") @Nullable String asOf) {

    static Live of(FeedHealth health) {
      Duration oldest = health.backlog().oldestPending();
      Instant seen = health.backlog().asOf();
      return new Live(
          health.up(),
          health.reason(),
          health.paused(),
          count(health, "consumed"),
          count(health, "malformed"),
          count(health, "deadLetters"),
          count(health, "trimmed"),
          count(health, "unanswered"),
          count(health, "claimed"),
          count(health, "foreignConsumers"),
          health.losses(),
          health.backlog().pending(),
          oldest == null ? null : oldest.toSeconds(),
          health.backlog().lag(),
          health.channels().stream().map(LiveStream::of).toList(),
          seen == null ? null : seen.toString());
    }
  }

  /** A stream of the live path, which is up or down by itself. */
  record LiveStream(String name, boolean up, @Nullable String reason) {

    static LiveStream of(FeedHealth.Channel stream) {
      return new LiveStream(stream.name(), stream.up(), stream.reason());
    }
  }

  record PonderNotify(
      boolean up, @Nullable String reason, long notifications, long readings, long losses) {

    static PonderNotify of(FeedHealth health) {
      return new PonderNotify(
          health.up(),
          health.reason(),
          count(health, "notifications"),
          count(health, "readings"),
          health.totalLosses());
    }
  }

  /** A feed that was never started counts nothing. */
  private static long count(FeedHealth health, String counter) {
    return health.counters().getOrDefault(counter, 0L);
  }
}
