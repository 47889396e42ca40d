package io.tradesync.jdbc;

import io.tradesync.Trade;
import java.util.List;
import java.util.NavigableMap;
import java.util.NavigableSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;

/** What a batch does to candles: some are added to, some computed anew now, some later. */
final class TouchedCandles {

  private final List<Integer> bucketSeconds;
  private final NavigableMap<Bucket, Candle> added = new TreeMap<>();
  private final NavigableMap<Bucket, Long> replaced = new TreeMap<>();
  private final NavigableSet<Bucket> rebuilt = new TreeSet<>();

  TouchedCandles(List<Integer> bucketSeconds) {
    this.bucketSeconds = bucketSeconds;
  }

  /** A new trade. */
  void add(Trade trade) {
    TradeRow row = TradeRow.of(trade);
    if (row.counts()) {
      Candle candle = Candle.of(trade);
      buckets(row).forEach(bucket -> added.merge(bucket, candle, Candle::plus));
    }
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
    NavigableMap<Bucket, Candle> only = new TreeMap<>(added);
    only.keySet().removeAll(replaced.keySet());
    return only;
  }

  /** The candles to be computed anew now, each with how many trades more it has than it counts. */
  NavigableMap<Bucket, Long> recomputed() {
    NavigableMap<Bucket, Long> more = new TreeMap<>();
    replaced.forEach(
        (bucket, net) ->
            more.put(bucket, net + added.getOrDefault(bucket, Candle.NOTHING).trades()));
    return more;
  }

  /** The candles to be computed anew later. */
  NavigableSet<Bucket> rebuilt() {
    return rebuilt;
  }
}
