package io.tradesync;

import static io.tradesync.EngineFixture.assertResult;
import static io.tradesync.SampleTrades.T0;
import static io.tradesync.SampleTrades.trade;
import static org.assertj.core.api.Assertions.assertThat;

import io.tradesync.spi.TradeBatch;
import io.tradesync.spi.TradeChange;
import io.tradesync.spi.log.TradeFailure;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a run repairs, and in which batches. */
class RepairTest {

  private final EngineFixture fixture = new EngineFixture();
  private final SyncEngine engine = fixture.builder().build();

  @Test
  void changedTradesAreReplaced() {
    fixture.source.putAll(SampleTrades.trades(10, 1));
    engine.run();
    fixture.source.put(trade("t0000003", T0 + 3, "99"));
    assertThat(engine.health().gaps()).isEqualTo(new GapCounts(0, 0, 1, 0));
    assertThat(engine.health().missedTrades()).isZero();
    assertResult(engine.run(), true, 1, 0, 1, "Sync completed: 1/1 trades processed");
    assertThat(SampleTrades.withoutRevisions(fixture.sink.attempts.get(1).changes()))
        .containsExactly(
            new TradeChange.Replace(
                new TradeKey(T0 + 3, "t0000003"), trade("t0000003", T0 + 3, "99")));
    assertThat(fixture.sink.held.trades()).isEqualTo(fixture.source.trades());
    assertThat(engine.health().isHealthy()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3, 2_000})
  void aFailedChangeThatIsTakenBackIsAFailureUntilTheNextRun(int changed) {
    List<Trade> trades = SampleTrades.trades(2_000, 12);
    fixture.source.putAll(trades);
    engine.run();
    fixture.source.putAll(
        trades.subList(0, changed).stream()
            .map(trade -> trade(trade.id(), trade.epochSecond(), "99"))
            .toList());
    fixture.sink.hook =
        batch -> {
          throw new IllegalArgumentException("no");
        };
    assertThat(engine.run().processed()).isZero();
    fixture.sink.hook = batch -> {};
    long failed = engine.failedTrades(TradeKey.MIN, 2_000).size();
    assertThat(failed).isPositive();

    fixture.source.putAll(trades);

    assertThat(engine.health().gaps()).isEqualTo(new GapCounts(0, failed, 0, 0));
    assertThat(engine.run().processed()).isEqualTo(failed);
    assertThat(engine.failedTrades(TradeKey.MIN, 1)).isEmpty();
    assertThat(engine.run().total()).isZero();
    fixture.assertEqualSides();
  }

  @Test
  void aTradeThatComesBackAfterAFailedRetractionIsNoFailureAnyMore() {
    SyncEngine retracting = fixture.builder().orphanGrace(Duration.ZERO).build();
    List<Trade> trades = SampleTrades.trades(30, 12);
    fixture.source.putAll(trades);
    retracting.run();
    fixture.source.remove(trades.get(3).id());
    fixture.sink.hook =
        batch -> {
          throw new IllegalArgumentException("no");
        };
    assertThat(retracting.run().errors()).isOne();
    fixture.sink.hook = batch -> {};
    assertThat(engine.failedTrades(TradeKey.MIN, 2)).hasSize(1);

    fixture.source.putAll(trades);

    assertThat(engine.health().gaps()).isEqualTo(new GapCounts(0, 1, 0, 0));
    engine.run();
    assertThat(engine.failedTrades(TradeKey.MIN, 1)).isEmpty();
    fixture.assertEqualSides();
  }

  @Test
  void aSinkThatOnlyInsertsIsToldOfNoChange() {
    List<TradeBatch> batches = new ArrayList<>();
    SyncEngine inserting = fixture.builder().sink(batches::add).build();
    fixture.source.putAll(SampleTrades.trades(10, 1));
    assertThat(inserting.run().processed()).isEqualTo(10);
    fixture.source.put(trade("t0000003", T0 + 3, "99"), trade("new", T0 + 4));
    assertResult(inserting.run(), true, 1, 0, 1, "Sync completed: 1/1 trades processed");
    assertThat(batches).hasSize(2);
    assertThat(SampleTrades.withoutRevisions(batches.get(1).changes()))
        .containsExactly(new TradeChange.Insert(trade("new", T0 + 4)));
    assertThat(inserting.health().gaps()).isEqualTo(new GapCounts(0, 0, 1, 0));
    assertThat(inserting.health().isHealthy()).isFalse();
    assertResult(inserting.run(), true, 0, 0, 0, "Sync completed: 0/0 trades processed");
  }

