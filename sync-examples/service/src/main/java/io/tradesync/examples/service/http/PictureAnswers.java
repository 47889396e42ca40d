package io.tradesync.examples.service.http;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.tradesync.GapCounts;
import io.tradesync.GapPage;
import io.tradesync.Timeline;
import io.tradesync.TimelineBucket;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What is answered about trades and candles over time. */
final class PictureAnswers {

  private PictureAnswers() {}

  /** What both sides hold over time, as of a moment. */
  record Times(
      @AlsoAs("fromTime") long fromTimestamp,
      @AlsoAs("toTime") long toTimestamp,
      long bucketSeconds,
      List<Bucket> buckets,
      boolean complete,
      @AlsoAs("asOfTimestamp") String asOf) {

    static Times of(Timelines.Answer answer) {
      Timeline timeline = answer.timeline();
      return new Times(
          timeline.fromEpochSecond(),
          timeline.toEpochSecond(),
          timeline.bucketSeconds(),
          timeline.buckets().stream().map(Bucket::of).toList(),
          timeline.complete(),
          answer.asOf().toString());
    }
  }

  /** One bucket. If it is {@code different}, the sides differ, and the kinds are not told. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Bucket(
      @AlsoAs("fromTime") long fromTimestamp,
      long source,
      long processed,
      @Nullable Long missing,
      @Nullable Long error,
      @Nullable Long changed,
      @Nullable Long orphaned,
      @Nullable Boolean different) {

    static Bucket of(TimelineBucket bucket) {
      GapCounts gaps = bucket.gaps();
      return gaps == null
          ? new Bucket(
              bucket.fromEpochSecond(),
              bucket.source(),
              bucket.processed(),
              null,
              null,
              null,
              null,
              true)
          : new Bucket(
              bucket.fromEpochSecond(),
              bucket.source(),
              bucket.processed(),
              gaps.missing(),
              gaps.error(),
              gaps.changed(),
              gaps.orphaned(),
              null);
    }
  }

  /** Gaps by id; {@code next} is the next page's {@code after}. */
  record Gaps(List<OneGap> gaps, @Nullable String next) {

    static Gaps of(GapPage page) {
      return new Gaps(
          page.gaps().stream()
              .map(
                  gap ->
                      new OneGap(Answers.word(gap.kind()), gap.key().epochSecond(), gap.key().id()))
              .toList(),
          page.rest().isEmpty() ? null : FailureAnswers.refOf(page.rest().after()));
    }
  }

  record OneGap(String kind, @AlsoAs("time") long timestamp, String id) {}

  /** The candles of a pool; {@code next} is the next page's {@code from}. */
  record Candles(
      long chainId,
      String poolId,
      int bucketSeconds,
      List<CandleReader.Candle> candles,
      @Nullable Long next) {}

  /**
   * Pools that have candles, and the lengths of candles; {@code next} is the next {@code after}.
   */
  record Pools(List<CandleReader.Pool> pools, List<Integer> lengths, @Nullable String next) {}
}
