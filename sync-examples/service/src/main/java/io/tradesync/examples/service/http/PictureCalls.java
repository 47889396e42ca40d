package io.tradesync.examples.service.http;

import static io.tradesync.examples.service.http.ApiServer.json;

import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.tradesync.KeyRange;
import io.tradesync.RunOptions;
import io.tradesync.SyncEngine;
import io.tradesync.Timeline;
import io.tradesync.TradeKey;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** The calls that look at trades and candles over time, and at what a run would do. */
record PictureCalls(
    SyncEngine engine,
    Timelines timelines,
    Turn gapsTurn,
    Turn planTurn,
    CandleReader candles,
    Background background) {

  private static final int BUCKETS = 100;
  private static final int CANDLES = 200;
  private static final int HOUR = 3_600;

  /**
   * @param endedRuns counts the runs that have ended
   * @param background computes timelines for those who do not wait
   */
  PictureCalls(
      SyncEngine engine, LongSupplier endedRuns, CandleReader candles, Background background) {
    this(
        engine,
        new Timelines(engine, endedRuns),
        new Turn("lists of gaps"),
        new Turn("plans"),
        candles,
        background);
  }

  void addTo(RoutesConfig routes) {
    routes.get("/api/sync/timeline", this::timeline);
    routes.get("/api/sync/gaps", this::gaps);
    routes.get("/api/sync/plan", this::plan);
    routes.get("/api/sync/candles", this::candles);
    routes.get("/api/sync/pools", this::pools);
  }

  private void timeline(Context call) {
    int buckets = QueryParameters.number(call, "buckets", BUCKETS, Timeline.MAX_BUCKETS);
    Timelines.Question question = new Timelines.Question(range(call), buckets);
    boolean refresh = QueryParameters.flag(call, "refresh");
    Optional<Timelines.Answer> known =
        QueryParameters.flag(call, "known") ? timelines.last(question) : Optional.empty();
    if (refresh && known.isPresent() && !timelines.isFresh(question)) {
      background.begin(question, () -> timelines.get(question));
    }
    json(call, PictureAnswers.Times.of(known.orElseGet(() -> timelines.get(question))));
  }

  /** Reads {@code from} (inclusive) and {@code to} (exclusive); without them there is no bound. */
  private static KeyRange range(Context call) {
    Long from = QueryParameters.second(call, "from");
    Long to = QueryParameters.second(call, "to");
    if (from != null && to != null && from >= to) {
      throw Problem.badField("to", "to must be after from, but is: " + call.queryParam("to"));
    }
    return new KeyRange(
        from == null ? TradeKey.MIN : TradeKey.startOf(from),
        to == null ? TradeKey.MAX : TradeKey.startOf(to));
  }

  private void gaps(Context call) {
    int limit = QueryParameters.limit(call);
    KeyRange range = range(call);
    String after = call.queryParam("after");
    KeyRange rest = after == null ? range : range.after(FailureAnswers.key("after", after));
    json(call, PictureAnswers.Gaps.of(gapsTurn.take(() -> engine.gaps(rest, limit))));
  }

  private void plan(Context call) {
    RunOptions options = PlanQuestion.read(call);
    json(call, GapAnswers.PlannedWork.of(planTurn.take(() -> engine.plan(options))));
  }

  private void candles(Context call) {
    CandleReader.Pool pool =
        new CandleReader.Pool(
            QueryParameters.wholeNumber(call, "chain"), QueryParameters.text(call, "pool"));
    int length = QueryParameters.number(call, "length", HOUR, 9_999_999);
    int limit = QueryParameters.number(call, "limit", CANDLES, QueryParameters.LARGEST_PAGE);
    KeyRange range = range(call);
    List<Integer> lengths = candles.lengths();
    if (!lengths.contains(length)) {
      throw Problem.badField(
          "length", "length must be one of " + lengths + " seconds, but is: " + length);
    }
    Long from = range.after().equals(TradeKey.MIN) ? null : (Long) range.after().epochSecond();
    List<CandleReader.Candle> found =
        candles.candles(
            pool,
            new CandleReader.Span(
                length, from, Math.min(range.upTo().epochSecond(), TradeKey.MAX_EPOCH_SECOND)),
            limit);
    boolean isMore = from != null && found.size() == limit;
    json(
        call,
        new PictureAnswers.Candles(
            pool.chainId(),
            pool.poolId(),
            length,
            found,
            isMore ? (Long) (found.get(limit - 1).timestamp() + length) : null));
  }

  private void pools(Context call) {
    int limit = QueryParameters.limit(call);
    List<CandleReader.Pool> found = candles.pools(pool(call.queryParam("after")), limit);
    json(
        call,
        new PictureAnswers.Pools(
            found, candles.lengths(), found.size() < limit ? null : refOf(found.get(limit - 1))));
  }

  private static String refOf(CandleReader.Pool pool) {
    return pool.chainId() + ":" + pool.poolId();
  }

  private static CandleReader.@Nullable Pool pool(@Nullable String after) {
    if (after == null) {
      return null;
    }
    // A pool is written as a failed trade is: a number, and what follows the colon.
    TradeKey key = FailureAnswers.key("after", after);
    return new CandleReader.Pool(key.epochSecond(), key.id());
  }
}
