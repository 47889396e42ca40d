package io.tradesync.examples.service.http;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.tradesync.AuditReport;
import io.tradesync.FailedTrade;
import io.tradesync.GapCounts;
import io.tradesync.GapPosition;
import io.tradesync.GapRange;
import io.tradesync.RunProgress;
import io.tradesync.StoreDifferences;
import io.tradesync.SyncHealth;
import io.tradesync.SyncPlan;
import io.tradesync.SyncResult;
import io.tradesync.SyncRun;
import io.tradesync.TradeKey;
import io.tradesync.spi.FeedHealth;
import io.tradesync.spi.OutsideRow;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The bodies of the answers; their fields stand in the order in which they are written. */
final class Answers {

  private Answers() {}

  record Health(
      String status,
      boolean isHealthy,
      long lagMinutes,
      @Nullable Long lastPonderTimestamp,
      @Nullable Long lastAnalyticsTimestamp,
      String recommendation,
      long missedTrades,
      GapCounts gaps,
      @Nullable Verified verified,
      @Nullable Long retainedSince,
      long accepted,
      long kept,
      long storeDiffers,
      long candlesToRecompute,
      @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable String asOf) {

    /**
     * @param asOf when it was computed; null for now
     */
    static Health of(SyncHealth health, @Nullable Instant asOf) {
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
          asOf == null ? null : asOf.toString());
    }
  }

  /** Up to which second nothing is compared again, and since when. */
  record Verified(long through, String at) {

    static @Nullable Verified of(io.tradesync.@Nullable Verified verified) {
      return verified == null
          ? null
          : new Verified(verified.throughEpochSecond(), verified.at().toString());
    }
  }

  /** What an audit found; rows without a timestamp are no part of a range, and have a reason. */
  record Audit(
      String runId,
      GapCounts gaps,
      List<Range> ranges,
      boolean complete,
      long duration,
      @Nullable BelowRetention belowRetention,
      @Nullable Store store) {

    /**
     * @param outside the rows outside the key order that the audit recorded, or some of them
     */
    static Audit of(AuditReport report, List<OutsideRow> outside) {
      List<Range> ranges = new ArrayList<>();
      report.ranges().forEach(range -> ranges.add(Range.of(range)));
      Long counted = report.withoutTimestamp();
      if (counted == null) {
        ranges.add(Range.outside(0, "not counted in time"));
      } else if (counted > 0) {
        Map<String, Long> byReason = new TreeMap<>();
        outside.forEach(row -> byReason.merge(row.reason(), 1L, Long::sum));
        byReason.forEach((reason, rows) -> ranges.add(Range.outside(rows, reason)));
        if (counted > outside.size()) {
          ranges.add(Range.outside(counted - outside.size(), "outside the key order"));
        }
      }
      return new Audit(
          report.runId(),
          report.gaps(),
          ranges,
          report.complete(),
          report.duration().toMillis(),
          BelowRetention.of(report.belowRetention()),
          Store.of(report.store()));
    }
  }

  /** What differs between the log and the rows of trades and candles. */
  record Store(long differing, List<SubRange> ranges, boolean complete, long notJudged) {

    static @Nullable Store of(@Nullable StoreDifferences found) {
      return found == null
          ? null
          : new Store(
              found.differing(),
              found.ranges().stream()
                  .map(
                      range ->
                          new SubRange(range.fromEpochSecond(), range.trades(), range.candles()))
                  .toList(),
              found.complete(),
              found.notJudged());
    }
  }

  /** 300 seconds in which rows of trades or candles differ. */
  record SubRange(long fromTimestamp, long trades, long candles) {}

  /** What differs below the retention boundary, where nothing is repaired. */
  record BelowRetention(
      long retainedSince,
      GapCounts gaps,
      @Nullable Long firstTimestamp,
      @Nullable Long lastTimestamp) {

    static @Nullable BelowRetention of(io.tradesync.@Nullable BelowRetention below) {
      return below == null
          ? null
          : new BelowRetention(
              below.retainedSinceEpochSecond(),
              below.differences(),
              below.firstEpochSecond(),
              below.lastEpochSecond());
    }
  }

  record Range(
      String kind,
      long trades,
      @Nullable Long firstTimestamp,
      @Nullable String firstId,
      @Nullable Long lastTimestamp,
      @Nullable String lastId,
      @Nullable String position,
      @Nullable String reason) {

    static Range outside(long rows, String reason) {
      return new Range("error", rows, null, null, null, null, null, reason);
    }

    static Range of(GapRange range) {
      GapPosition position = range.position();
      return new Range(
          word(range.kind()),
          range.trades(),
          range.first().epochSecond(),
          range.first().id(),
          range.last().epochSecond(),
          range.last().id(),
          position == null ? null : word(position),
          null);
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
      String startedAt,
      @Nullable String endedAt,
      String host,
      long processed,
      long errors,
      long total,
      @Nullable Long fromTimestamp,
      @Nullable String message) {

    static Run of(SyncRun run) {
      return new Run(
          run.id(),
          word(run.kind()),
          word(run.outcome()),
          run.startedAt().toString(),
          run.endedAt() == null ? null : run.endedAt().toString(),
          run.host(),
          run.processed(),
          run.errors(),
          run.total(),
          run.forcedAfterEpochSecond(),
          run.message());
    }
  }

  record Runs(List<Run> runs) {}

  record Failure(
      String id,
      long timestamp,
      String reason,
      int attempts,
      String failedAt,
      String runId,
      boolean parked,
      String ref,
      @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable String accepted) {

    static Failure of(FailedTrade trade) {
      return new Failure(
          trade.key().id(),
          trade.key().epochSecond(),
          trade.reason(),
          trade.attempts(),
          trade.failedAt().toString(),
          trade.runId(),
          trade.parked(),
          refOf(trade.key()),
          trade.accepted());
    }
  }

  /** A row of the source outside the key order; a long id is cut. */
  record Outside(
      @Nullable String id,
      String idSha256,
      @Nullable Long timestamp,
      String column,
      String reason) {

    static Outside of(OutsideRow row) {
      return new Outside(row.id(), row.idHash(), row.epochSecond(), row.column(), row.reason());
    }
  }

  /**
   * One page of failed trades; {@code next} is the next page's {@code after}. Only the first page
   * holds rows outside the key order, since they have no place among the others.
   */
  record Failures(
      List<Failure> errors,
      @Nullable String next,
      @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable List<Outside> outsideKeyOrder) {

    static Failures of(List<FailedTrade> page, int limit, @Nullable List<OutsideRow> outside) {
      List<Failure> errors = page.stream().map(Failure::of).toList();
      return new Failures(
          errors,
          page.size() < limit ? null : refOf(page.get(page.size() - 1).key()),
          outside == null ? null : outside.stream().map(Outside::of).toList());
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

  /** What a run would do; {@code ranges} are those of an audit. */
  record PlannedWork(
      GapCounts gaps, long writes, long batches, List<Range> ranges, boolean complete) {

    static PlannedWork of(SyncPlan plan) {
      return new PlannedWork(
          plan.gaps(),
          plan.writes(),
          plan.batches(),
          plan.ranges().stream().map(Range::of).toList(),
          plan.complete());
    }
  }

  /**
   * What this process did since it started; the rate is over the time that runs took. Without
   * listening to Ponder's notifications, {@code ponderNotify} is null.
   */
  record Stats(
      String since,
      long uptimeSeconds,
      long runs,
      long processed,
      long errors,
      long tradesPerSecond,
      Live live,
      @Nullable PonderNotify ponderNotify) {}

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
      List<LiveStream> streams) {

    static Live of(FeedHealth health) {
      Duration oldest = health.backlog().oldestPending();
      return new Live(
          health.up(),
          health.reason(),
          health.paused(),
          health.counter("consumed"),
          health.counter("malformed"),
          health.counter("deadLetters"),
          health.counter("trimmed"),
          health.counter("unanswered"),
          health.counter("claimed"),
          health.counter("foreignConsumers"),
          health.losses(),
          health.backlog().pending(),
          oldest == null ? null : oldest.toSeconds(),
          health.backlog().lag(),
          health.channels().stream().map(LiveStream::of).toList());
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
          health.counter("notifications"),
          health.counter("readings"),
          health.totalLosses());
    }
  }

  /** The text by which a failed trade is named. */
  private static String refOf(TradeKey key) {
    return key.epochSecond() + ":" + key.id();
  }

  /**
   * Reads what {@link #refOf} wrote.
   *
   * @param field the name of the field or parameter that holds it
   */
  static TradeKey key(String field, String cursor) {
    int colon = cursor.indexOf(':');
    if (cursor.indexOf('\0') >= 0) {
      // PostgreSQL cannot hold it in a text.
      throw Problem.badField(field, field + " must not contain the character U+0000");
    }
    try {
      return new TradeKey(
          Long.parseLong(cursor.substring(0, Math.max(0, colon))), cursor.substring(colon + 1));
    } catch (NumberFormatException e) {
      throw Problem.badField(
          field, field + " must be what an answer gave, timestamp:id, but is: " + cursor);
    }
  }

  static String word(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }
}
