package io.tradesync.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.tradesync.GapCounts;
import io.tradesync.SyncEngine;
import io.tradesync.Trade;
import io.tradesync.inmemory.InMemorySink;
import io.tradesync.inmemory.InMemorySyncLog;
import io.tradesync.inmemory.InMemoryTradeSource;
import io.tradesync.inmemory.InMemoryTransaction;
import io.tradesync.testkit.FaultInjectingSink.Fault;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FaultInjectingSinkTest {

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void whatFailsIsAGapUntilTheFaultIsGone(boolean afterTheWrite) {
    Fault fault =
        batch -> {
          if (batch.changes().stream().anyMatch(change -> change.key().id().equals("b"))) {
            throw new IllegalStateException("b is broken");
          }
        };
    InMemorySink held = new InMemorySink();
    FaultInjectingSink<InMemoryTransaction> sink = new FaultInjectingSink<>(held);
    try (SyncEngine engine =
        SyncEngine.builder()
            .source(new InMemoryTradeSource().put(trade("a"), trade("b"), trade("c")))
            .log(new InMemorySyncLog())
            .sink(afterTheWrite ? sink.failingAfter(fault) : sink.failingBefore(fault))
            .build()) {
      assertThat(engine.run().message())
          .isEqualTo("Sync completed with errors: 2/3 trades processed");
      assertThat(engine.health().gaps()).isEqualTo(new GapCounts(0, 1, 0, 0));
      assertThat(held.trades()).extracting(Trade::id).containsExactly("a", "c");

      sink.failingBefore(Fault.NONE).failingAfter(Fault.NONE);

      assertThat(engine.run().message()).isEqualTo("Sync completed: 1/1 trades processed");
      assertThat(held.trades()).extracting(Trade::id).containsExactly("a", "b", "c");
    }
  }

  private static Trade trade(String id) {
    return Trade.builder(id, 1_754_400_000L, 1, "pool").build();
  }
}
