package io.tradesync.jdbc.internal.sink;

import io.tradesync.Trade;
import io.tradesync.TradeKey;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.NavigableSet;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * What a batch does to candles: what its trades add to them, what trades that are replaced or
 * retracted take from them, and which candles are recomputed. Not thread-safe.
 */
public final class TouchedCandles {

  private final List<Integer> bucketSeconds;
  private final List<Integer> counted;
  private final Map<CandleKey, Candle> added = new HashMap<>();
  private final Map<CandleKey, Candle> removed = new HashMap<>();
  private final NavigableSet<CandleKey> recomputed = new TreeSet<>();
  private final Set<CandleKey> recomputedLater = new HashSet<>();

  /**
   * Starts without a candle.
   *
   * @param bucketSeconds the lengths of candles, ascending
   */
  public TouchedCandles(List<Integer> bucketSeconds) {
    this.bucketSeconds = bucketSeconds;
    this.counted = bucketSeconds.stream().filter(seconds -> part(seconds).isEmpty()).toList();
  }

  /** The longest length whose sums give those of another length. */
  private OptionalInt part(int seconds) {
    return bucketSeconds.stream()
        .mapToInt(shorter -> shorter)
        .filter(shorter -> shorter < seconds && seconds % shorter == 0)
        .max();
  }

  /** Adds a new trade. */
  public void add(Trade trade) {
    count(
        Candle.of(trade.key(), trade.price(), trade.quantity()),
        trade.chainId(),
        trade.poolId(),
        added);
  }

  /** Replaces a trade, whose row was {@code old}. */
  public void replace(TradeRow old, Trade now) {
    remove(old);
    add(now);
  }

  /** Removes a trade. */
  public void remove(TradeRow old) {
    if (old.isFinite()) {
      count(
          Candle.of(old.key(), old.price(), old.quantity()), old.chainId(), old.poolId(), removed);
    } else {
      candles(old.chainId(), old.poolId(), old.key()).forEach(recomputed::add);
    }
  }

  private void count(Candle candle, long chainId, String poolId, Map<CandleKey, Candle> candles) {
    TradeKey key = candle.first();
    if (key != null) {
      for (int seconds : counted) {
        candles.merge(
            CandleKey.at(chainId, poolId, seconds, key.epochSecond()), candle, Candle::plus);
      }
    }
  }

  /** Has a trade's candles recomputed, because nobody knows what they hold of it. */
  public void recompute(Trade trade) {
    candles(trade.chainId(), trade.poolId(), trade.key()).forEach(recomputed::add);
  }

  /** Has a trade's candles recomputed in a later transaction. */
  public void recomputeLater(Trade trade) {
    candles(trade.chainId(), trade.poolId(), trade.key()).forEach(recomputedLater::add);
  }

  private Stream<CandleKey> candles(long chainId, String poolId, TradeKey key) {
    return bucketSeconds.stream().map(s -> CandleKey.at(chainId, poolId, s, key.epochSecond()));
  }

  /** Sums of every length from those of the lengths that are counted. */
  private NavigableMap<CandleKey, Candle> sums(Map<CandleKey, Candle> ofCounted) {
    NavigableMap<CandleKey, Candle> sums = new TreeMap<>(ofCounted);
    if (sums.isEmpty()) {
      return sums;
    }
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

  /** What trades add, by candle. */
  NavigableMap<CandleKey, Candle> added() {
    return sums(added);
  }

  /** What trades that are no longer there take, by candle. */
  NavigableMap<CandleKey, Candle> removed() {
    return sums(removed);
  }

  /** The candles to recompute. */
  NavigableSet<CandleKey> recomputed() {
    return recomputed;
  }

  /** The candles to recompute in a later transaction. */
  public NavigableSet<CandleKey> recomputedLater() {
    return new TreeSet<>(recomputedLater);
  }
}