  @Test
  void whatIsMissingHereAndThereIsReadTogether() {
    List<Trade> trades = SampleTrades.trades(20_000, 12);
    List<Trade> late = IntStream.range(0, 200).mapToObj(i -> trades.get(100 * i + 50)).toList();
    List<Trade> early = new ArrayList<>(trades);
    early.removeAll(Set.copyOf(late));
    fixture.source.putAll(early);
    RecordingSource watched = new RecordingSource(fixture.source);
    SyncEngine watching = fixture.builder().source(watched).build();
    assertThat(watching.run().processed()).isEqualTo(early.size());
    fixture.source.putAll(late);
    watched.pages.set(0);
    assertResult(watching.run(), true, 200, 0, 200, "Sync completed: 200/200 trades processed");
    assertThat(watched.pages.get()).isLessThan(20);
    fixture.assertEqualSides();
  }

  @Test
  void rowsThatArriveLateAreFoundWhereverTheyLie() {
    fixture.source.putAll(SampleTrades.trades(500, 10));
    engine.run();
    fixture.source.put(
        trade("head", T0 - 1_000_000),
        trade("between", T0 + 2_345),
        trade("sameSecond", T0 + 10),
        trade("a", T0 + 4_990),
        trade("z", T0 + 4_990));
    assertThat(engine.health().gaps()).isEqualTo(new GapCounts(5, 0, 0, 0));
    assertResult(engine.run(), true, 5, 0, 5, "Sync completed: 5/5 trades processed");
    fixture.assertEqualSides();
  }

  @Test
  void tradesThatShareTheLastTimestampAreNotOverlooked() {
    fixture.source.put(trade("m", T0));
    engine.run();
    fixture.source.put(trade("a", T0), trade("z", T0));
    assertThat(engine.health().missedTrades()).isEqualTo(2);
    assertThat(engine.health().lagMinutes()).isZero();
    assertThat(engine.run().processed()).isEqualTo(2);
    fixture.assertEqualSides();
  }

  @Test
  void tenThousandTradesOfOneSecond() {
    List<Trade> trades = IntStream.range(0, 10_000).mapToObj(i -> SampleTrades.nth(i, T0)).toList();
    fixture.source.putAll(trades);
    engine.ingest(List.of(trades.get(0), trades.get(5_000), trades.get(9_999)));
    assertThat(engine.health().gaps()).isEqualTo(new GapCounts(9_997, 0, 0, 0));
    assertResult(engine.run(), true, 9_997, 0, 9_997, "Sync completed: 9997/9997 trades processed");
    fixture.assertEqualSides();
  }

  @Test
  void anyIdIsTaken() {
    List<String> ids =
        new ArrayList<>(
            List.of(
                "it's", "\"quoted\"", " ", "a b", "ünï", "池", "💱", "\ue000", "\uffff", "%_\\"));
    Collections.shuffle(ids, new Random(1));
    ids.forEach(id -> fixture.source.put(trade(id, T0)));
    fixture.builder().batchSize(3).parallelism(4).build().run();
    fixture.assertEqualSides();
  }

  @Test
  void onePoolAddressOnTwoChains() {
    fixture.source.put(
        Trade.builder("a", T0, 1, "0xpool").build(),
        Trade.builder("b", T0, 8453, "0xpool").build());
    engine.run();
    fixture.assertEqualSides();
  }

  @Test
  void timesBefore1970() {
    fixture.source.put(trade("a", -5_000_000_000L), trade("b", -1), trade("c", 0), trade("d", 1));
    assertThat(engine.run().processed()).isEqualTo(4);
    fixture.assertEqualSides();
  }

