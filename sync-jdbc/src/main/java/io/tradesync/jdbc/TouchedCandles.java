package io.tradesync.jdbc;

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
final class TouchedCandles {

  private final List<Integer> bucketSeconds;
  private final List<Integer> counted;
  private final Map<Bucket, Candle> added = new HashMap<>();
  private final NavigableMap<Bucket, Long> replaced = new TreeMap<>();
  private final NavigableSet<Bucket> rebuilt = new TreeSet<>();

  /**
   * Starts with none.
   *
   * @param bucketSeconds the lengths of candles, ascending
   */
  TouchedCandles(List<Integer> bucketSeconds) {
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
  void add(Trade trade) {
    Candle candle = Candle.of(trade);
    if (candle.trades() > 0) {
      for (int seconds : counted) {
        added.merge(
            Bucket.at(trade.chainId(), trade.poolId(), seconds, trade.epochSecond()),
            candle,
            Candle::plus);
      }
    }
  }

  /** What new trades add, to candles of every length. */
  private NavigableMap<Bucket, Candle> sums() {
    NavigableMap<Bucket, Candle> sums = new TreeMap<>(added);
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
  void replace(TradeRow old, TradeRow now) {
    remove(old);
    if (now.counts()) {
      buckets(now).forEach(bucket -> replaced.merge(bucket, 1L, Long::sum));
    }
  }

  /** A trade that is gone. */
  void remove(TradeRow old) {
    if (old.counts()) {
      buckets(old).forEach(bucket -> replaced.merge(bucket, -1L, Long::sum));
    }
  }

  /** A trade whose candles are to be computed anew after the run. */
  void rebuild(Trade trade) {
    buckets(TradeRow.of(trade)).forEach(rebuilt::add);
  }

  private Stream<Bucket> buckets(TradeRow row) {
    return bucketSeconds.stream()
        .map(s -> Bucket.at(row.chainId(), row.poolId(), s, row.key().epochSecond()));
  }

  /** What new trades add, for candles that are not computed anew now. */
  NavigableMap<Bucket, Candle> added() {
    NavigableMap<Bucket, Candle> only = sums();
    only.keySet().removeAll(replaced.keySet());
    return only;
  }

  /** The candles to be computed anew now, each with how many trades more it has than it counts. */
  NavigableMap<Bucket, Long> recomputed() {
    NavigableMap<Bucket, Long> more = new TreeMap<>();
    if (replaced.isEmpty()) {
      return more;
    }
    NavigableMap<Bucket, Candle> sums = sums();
    replaced.forEach(
        (bucket, net) ->
            more.put(bucket, net + sums.getOrDefault(bucket, Candle.NOTHING).trades()));
    return more;
  }

  /** The candles to be computed anew later. */
  NavigableSet<Bucket> rebuilt() {
    return rebuilt;
  }
}
