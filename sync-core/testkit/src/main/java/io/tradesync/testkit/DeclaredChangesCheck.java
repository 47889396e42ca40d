package io.tradesync.testkit;

import static io.tradesync.testkit.SinkContractPart.T;
import static io.tradesync.testkit.SinkContractPart.trade;
import static io.tradesync.testkit.SinkContractPart.trades;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tradesync.GapCounts;
import io.tradesync.SyncEngine;
import io.tradesync.SyncResult;
import io.tradesync.Trade;
import io.tradesync.TradeKey;
import io.tradesync.TradesyncException;
import io.tradesync.inmemory.InMemoryTradeSource;
import io.tradesync.spi.AnalyticsSink;
import io.tradesync.spi.ForwardingSink;
import io.tradesync.spi.SinkCapability;
import io.tradesync.spi.TradeBatch;
import io.tradesync.spi.TradeChange;
import io.tradesync.spi.TransactionalSink;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Runs an engine through every kind of gap, and watches which changes it sends to a sink. */
final class DeclaredChangesCheck {

  private final SinkContractPart part;

  DeclaredChangesCheck(SinkContractPart part) {
    this.part = part;
  }

  void assertThatNothingUndeclaredIsSent() throws Exception {
    Set<TradeChange> undeclared = ConcurrentHashMap.newKeySet();
    InMemoryTradeSource source = new InMemoryTradeSource();
    List<Trade> trades = trades(12);
    source.putAll(trades);
    try (SyncEngine engine =
        SyncEngine.builder()
            .source(source)
            .log(part.log)
            .sink(watched(undeclared))
            .orphanGrace(Duration.ZERO)
            .batchSize(5)
            .build()) {
      Set<TradeKey> before = new HashSet<>(part.byKey(part.contract.held()).keySet());
      assertThat(engine.run().processed()).isEqualTo(12);
      assertHeldBesides(before, trades);
      assertThat(engine.run().total()).isZero();

      Trade changed = trade("t0001", T, 1_000);
      Trade moved = trade("t0002", T + 900, 1_000);
      source.put(changed, moved, trade("t0050", T + 70, 1));
      source.remove("t0003");
      SyncResult repaired = engine.run();
      assertThat(repaired.errors()).isZero();
      GapCounts left = engine.health().gaps();
      assertThat(left.error()).isZero();
      assertThat(left.changed()).isEqualTo(part.can(SinkCapability.REPLACE) ? 0 : 1);
      if (part.can(SinkCapability.REPLACE, SinkCapability.RETRACT)) {
        assertThat(left).isEqualTo(GapCounts.NONE);
        assertHeldBesides(before, source.trades());
      } else {
        assertThat(left.total()).isPositive();
      }
      if (part.can(SinkCapability.REPLACE)) {
        assertThat(engine.forceFromEpochSecond(T - 1).errors()).isZero();
      } else {
        assertThatThrownBy(() -> engine.forceFromEpochSecond(T - 1))
            .isInstanceOf(TradesyncException.class)
            .hasMessageContaining("REPLACE");
      }
    }
    assertThat(undeclared).isEmpty();
  }

  private void assertHeldBesides(Set<TradeKey> before, List<Trade> trades) throws Exception {
    Map<TradeKey, List<Trade>> wanted =
        part.byKey(trades.stream().map(part.contract::kept).toList());
    Map<TradeKey, List<Trade>> held = part.byKey(part.contract.held());
    held.keySet().removeIf(key -> before.contains(key) && !wanted.containsKey(key));
    assertThat(held).isEqualTo(wanted);
  }

  private AnalyticsSink watched(Set<TradeChange> undeclared) {
    return part.sink instanceof TransactionalSink<?> joining
        ? new Joining<>(joining, undeclared)
        : new Plain(part.sink, undeclared);
  }

  private static void watch(TradeBatch batch, AnalyticsSink sink, Set<TradeChange> undeclared) {
    for (TradeChange change : batch.changes()) {
      SinkCapability needed =
          change instanceof TradeChange.Insert
              ? SinkCapability.INSERT
              : change instanceof TradeChange.Replace
                  ? SinkCapability.REPLACE
                  : SinkCapability.RETRACT;
      if (!sink.capabilities().contains(needed)) {
        undeclared.add(change);
      }
    }
  }

  private record Plain(AnalyticsSink sink, Set<TradeChange> undeclared) implements AnalyticsSink {
    @Override
    public void write(TradeBatch batch) throws Exception {
      watch(batch, sink, undeclared);
      sink.write(batch);
    }

    @Override
    public Set<SinkCapability> capabilities() {
      return sink.capabilities();
    }
  }

  private static final class Joining<H> extends ForwardingSink<H> {
    private final TransactionalSink<H> sink;
    private final Set<TradeChange> undeclared;

    Joining(TransactionalSink<H> sink, Set<TradeChange> undeclared) {
      super(sink);
      this.sink = sink;
      this.undeclared = undeclared;
    }

    @Override
    public void write(TradeBatch batch, H transaction) throws Exception {
      watch(batch, sink, undeclared);
      sink.write(batch, transaction);
    }
  }
}
