package io.tradesync.examples.service.http;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads the candles that the store keeps. Used by several threads at once. */
public interface CandleReader {

  /** A reader for a store that keeps no candles. */
  CandleReader NONE =
      new CandleReader() {
        @Override
        public List<Integer> lengths() {
          return List.of();
        }

        @Override
        public List<Pool> pools(@Nullable Pool after, int limit) {
          return List.of();
        }

        @Override
        public List<Candle> candles(Pool pool, Span span, int limit) {
          return List.of();
        }
      };

  /** A pool of a chain. */
  record Pool(long chainId, String poolId) {}

  /**
   * Which candles are asked for.
   *
   * @param bucketSeconds their length
   * @param fromTimestamp the first second; null for the newest candles before the end
   * @param toTimestamp the second after the last one
   */
  record Span(int bucketSeconds, @Nullable Long fromTimestamp, long toTimestamp) {}

  /** One candle. Its figures are texts, since no number of JavaScript holds them exactly. */
  record Candle(
      @AlsoAs("time") long timestamp,
      @Nullable String open,
      @Nullable String high,
      @Nullable String low,
      @Nullable String close,
      String volume,
      String quoteVolume,
      long trades) {}

  /** Returns the lengths of candles that are kept, in seconds, the shortest first. */
  List<Integer> lengths();

  /**
   * Returns pools that have candles, in the order of chain and pool.
   *
   * @param after the pool after which to begin; null for the first ones
   */
  List<Pool> pools(@Nullable Pool after, int limit);

  /** Returns candles with trades, the oldest first. */
  List<Candle> candles(Pool pool, Span span, int limit);
}
