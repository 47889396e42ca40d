package io.tradesync.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.tradesync.GapCounts;
import io.tradesync.SyncEngine;
import io.tradesync.Trade;
import io.tradesync.inmemory.InMemoryTradeSource;
import io.tradesync.spi.AnalyticsSink;
import io.tradesync.spi.SinkCapability;
import io.tradesync.spi.TradeBatch;
import io.tradesync.spi.TradeChange;
import io.tradesync.spi.TransactionalSink;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * Checks that a sink ends as the source is when trades change back and forth, and a sink outside
 * the log's transaction also when answers are lost.
 */
abstract class SinkExactnessContract extends SinkContractPart {

  /** Loses the answers of the sink while the test says so. */
  private static final class Lossy implements AnalyticsSink {
    private final AnalyticsSink sink;
    private final List<TradeBatch> written = new ArrayList<>();
    private boolean losesAnswers;

    Lossy(AnalyticsSink sink) {
      this.sink = sink;
    }

    @Override
    public void write(TradeBatch batch) throws Exception {
      sink.write(batch);
      written.add(batch);
      if (losesAnswers) {
        throw new IOException("the answer was lost");
      }
    }

    @Override
    public Set<SinkCapability> capabilities() {
      return sink.capabilities();
    }
  }

  private final InMemoryTradeSource source = new InMemoryTradeSource();

  SinkExactnessContract(AnalyticsSinkContract contract) {
    super(contract);
  }

  private boolean isDeclared() {
    return can(SinkCapability.REPLACE, SinkCapability.RETRACT);
  }

  /** In the log's transaction no answer is lost: what the sink wrote is rolled back with it. */
  private boolean canLoseAnswers() {
    return isDeclared() && !(sink instanceof TransactionalSink);
  }

  private SyncEngine engine(AnalyticsSink written, int batchSize) {
    return SyncEngine.builder()
        .source(source)
        .log(log)
        .sink(written)
        .orphanGrace(Duration.ZERO)
        .batchSize(batchSize)
        .maxAttempts(1)
        .build();
  }

  private void run() throws Exception {
    run(sink, 10);
    assertHeld(source.trades());
  }

  private void run(AnalyticsSink written, int batchSize) {
    try (SyncEngine engine = engine(written, batchSize)) {
      assertThat(engine.run().errors()).isZero();
      assertThat(engine.health().gaps()).isEqualTo(GapCounts.NONE);
    }
  }

  /** The sink receives what is due, and its answers are lost. */
  private void runWithoutAnswers(int batchSize) {
    Lossy lossy = new Lossy(sink);
    lossy.losesAnswers = true;
    try (SyncEngine engine = engine(lossy, batchSize)) {
      engine.run();
      assertThat(engine.health().isHealthy()).isFalse();
    }
  }

  @Test
  void contentThatGoesBackAndForthEndsAsTheSourceHasIt() throws Exception {
    if (!isDeclared()) {
      assertThatNothingUndeclaredIsSent();
      return;
    }
    for (int price : new int[] {10, 11, 10, 11}) {
      source.put(trade("a", T, price), trade("b", T, 1));
      run();
    }
  }

  @Test
  void aTradeThatMovesAwayAndBackIsHeldOnceAtItsKey() throws Exception {
    if (!isDeclared()) {
      assertThatNothingUndeclaredIsSent();
      return;
    }
    for (int second : new int[] {1, 5, 1, 5}) {
      source.put(trade("a", T + second, 1), trade("b", T, 1));
      run();
    }
  }

  @Test
  void aTradeThatIsGoneAndBackIsHeldAndOneThatIsGoneIsNot() throws Exception {
    if (!isDeclared()) {
      assertThatNothingUndeclaredIsSent();
      return;
    }
    for (boolean there : new boolean[] {true, false, true, false}) {
      source.put(trade("a", T, 1), trade("b", T, 1));
      if (!there) {
        source.remove("a");
      }
      run();
    }
  }

  @Test
  void aTradeWhoseAnswerWasLostAndThatVanishedIsNotHeld() throws Exception {
    if (!canLoseAnswers()) {
      assertThatNothingUndeclaredIsSent();
      return;
    }
    source.putAll(trades(5));
    run();
    source.put(trade("a", T, 1));
    runWithoutAnswers(10);
    source.remove("a");
    run();
  }

  @Test
  void aTradeWhoseAnswerWasLostAndThatMovedIsHeldAtItsNewKeyOnly() throws Exception {
    if (!canLoseAnswers()) {
      assertThatNothingUndeclaredIsSent();
      return;
    }
    source.put(trade("b", T, 1));
    for (int second : new int[] {20, 5, 30}) {
      source.put(trade("a", T + second - 1, 1));
      runWithoutAnswers(10);
      source.put(trade("a", T + second, 1));
      run();
    }
  }

  @Test
  void aLiveTradeWhoseAnswersWereLostAtTwoKeysIsHeldAtNoneOnceItVanished() throws Exception {
    if (!canLoseAnswers()) {
      assertThatNothingUndeclaredIsSent();
      return;
    }
    source.put(trade("b", T, 1));
    for (int second : new int[] {5, 20}) {
      ingestWithoutAnswers(trade("a", T + 10, 1));
      ingestWithoutAnswers(trade("a", T + second, 1));
      source.remove("a");
      run();
    }
    ingestWithoutAnswers(trade("a", T + 10, 2));
    run();
  }

  private void ingestWithoutAnswers(Trade trade) {
    source.put(trade);
    Lossy lossy = new Lossy(sink);
    lossy.losesAnswers = true;
    try (SyncEngine engine = engine(lossy, 10)) {
      assertThat(engine.ingest(List.of(trade)).failed()).containsExactly(trade.key());
    }
  }

  @Test
  void tradesWhoseAnswersWereLostAreHeldOnceIfTheirBatchesAreCutElsewhere() throws Exception {
    if (sink instanceof TransactionalSink) {
      assertThatNothingUndeclaredIsSent();
      return;
    }
    List<Trade> trades = trades(12);
    source.putAll(trades.subList(0, 3));
    source.putAll(trades.subList(4, 12));
    runWithoutAnswers(4);
    source.put(trades.get(3));
    run(sink, 5);
    assertHeld(source.trades());
  }

  @Test
  void whatArrivesAgainLateAndOutOfOrderChangesNothing() throws Exception {
    if (!canLoseAnswers() || !contract.goesByRevision()) {
      assertThatNothingUndeclaredIsSent();
      return;
    }
    Lossy recording = new Lossy(sink);
    source.put(trade("a", T, 1), trade("b", T, 1), trade("c", T, 1));
    run(recording, 10);
    source.put(trade("a", T, 2), trade("b", T + 5, 1));
    source.remove("c");
    run(recording, 10);
    source.put(trade("a", T, 1), trade("b", T, 1));
    run(recording, 10);
    assertHeld(source.trades());

    List<TradeBatch> received = List.copyOf(recording.written);
    int parts = 0;
    for (int i = received.size() - 1; i >= 0; i--) {
      sink.write(received.get(i));
      for (TradeChange change : received.get(i).changes()) {
        sink.write(new TradeBatch(log.service(), "part " + parts++, false, List.of(change)));
      }
      assertHeld(source.trades());
    }
  }
}
