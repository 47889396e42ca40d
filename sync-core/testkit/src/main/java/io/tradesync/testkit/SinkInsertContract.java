package io.tradesync.testkit;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tradesync.Trade;
import io.tradesync.spi.SinkCapability;
import io.tradesync.spi.TradeBatch;
import io.tradesync.spi.TradeChange;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** Checks inserts, batches that failed, and writing from several threads. */
abstract class SinkInsertContract extends SinkContractPart {

  SinkInsertContract(AnalyticsSinkContract contract) {
    super(contract);
  }

  private static final BigDecimal LARGEST =
      new BigDecimal(BigInteger.TWO.pow(256).subtract(BigInteger.ONE));
  private static final int THREADS = 8;

  @Test
  void itUnderstandsInsertsAndAlwaysTheSameKinds() {
    Set<SinkCapability> capabilities = Set.copyOf(sink.capabilities());

    assertThat(capabilities).contains(SinkCapability.INSERT);
    assertThat(sink.capabilities()).isEqualTo(capabilities);
  }

  @Test
  void whatIsInsertedIsHeldOnceTheWriteReturns() throws Exception {
    assertHeld();
    insert(trades(1));
    assertHeld(trades(1));
    insert(trades(700).subList(1, 700));
    assertHeld(trades(700));
  }

  @Test
  void everyColumnIsHeldExactly() throws Exception {
    List<Trade> odd =
        List.of(
            trade(" ", T, 1),
            trade("'; -- \\ \"%s\" ?:{x}", T, 1),
            trade("ä€\ufffd\ud834\udd1e", T, 1),
            trade("a", -T, 1),
            Trade.builder("large", T, Integer.MAX_VALUE, "0xPool")
                .price(LARGEST)
                .quantity(LARGEST)
                .transactionId("")
                .side("Sell")
                .build(),
            Trade.builder("more", T, 1, "pool")
                .attribute("fee", "0.3, \"x\"")
                .attribute("maker", null)
                .build(),
            Trade.builder("null", T, 2, "").build(),
            Trade.builder("small", T, 1, "pool")
                .price(new BigDecimal("0.000000000000000001"))
                .quantity(BigDecimal.ZERO)
                .build());
    List<Trade> possible = odd.stream().filter(contract::canHold).toList();
    insert(possible);
    for (Trade trade : odd) {
      if (!contract.canHold(trade)) {
        assertThatThrownBy(() -> insert(List.of(trade))).isInstanceOf(Exception.class);
      }
    }
    assertHeld(possible);
  }

  @Test
  void keysThatShareTheirSecondOrTheirLettersAreToldApart() throws Exception {
    Trade a = trade("a", T, 1);
    Trade upper = trade("A", T, 2);
    Trade later = trade("a ", T, 3);
    insert(List.of(upper, a, later));
    assertHeld(a, upper, later);
  }

  @Test
  void aBatchThatFailedIsCarriedOutWhenItIsTriedAgain() throws Exception {
    List<Trade> trades = trades(20);
    insert(trades.subList(0, 5));
    TradeBatch batch =
        batch(false, trades.subList(5, 20).stream().map(TradeChange.Insert::new).toList());
    if (contract.cutOff()) {
      assertThatThrownBy(() -> write(batch)).isInstanceOf(Exception.class);
      contract.reconnect();
    }
    sink.probe();
    write(batch);
    assertHeld(trades);
  }

  @Test
  void aFailureThatIsNoneOfItsOwnIsLeftToOthersToSort() {
    assertThat(sink.classify(new IllegalStateException("no kind of mine"))).isEmpty();
  }

  @Test
  void manyThreadsWriteAtOnceAndWaitForNoneOfEachOther() throws Exception {
    List<Callable<Boolean>> work = new ArrayList<>();
    List<Trade> all = new ArrayList<>();
    for (int thread = 0; thread < THREADS; thread++) {
      List<TradeBatch> own = new ArrayList<>();
      for (int number = 0; number < 6; number++) {
        List<Trade> trades = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
          // Neighbours in time belong to different threads.
          trades.add(trade("t" + thread + "-" + number, T + (i * 40 + number * 7) % 320, i + 1));
        }
        trades.replaceAll(t -> trade(t.id() + "-" + t.epochSecond(), t.epochSecond(), 3));
        all.addAll(trades);
        own.add(batch(false, trades.stream().map(TradeChange.Insert::new).toList()));
      }
      work.add(
          () -> {
            for (TradeBatch batch : own) {
              write(batch);
            }
            return true;
          });
    }
    ExecutorService threads = Executors.newFixedThreadPool(THREADS);
    try {
      for (Future<Boolean> done : threads.invokeAll(work, 60, SECONDS)) {
        assertThat(done.get()).isTrue();
      }
    } finally {
      threads.shutdownNow();
    }
    assertHeld(all);
  }
}
