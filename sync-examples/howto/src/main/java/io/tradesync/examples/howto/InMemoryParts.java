package io.tradesync.examples.howto;

import io.tradesync.SyncEngine;
import io.tradesync.Trade;
import io.tradesync.inmemory.InMemorySink;
import io.tradesync.inmemory.InMemorySyncLog;
import io.tradesync.inmemory.InMemoryTradeSource;
import java.math.BigDecimal;

/** Runs an engine without any server, as a unit test of a service does. */
public final class InMemoryParts {

  private InMemoryParts() {}

  /** Takes nothing. */
  public static void main(String... args) {
    InMemoryTradeSource source = new InMemoryTradeSource();
    InMemorySink sink = new InMemorySink();
    try (SyncEngine engine =
        SyncEngine.builder().source(source).log(new InMemorySyncLog()).sink(sink).build()) {
      source.put(trade("a", 1_754_400_000L), trade("b", 1_754_400_060L));
      engine.run();
      System.out.println("the sink holds " + sink.trades().size() + " trades");

      source.put(trade("late", 1_754_400_030L)); // an old timestamp between the two
      System.out.println(engine.health().missedTrades() + " missed trade");
      engine.run();
      System.out.println("the sink holds " + sink.trades().size() + " trades");
    }
  }

  private static Trade trade(String id, long epochSecond) {
    return Trade.builder(id, epochSecond, 1, "pool")
        .price(BigDecimal.TEN)
        .quantity(BigDecimal.ONE)
        .build();
  }
}