  @ParameterizedTest
  @CsvSource({
    "1, 1, 300",
    "1, 8, 300",
    "7, 1, 1000",
    "7, 8, 3000",
    "50, 1, 3000",
    "50, 8, 10000",
    "10000, 1, 25000",
    "10000, 8, 25000"
  })
  void batchesAreChronologicalAndNothingIsWrittenTwice(int size, int parallelism, int trades) {
    Random random = new Random(size * 31L + parallelism);
    List<Trade> all =
        IntStream.range(0, trades)
            .mapToObj(
                i ->
                    SampleTrades.nth(
                        random.nextInt(100) * 100_000 + i, T0 + random.nextInt(trades)))
            .toList();
    fixture.source.putAll(all);
    SyncEngine wide =
        fixture.builder().batchSize(size).groupCommit(1).parallelism(parallelism).build();
    wide.ingest(all.stream().filter(trade -> trade.epochSecond() % 5 == 0).toList());
    long before = fixture.sink.attempts.size();
    long missing = trades - fixture.sink.held.writes();

    SyncResult result = wide.run();
    assertThat(result.processed()).isEqualTo(missing);
    List<TradeBatch> batches =
        fixture.sink.attempts.subList((int) before, fixture.sink.attempts.size());
    assertThat(batches).hasSize((int) ((missing + size - 1) / size));
    assertThat(batches.stream().filter(batch -> batch.changes().size() != size).count())
        .isLessThanOrEqualTo(1);
    assertThat(batches)
        .allSatisfy(
            batch -> assertThat(EngineFixture.keys(batch)).isSorted().doesNotHaveDuplicates());
    List<List<TradeKey>> handedOut =
        batches.stream()
            .map(EngineFixture::keys)
            .sorted((a, b) -> a.get(0).compareTo(b.get(0)))
            .toList();
    // Cut from one sequence by key: no two batches overlap.
    assertThat(handedOut.stream().flatMap(List::stream).toList()).isSorted();
    if (parallelism == 1) {
      assertThat(batches.stream().map(EngineFixture::keys)).isEqualTo(handedOut);
    }
    assertThat(fixture.listener.progress).hasSize(batches.size());
    assertThat(fixture.listener.progress)
        .extracting(RunProgress::batch)
        .isEqualTo(IntStream.rangeClosed(1, batches.size()).mapToObj(Long::valueOf).toList());
    assertThat(fixture.listener.progress).extracting(RunProgress::processed).isSorted();
    fixture.assertEqualSides();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 999, 1_000, 1_001, 2_000})
  void sizesAroundAPage(int trades) {
    fixture.source.putAll(SampleTrades.trades(trades, 1));
    assertThat(engine.run().processed()).isEqualTo(trades);
    fixture.assertEqualSides();
  }

  @Test
  void aRunThatFindsNothingWritesNothing() {
    fixture.source.putAll(SampleTrades.trades(300, 1));
    engine.run();
    int before = fixture.sink.attempts.size();
    assertResult(engine.run(), true, 0, 0, 0, "Sync completed: 0/0 trades processed");
    assertThat(fixture.sink.attempts).hasSize(before);
  }

  @Test
  void whatArrivesAfterTheStartBelongsToTheNextRun() {
    fixture.source.putAll(SampleTrades.trades(100, 1));
    fixture.sink.hook = batch -> fixture.source.put(trade("later", T0 + 100));
    assertResult(engine.run(), true, 100, 0, 100, "Sync completed: 100/100 trades processed");
    assertThat(engine.health().gaps()).isEqualTo(new GapCounts(1, 0, 0, 0));
    assertThat(engine.run().processed()).isEqualTo(1);
    fixture.assertEqualSides();
  }

  @Test
  void anOrphanIsReportedAndDoesNotDisturbARun() {
    fixture.source.putAll(SampleTrades.trades(100, 1));
    engine.run();
    fixture.source.remove("t0000050");
    fixture.source.put(trade("new", T0 + 50));
    fixture
        .log
        .failedTrades()
        .markFailed(
            List.of(new TradeFailure(new TradeKey(T0 + 7, "gone"), 1, "no", true)), "r", 10);
    assertThat(engine.health().gaps()).isEqualTo(new GapCounts(1, 0, 0, 2));
    assertThat(engine.run().total()).isEqualTo(1);
    assertThat(engine.health().gaps()).isEqualTo(new GapCounts(0, 0, 0, 2));
  }
}
