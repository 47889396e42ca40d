package io.tradesync.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.tradesync.Trade;
import io.tradesync.TradeKey;
import io.tradesync.spi.AnalyticsSink;
import io.tradesync.spi.SinkCapability;
import io.tradesync.spi.TradeBatch;
import io.tradesync.spi.TradeChange;
import io.tradesync.spi.TransactionalSink;
import io.tradesync.spi.log.Claim;
import io.tradesync.spi.log.SyncLog;
import java.io.IOException;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.ExtendWith;

/** The base of the parts of {@link AnalyticsSinkContract}: trades, changes, and what is held. */
@ExtendWith(BrokenRuleReport.class)
abstract class SinkContractPart {

  final RecordedCalls calls = new RecordedCalls();

  static final long T = AnalyticsSinkContract.T;

  final AnalyticsSinkContract contract;
  AnalyticsSink sink;
  SyncLog log;

  SinkContractPart(AnalyticsSinkContract contract) {
    this.contract = contract;
  }

  @BeforeEach
  final void useSink() {
    sink = calls.of(contract.sink);
    log = contract.log;
  }

  /** Checks a sink that lacks a capability: an engine reports such gaps and never sends them. */
  final void assertThatNothingUndeclaredIsSent() throws Exception {
    new DeclaredChangesCheck(this).assertThatNothingUndeclaredIsSent();
  }

  static Trade trade(String id, long second, long price) {
    return Trade.builder(id, second, 1, "pool")
        .price(BigDecimal.valueOf(price))
        .quantity(BigDecimal.valueOf(2))
        .transactionId("0x" + id)
        .side("Buy")
        .build();
  }

  static List<Trade> trades(int count) {
    return IntStream.range(0, count)
        .mapToObj(i -> trade(String.format(Locale.ROOT, "t%04d", i), T + i / 3, i + 1))
        .toList();
  }

  static TradeChange insert(Trade trade) {
    return new TradeChange.Insert(trade);
  }

  static TradeChange replace(Trade trade) {
    return new TradeChange.Replace(trade.key(), trade);
  }

  final TradeBatch batch(boolean forced, Collection<? extends TradeChange> changes) {
    // A retraction before the write of the same id at another key, as an engine does.
    List<TradeChange> inOrder =
        new ArrayList<>(
            new Claim(List.copyOf(changes), List.of(), List.of())
                .withRevisions(contract.nextRevision)
                .changes());
    contract.nextRevision += inOrder.size();
    inOrder.sort(Comparator.comparing(TradeChange::key));
    return new TradeBatch(log.service(), "batch-" + contract.batches++, forced, inOrder);
  }

  final void write(TradeChange... changes) throws Exception {
    write(batch(false, Arrays.asList(changes)));
  }

  final void insert(Collection<Trade> trades) throws Exception {
    write(batch(false, trades.stream().map(TradeChange.Insert::new).toList()));
  }

  final void write(TradeBatch batch) throws Exception {
    if (sink instanceof TransactionalSink<?> joining) {
      join(joining, batch, false);
    } else {
      sink.write(batch);
    }
  }

  final <T> void join(TransactionalSink<T> joining, TradeBatch batch, boolean fails)
      throws Exception {
    boolean ignored =
        log.transact(
            null,
            transaction -> {
              joining.write(batch, joining.transactionType().cast(transaction.handle()));
              if (fails) {
                throw new IOException("after the batch was written");
              }
              return true;
            });
  }

  /** Whether a change can come twice: in the log's transaction it cannot. */
  final boolean canComeAgain() {
    return contract.discardsRepeats() || !(sink instanceof TransactionalSink);
  }

  final boolean can(SinkCapability... capabilities) {
    return sink.capabilities().containsAll(List.of(capabilities));
  }

  /** Each trade is held once, and nothing besides. */
  final void assertHeld(Trade... trades) throws Exception {
    assertHeld(List.of(trades));
  }

  final void assertHeld(Collection<Trade> trades) throws Exception {
    assertThat(byKey(contract.held()))
        .isEqualTo(byKey(trades.stream().map(contract::kept).toList()));
  }

  final Map<TradeKey, List<Trade>> byKey(Collection<Trade> trades) {
    Map<TradeKey, List<Trade>> byKey = new TreeMap<>();
    for (Trade trade : trades) {
      List<Trade> there = byKey.computeIfAbsent(trade.key(), key -> new ArrayList<>());
      if (contract.discardsRepeats() || !there.contains(trade)) {
        there.add(trade);
      }
    }
    return byKey;
  }

  final void completeDeferred() throws Exception {
    if (sink instanceof TransactionalSink<?> joining) {
      int calls = 0;
      while (completesDeferred(joining)) {
        assertThat(++calls).as("calls of completeDeferred").isLessThan(1_000);
      }
    }
  }

  final <T> boolean completesDeferred(TransactionalSink<T> joining) throws Exception {
    return log.transact(
        null, t -> joining.completeDeferred(joining.transactionType().cast(t.handle())));
  }
}
