package io.tradesync.examples.service.http;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.tradesync.ForcedTrades;
import io.tradesync.GapCounts;
import io.tradesync.RunOutcome;
import io.tradesync.RunProgress;
import io.tradesync.SyncHealth;
import io.tradesync.SyncResult;
import io.tradesync.SyncRun;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The bodies of the answers; their fields stand in the order in which they are written. */
final class Answers {

  private Answers() {}

  record Health(
      String status,
      boolean isHealthy,
      long lagMinutes,
      @AlsoAs("lastPonderTime") @Nullable Long lastPonderTimestamp,
      @AlsoAs("lastAnalyticsTime") @Nullable Long lastAnalyticsTimestamp,
      String recommendation,
      long missedTrades,
      GapCounts gaps,
      @Nullable Verified verified,
      @AlsoAs("retainedSinceTime") @Nullable Long retainedSince,
      long accepted,
      long kept,
      long storeDiffers,
      long candlesToRecompute,
      @JsonInclude(JsonInclude.Include.NON_NULL) @AlsoAs("asOfTimestamp") @Nullable String asOf,
      @JsonInclude(JsonInclude.Include.NON_NULL) @AlsoAs("storeDiffersAsOfTimestamp")
          @Nullable String storeDiffersAsOf,
      @JsonInclude(JsonInclude.Include.NON_NULL) @AlsoAs("outsideKeyOrderAsOfTimestamp")
          @Nullable String outsideKeyOrderAsOf,
      @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable String problem) {

    /**
     * @param asOf when it was computed; null for now
     * @param problem why none could be computed since; null if nobody tried, or it could
     */
    static Health of(SyncHealth health, @Nullable Instant asOf, @Nullable String problem) {
      return new Health(
          health.isHealthy() ? "healthy" : "unhealthy",
          health.isHealthy(),
          health.lagMinutes(),
          health.lastSourceEpochSecond(),
          health.lastProcessedEpochSecond(),
          health.recommendation().name(),
          health.missedTrades(),
          health.gaps(),
          Verified.of(health.verified()),
          health.retainedSinceEpochSecond(),
          health.accepted(),
          health.kept(),
          health.storeDiffers(),
          health.candlesToRecompute(),
          text(asOf),
          text(health.store().storeDiffersAsOf()),
          text(health.store().outsideKeyOrderAsOf()),
          problem);
    }
  }

  static @Nullable String text(@Nullable Instant time) {
    return time == null ? null : time.toString();
  }

  /** Up to which second nothing is compared again, and since when. */
  record Verified(@AlsoAs("throughTime") long through, @AlsoAs("atTimestamp") String at) {

    static @Nullable Verified of(io.tradesync.@Nullable Verified verified) {
      return verified == null
          ? null
          : new Verified(verified.throughEpochSecond(), verified.at().toString());
    }
  }

  record Result(
      boolean success,
      String message,
      long processed,
      long errors,
      long total,
      long duration,
      String runId) {

    static Result of(SyncResult result) {
      return new Result(
          result.success(),
          result.message(),
          result.processed(),
          result.errors(),
          result.total(),
          result.duration().toMillis(),
          result.runId());
    }
  }

  record Run(
      String runId,
      String kind,
      String outcome,
      @AlsoAs("startedTimestamp") String startedAt,
      @AlsoAs("endedTimestamp") @Nullable String endedAt,
      String host,
      long processed,
      long errors,
      long total,
      @AlsoAs("fromTime") @Nullable Long fromTimestamp,
      @Nullable String message,
      @JsonInclude(JsonInclude.Include.NON_NULL) @AlsoAs("toTime") @Nullable Long toTimestamp,
      @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable List<Long> chains,
      @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable List<String> pools,
      @JsonInclude(JsonInclude.Include.NON_NULL) @AlsoAs("asOfTimestamp") @Nullable String asOf) {

    static Run of(SyncRun run) {
      ForcedTrades forced = run.forced();
      return new Run(
          run.id(),
          word(run.kind()),
          word(run.outcome()),
          run.startedAt().toString(),
          text(run.endedAt()),
          run.host(),
          run.processed(),
          run.errors(),
          run.total(),
          forced == null ? null : forced.afterEpochSecond(),
          run.message(),
          forced == null ? null : forced.toEpochSecond(),
          forced == null ? null : listed(forced.selection().chains()),
          forced == null ? null : listed(forced.selection().pools()),
          run.outcome() == RunOutcome.RUNNING ? run.asOf().toString() : null);
    }
  }

  private static <T> @Nullable List<T> listed(Set<T> elements) {
    return elements.isEmpty() ? null : List.copyOf(elements);
  }

  /** One page of runs; {@code next} is the next page's {@code after}. */
  record Runs(List<Run> runs, @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable String next) {

    /** Takes one run more than the page may have, if there is one. */
    static Runs of(List<SyncRun> found, int limit) {
      return new Runs(
          found.stream().limit(limit).map(Run::of).toList(),
          found.size() <= limit ? null : found.get(limit - 1).id());
    }
  }

  record Started(String runId, String kind) {}

  record Planned(String runId, long total) {}

  record Progress(
      String runId,
      long batch,
      long batches,
      long processed,
      long errors,
      long total,
      String message) {

    static Progress of(RunProgress progress) {
      return new Progress(
          progress.runId(),
          progress.batch(),
          progress.batches(),
          progress.processed(),
          progress.errors(),
          progress.total(),
          progress.message());
    }
  }

  record Accepted(String runId) {}

  record Released(long released) {}

  record AcceptedFailures(long accepted) {}

  static String word(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }
}
