package io.tradesync.examples.benchmarks;

import java.math.BigDecimal;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The candles of some trades, which are added in the order of their keys; for the contestants that
 * use no library. Not thread-safe.
 */
final class PlainCandles {

  private record Bucket(long chainId, String poolId, int seconds, long start) {}

  private static final class Candle {
    private final BigDecimal open;
    private BigDecimal high;
    private BigDecimal low;
    private BigDecimal close;
    private BigDecimal volume = BigDecimal.ZERO;
    private BigDecimal quoteVolume = BigDecimal.ZERO;
    private long trades;

    Candle(BigDecimal open) {
      this.open = open;
      this.high = open;
      this.low = open;
      this.close = open;
    }

    void add(BigDecimal price, BigDecimal quantity, BigDecimal product) {
      high = high.max(price);
      low = low.min(price);
      close = price;
      volume = volume.add(quantity);
      quoteVolume = quoteVolume.add(product);
      trades++;
    }

    Object[] row(Bucket bucket) {
      return new Object[] {
        bucket.chainId,
        bucket.poolId,
        bucket.seconds,
        bucket.start,
        open,
        high,
        low,
        close,
        volume,
        quoteVolume,
        trades
      };
    }
  }

  private final Map<Bucket, Candle> candles = new LinkedHashMap<>();

  void add(long chainId, String poolId, long second, BigDecimal price, BigDecimal quantity) {
    BigDecimal product = price.multiply(quantity);
    for (int seconds : PlainTables.BUCKET_SECONDS) {
      long start = Math.floorDiv(second, seconds) * seconds;
      candles
          .computeIfAbsent(new Bucket(chainId, poolId, seconds, start), bucket -> new Candle(price))
          .add(price, quantity, product);
    }
  }

  /** The parameters of {@link PlainTables#ADD_TO_CANDLE}, one array a candle. */
  List<Object[]> rows() {
    return candles.entrySet().stream()
        .map(candle -> candle.getValue().row(candle.getKey()))
        .toList();
  }
}
