package io.tradesync.jdbc.internal.sink;

import io.tradesync.Trade;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.NavigableSet;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;

/** What a batch does to candles: some are added to, some computed anew now, some later. */
public final class TouchedCandles {

  private final List<Integer> bucketSeconds;
  private final List<Integer> counted;
  private final Map<CandleKey, Candle> added = new HashMap<>();
  private final NavigableMap<CandleKey, Long> replaced = new TreeMap<>();
  private final NavigableSet<CandleKey> rebuilt = new TreeSet<>();

  /**
   * Starts with none.
   *
   * @param bucketSeconds the lengths of candles, ascending
   */
  public TouchedCandles(List<Integer> bucketSeconds) {
    this.bucketSeconds = bucketSeconds;
    this.counted = bucketSeconds.stream().filter(seconds -> part(seconds).isEmpty()).toList();
  }

  /** The longest length whose candles make up whole candles of another one. */
  private OptionalInt part(int seconds) {
    return bucketSeconds.stream()
        .mapToInt(shorter -> shorter)
        .filter(shorter -> shorter < seconds && seconds % shorter == 0)
        .max();
  }

  /** A new trade. */
  public void add(Trade trade) {
    Candle candle = Candle.of(trade);
    if (candle.trades() > 0) {
      for (int seconds : counted) {
        added.merge(
            CandleKey.at(trade.chainId(), trade.poolId(), seconds, trade.epochSecond()),
            candle,
            Candle::plus);
      }
    }
  }

  /** What new trades add, to candles of every length. */
  private NavigableMap<CandleKey, Candle> sums() {
    NavigableMap<CandleKey, Candle> sums = new TreeMap<>(added);
    for (int seconds : bucketSeconds) {
      part(seconds)
          .ifPresent(
              part ->
                  List.copyOf(sums.entrySet()).stream()
                      .filter(entry -> entry.getKey().seconds() == part)
                      .forEach(
                          entry ->
                              sums.merge(
                                  entry.getKey().longer(seconds), entry.getValue(), Candle::plus)));
    }
    return sums;
  }

  /** A trade whose row says something else now. */
  public void replace(TradeRow old, TradeRow now) {
    remove(old);
    if (now.counts()) {
      buckets(now).forEach(bucket -> replaced.merge(bucket, 1L, Long::sum));
    }
  }

  /** A trade that is gone. */
  public void remove(TradeRow old) {
    if (old.counts()) {
      buckets(old).forEach(bucket -> replaced.merge(bucket, -1L, Long::sum));
    }
  }

  /** A trade whose candles are to be computed anew after the run. */
  public void rebuild(Trade trade) {
    buckets(TradeRow.of(trade)).forEach(rebuilt::add);
  }

  private Stream<CandleKey> buckets(TradeRow row) {
    return bucketSeconds.stream()
        .map(s -> CandleKey.at(row.chainId(), row.poolId(), s, row.key().epochSecond()));
  }

  /** What new trades add, for candles that are not computed anew now. */
  public NavigableMap<CandleKey, Candle> added() {
    NavigableMap<CandleKey, Candle> only = sums();
    only.keySet().removeAll(replaced.keySet());
    return only;
  }

  /** The candles to be computed anew now, each with how many trades more it has than it counts. */
  public NavigableMap<CandleKey, Long> recomputed() {
    NavigableMap<CandleKey, Long> more = new TreeMap<>();
    if (replaced.isEmpty()) {
      return more;
    }
    NavigableMap<CandleKey, Candle> sums = sums();
    replaced.forEach(
        (bucket, net) ->
            more.put(bucket, net + sums.getOrDefault(bucket, Candle.NOTHING).trades()));
    return more;
  }

  /** The candles to be computed anew later. */
  public NavigableSet<CandleKey> rebuilt() {
    return rebuilt;
  }
}
