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

/**
 * The candles that a batch changes: those to which it adds, those that are recomputed now, and
 * those that are recomputed later. Not thread-safe.
 */
public final class TouchedCandles {

  private final List<Integer> bucketSeconds;
  private final List<Integer> counted;
  private final Map<CandleKey, Candle> added = new HashMap<>();
  private final NavigableMap<CandleKey, Long> replaced = new TreeMap<>();
  private final NavigableSet<CandleKey> recomputedLater = new TreeSet<>();

  /**
   * Starts without a candle.
   *
   * @param bucketSeconds the lengths of candles, ascending
   */
  public TouchedCandles(List<Integer> bucketSeconds) {
    this.bucketSeconds = bucketSeconds;
    this.counted = bucketSeconds.stream().filter(seconds -> part(seconds).isEmpty()).toList();
  }

  /** The longest length of candles that are parts of those of another length. */
  private OptionalInt part(int seconds) {
    return bucketSeconds.stream()
        .mapToInt(shorter -> shorter)
        .filter(shorter -> shorter < seconds && seconds % shorter == 0)
        .max();
  }

  /** Adds a new trade. */
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

  /** What the new trades add to candles of every length. */
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

  /** Replaces a trade, whose row was {@code old} and is {@code now}. */
  public void replace(TradeRow old, TradeRow now) {
    remove(old);
    if (now.counts()) {
      candles(now).forEach(key -> replaced.merge(key, 1L, Long::sum));
    }
  }

  /** Removes a trade. */
  public void remove(TradeRow old) {
    if (old.counts()) {
      candles(old).forEach(key -> replaced.merge(key, -1L, Long::sum));
    }
  }

  /** Has a trade's candles recomputed in a later transaction. */
  public void recomputeLater(Trade trade) {
    candles(TradeRow.of(trade)).forEach(recomputedLater::add);
  }

  private Stream<CandleKey> candles(TradeRow row) {
    return bucketSeconds.stream()
        .map(s -> CandleKey.at(row.chainId(), row.poolId(), s, row.key().epochSecond()));
  }

  /** What the new trades add to candles that are not recomputed now. */
  public NavigableMap<CandleKey, Candle> added() {
    NavigableMap<CandleKey, Candle> only = sums();
    only.keySet().removeAll(replaced.keySet());
    return only;
  }

  /** The candles to recompute now, each with how many trades more it has than its row counts. */
  public NavigableMap<CandleKey, Long> recomputed() {
    NavigableMap<CandleKey, Long> more = new TreeMap<>();
    if (replaced.isEmpty()) {
      return more;
    }
    NavigableMap<CandleKey, Candle> sums = sums();
    replaced.forEach(
        (key, net) -> more.put(key, net + sums.getOrDefault(key, Candle.NOTHING).trades()));
    return more;
  }

  /** The candles to recompute in a later transaction. */
  public NavigableSet<CandleKey> recomputedLater() {
    return recomputedLater;
  }
}
