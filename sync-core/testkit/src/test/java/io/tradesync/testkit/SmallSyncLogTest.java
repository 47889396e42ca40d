package io.tradesync.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tradesync.GapCounts;
import io.tradesync.InvalidSettingException;
import io.tradesync.SyncEngine;
import io.tradesync.Trade;
import io.tradesync.TradeKey;
import io.tradesync.spi.AnalyticsSink;
import io.tradesync.spi.IngestResult;
import io.tradesync.spi.SinkCapability;
import io.tradesync.spi.TradeBatch;
import io.tradesync.spi.TradeSource;
import io.tradesync.spi.TransactionalSink;
import io.tradesync.spi.log.EntryStatus;
import io.tradesync.spi.log.LogEntry;
import io.tradesync.spi.log.SyncLog;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import org.junit.jupiter.api.Test;

/** An engine over a log that extends {@code AbstractSyncLog}. */
class SmallSyncLogTest {

  private static final long T = LogContract.T;

  @Property(tries = 200, seed = "20261126", shrinking = ShrinkingMode.OFF)
  void whateverHappensComparisonsAreExactAndBothSidesBecomeEqual(@ForAll long seed) {
    new RandomHistory<>(seed, new SmallSides()).play();
  }

  @Test
  void anIdCountsOnceHoweverLongAgoItWasProcessed() {
    SmallSides sides = new SmallSides();
    Trade old = LogContract.trade("a", T - 400L * 86_400, 1);
    sides.change(List.of(), List.of(old));
    try (SyncEngine engine = engine(sides.source(), sides.log(), sides.sink())) {
      assertThat(engine.run().processed()).isEqualTo(1);
      Trade moved = LogContract.trade("a", T, 1);
      sides.change(List.of("a"), List.of(moved));

      IngestResult live = engine.ingest(List.of(moved));

      assertThat(live.written()).containsExactly(moved.key());
      assertThat(sides.held()).containsExactly(moved);
      assertThat(sides.log().entries().find(List.of(old.key(), moved.key())))
          .extracting(LogEntry::status)
          .containsExactly(EntryStatus.RETRACTED, EntryStatus.PROCESSED);
      assertThat(engine.health().gaps()).isEqualTo(GapCounts.NONE);
    }
  }

  @Test
  void everyRunComparesEverything() {
    SmallSides sides = new SmallSides();
    sides.change(
        List.of(), List.of(LogContract.trade("a", T - 86_400, 1), LogContract.trade("b", T, 1)));
    try (SyncEngine engine = engine(sides.source(), sides.log(), sides.sink())) {
      assertThat(engine.run().processed()).isEqualTo(2);
      sides.change(List.of(), List.of(LogContract.trade("a", T - 86_400, 2)));

      assertThat(engine.run().processed()).isEqualTo(1);

      assertThat(sides.held()).extracting(trade -> trade.price().intValue()).containsExactly(2, 1);
      assertThat(engine.health().verified()).isNull();
    }
  }

  @Test
  void aSinkOutsideItsTransactionIsRefusedByName() {
    AnalyticsSink outside = batch -> {};
    SmallSides sides = new SmallSides();

    assertThatThrownBy(() -> engine(sides.source(), sides.log(), outside))
        .isInstanceOf(InvalidSettingException.class)
        .hasMessageContaining("sink")
        .hasMessageContaining(SmallSyncLog.class.getName())
        .hasMessageContaining("TransactionalSink");
  }

  private static SyncEngine engine(TradeSource source, SyncLog log, AnalyticsSink sink) {
    return SyncEngine.builder().source(source).log(log).sink(sink).compareAllUpTo(0).build();
  }

  /** A sink that joins the transactions of the small log. */
  private static final class SmallSink implements TransactionalSink<SmallSyncLog.Transaction> {

    private final Map<TradeKey, Trade> trades = new TreeMap<>();

    @Override
    public Class<SmallSyncLog.Transaction> transactionType() {
      return SmallSyncLog.Transaction.class;
    }

    @Override
    public Set<SinkCapability> capabilities() {
      return EnumSet.allOf(SinkCapability.class);
    }

    @Override
    public void write(TradeBatch batch, SmallSyncLog.Transaction transaction) {
      transaction.onCommit(() -> apply(batch));
    }

    private synchronized void apply(TradeBatch batch) {
      batch.changes().forEach(change -> change.before().ifPresent(trades::remove));
      batch
          .changes()
          .forEach(change -> change.after().ifPresent(trade -> trades.put(trade.key(), trade)));
    }

    synchronized List<Trade> trades() {
      return List.copyOf(trades.values());
    }
  }

  private static final class SmallSides extends SidesInMemory<SmallSyncLog.Transaction> {

    private final SmallSink sink;

    SmallSides() {
      this(new SettableClock(), new SmallSink());
    }

    private SmallSides(SettableClock clock, SmallSink sink) {
      super(clock, new SmallSyncLog(clock), sink);
      this.sink = sink;
    }

    @Override
    public List<Trade> held() {
      return sink.trades();
    }
  }
}
