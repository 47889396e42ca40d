package io.tradesync.redis;

import io.tradesync.Trade;
import java.math.BigDecimal;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/** Trades for tests. */
final class TestTrades {

  static final long T0 = 1_754_400_000L;

  private TestTrades() {}

  static Trade nth(int i) {
    return Trade.builder(String.format(Locale.ROOT, "t%06d", i), T0 + i, 1, "0xpool")
        .price(new BigDecimal("3000"))
        .quantity(new BigDecimal("2"))
        .transactionId("0xtx" + i)
        .side("Buy")
        .build();
  }

  /** The trades from one number up to another one, which is left out. */
  static List<Trade> range(int from, int to) {
    return IntStream.range(from, to).mapToObj(TestTrades::nth).toList();
  }
}
