package io.tradesync;

import io.tradesync.spi.TradeChange;
import java.math.BigDecimal;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/** Trades for tests. */
public final class SampleTrades {

  /** The timestamp of trade_A in the scenarios. */
  public static final long T0 = 1_754_400_000L;

  private SampleTrades() {}

  public static Trade trade(String id, long epochSecond) {
    return trade(id, epochSecond, "2");
  }

  public static Trade trade(String id, long epochSecond, String quantity) {
    return trade(Trade.builder(id, epochSecond, 1, "0xpool"), id, quantity);
  }

  /** A trade of a pool. */
  public static Trade tradeOf(long chainId, String pool, String id, long epochSecond) {
    return trade(Trade.builder(id, epochSecond, chainId, pool), id, "2");
  }

  private static Trade trade(Trade.Builder builder, String id, String quantity) {
    return builder
        .price(new BigDecimal("3000"))
        .quantity(new BigDecimal(quantity))
        .transactionId("0xtx-" + id)
        .side("Buy")
        .build();
  }

  /** The i-th of many trades: ids sort as the numbers do. */
  public static Trade nth(int i, long epochSecond) {
    return trade(String.format(Locale.ROOT, "t%07d", i), epochSecond);
  }

  /** Trades at a steady pace from T0 on. */
  public static List<Trade> trades(int count, long secondsApart) {
    return IntStream.range(0, count).mapToObj(i -> nth(i, T0 + i * secondsApart)).toList();
  }

  public static List<TradeKey> keys(List<Trade> trades) {
    return trades.stream().map(Trade::key).toList();
  }

  /** Changes without their revisions, of which only the order is promised. */
  public static List<TradeChange> withoutRevisions(Collection<TradeChange> changes) {
    return changes.stream().map(change -> change.withRevision(0)).toList();
  }
}
