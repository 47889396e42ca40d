package io.tradesync;

import static io.tradesync.EngineFixture.assertResult;
import static io.tradesync.SampleTrades.T0;
import static io.tradesync.SampleTrades.trade;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** What others do while a run is under way: processed plus errors is the total at the end. */
class ChangesDuringRunTest {

  private final EngineFixture fixture = new EngineFixture();
  private final SyncEngine engine = fixture.builder().groupCommit(1).build();
  private final AtomicBoolean done = new AtomicBoolean();

  private void onFirstBatch(Runnable action) {
    fixture.sink.hook =
        batch -> {
          if (done.compareAndSet(false, true)) {
            EngineFixture.onAnotherThread(action);
          }
        };
  }

  /** Ten thousand trades with a gap at both ends, which are two pages: the second is read later. */
  private List<Trade> gapsAtBothEnds() {
    List<Trade> trades = SampleTrades.trades(10_000, 10);
    fixture.source.putAll(trades);
    engine.ingest(trades.subList(600, 9_400));
    return trades;
  }

  @Test
  void whatAnotherPathFinishedCountsAsProcessed() {
    List<Trade> trades = gapsAtBothEnds();
    onFirstBatch(() -> engine.ingest(trades.subList(9_850, 10_000)));
    assertResult(engine.run(), true, 1_200, 0, 1_200, "Sync completed: 1200/1200 trades processed");
    fixture.assertEqualSides();
  }

  @Test
  void whatAnotherPathFinishedAfterItWasReadCountsAsProcessed() {
    List<Trade> trades = SampleTrades.trades(200, 10);
    fixture.source.putAll(trades);
    onFirstBatch(() -> engine.ingest(trades.subList(100, 200)));
    assertResult(engine.run(), true, 200, 0, 200, "Sync completed: 200/200 trades processed");
    assertThat(fixture.listener.progress.get(3).message())
        .isEqualTo("Batch 4/4: Processed 200/200 trades (100%)");
    fixture.assertEqualSides();
  }

  @Test
  void whatLeftTheSourceLeavesTheTotal() {
    List<Trade> trades = gapsAtBothEnds();
    onFirstBatch(() -> trades.subList(9_900, 10_000).forEach(t -> fixture.source.remove(t.id())));
    assertResult(engine.run(), true, 1_100, 0, 1_100, "Sync completed: 1100/1100 trades processed");
    fixture.assertEqualSides();
  }

  @Test
  void whatCameLateIntoARangeIsPartOfTheRun() {
    gapsAtBothEnds();
    onFirstBatch(() -> fixture.source.put(trade("late", T0 + 99_000)));
    assertResult(engine.run(), true, 1_201, 0, 1_201, "Sync completed: 1201/1201 trades processed");
    fixture.assertEqualSides();
  }

  @Test
  void errorsAreCountedBesides() {
    List<Trade> trades = gapsAtBothEnds();
    AtomicBoolean first = new AtomicBoolean();
    fixture.sink.hook =
        batch -> {
          if (first.compareAndSet(false, true)) {
            EngineFixture.onAnotherThread(() -> engine.ingest(trades.subList(9_950, 10_000)));
            trades.subList(9_900, 9_950).forEach(t -> fixture.source.remove(t.id()));
          }
          if (EngineFixture.keys(batch).contains(trades.get(9_820).key())) {
            throw new IllegalArgumentException("no");
          }
        };
    assertResult(
        engine.run(),
        true,
        1_149,
        1,
        1_150,
        "Sync completed with errors: 1149/1150 trades processed");
  }

  @Test
  void whatChangedAfterItWasReadIsRepairedByTheNextRun() {
    fixture.source.putAll(SampleTrades.trades(100, 1));
    onFirstBatch(() -> fixture.source.put(trade("t0000099", T0 + 99, "5")));
    assertThat(engine.run().processed()).isEqualTo(100);
    assertThat(engine.health().gaps()).isEqualTo(new GapCounts(0, 0, 1, 0));
    assertThat(engine.run().processed()).isEqualTo(1);
    assertThat(fixture.sink.held.trades()).isEqualTo(fixture.source.trades());
  }

  @Test
  void aTradeThatIsProcessedElsewhereBeforeItIsMarkedStaysProcessed() {
    fixture.source.putAll(SampleTrades.trades(1, 1));
    BreakableLog log = new BreakableLog(fixture.log);
    SyncEngine other = fixture.builder().log(log).build();
    fixture.sink.hook =
        batch -> {
          throw new IllegalArgumentException("no");
        };
    log.before =
        call -> {
          if (call.equals("markFailed") && done.compareAndSet(false, true)) {
            fixture.sink.hook = batch -> {};
            assertThat(engine.ingest(fixture.source.trades()).written()).hasSize(1);
          }
        };
    other.run();
    assertThat(done).isTrue();
    assertThat(engine.failedTrades(TradeKey.MIN, 10)).isEmpty();
    fixture.assertEqualSides();
  }
}
