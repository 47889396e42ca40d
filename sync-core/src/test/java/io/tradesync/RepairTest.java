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

  private final EngineFixture bench = new EngineFixture();
  private final SyncEngine engine = bench.builder().build();

  @Test
  void changedTradesAreReplaced() {
    bench.source.putAll(SampleTrades.trades(10, 1));
    engine.run();
    bench.source.put(trade("t0000003", T0 + 3, "99"));
    assertThat(engine.health().gaps()).isEqualTo(new GapCounts(0, 0, 1, 0));
    assertThat(engine.health().missedTrades()).isZero();
    assertResult(engine.run(), true, 1, 0, 1, "Sync completed: 1/1 trades processed");
    assertThat(SampleTrades.withoutRevisions(bench.sink.attempts.get(1).changes()))
        .containsExactly(
            new TradeChange.Replace(
                new TradeKey(T0 + 3, "t0000003"), trade("t0000003", T0 + 3, "99")));
    assertThat(bench.sink.held.trades()).isEqualTo(bench.source.trades());
    assertThat(engine.health().isHealthy()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3, 2_000})
  void aFailedChangeThatIsTakenBackIsAFailureUntilTheNextRun(int changed) {
    List<Trade> trades = SampleTrades.trades(2_000, 12);
    bench.source.putAll(trades);
    engine.run();
    bench.source.putAll(
        trades.subList(0, changed).stream()
            .map(trade -> trade(trade.id(), trade.epochSecond(), "99"))
            .toList());
    bench.sink.hook =
        batch -> {
          throw new IllegalArgumentException("no");
        };
    assertThat(engine.run().processed()).isZero();
    bench.sink.hook = batch -> {};
    long failed = engine.failedTrades(TradeKey.MIN, 2_000).size();
    assertThat(failed).isPositive();

    bench.source.putAll(trades);

    assertThat(engine.health().gaps()).isEqualTo(new GapCounts(0, failed, 0, 0));
    assertThat(engine.run().processed()).isEqualTo(failed);
    assertThat(engine.failedTrades(TradeKey.MIN, 1)).isEmpty();
    assertThat(engine.run().total()).isZero();
    bench.assertEqualSides();
  }

  @Test
  void aTradeThatComesBackAfterAFailedRetractionIsNoFailureAnyMore() {
    SyncEngine retracting = bench.builder().orphanGrace(Duration.ZERO).build();
    List<Trade> trades = SampleTrades.trades(30, 12);
    bench.source.putAll(trades);
    retracting.run();
    bench.source.remove(trades.get(3).id());
    bench.sink.hook =
        batch -> {
          throw new IllegalArgumentException("no");
        };
    assertThat(retracting.run().errors()).isOne();
    bench.sink.hook = batch -> {};
    assertThat(engine.failedTrades(TradeKey.MIN, 2)).hasSize(1);

    bench.source.putAll(trades);

    assertThat(engine.health().gaps()).isEqualTo(new GapCounts(0, 1, 0, 0));
    engine.run();
    assertThat(engine.failedTrades(TradeKey.MIN, 1)).isEmpty();
    bench.assertEqualSides();
  }

  @Test
  void aSinkThatOnlyInsertsIsToldOfNoChange() {
    List<TradeBatch> batches = new ArrayList<>();
    SyncEngine inserting = bench.builder().sink(batches::add).build();
    bench.source.putAll(SampleTrades.trades(10, 1));
    assertThat(inserting.run().processed()).isEqualTo(10);
    bench.source.put(trade("t0000003", T0 + 3, "99"), trade("new", T0 + 4));
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
    bench.source.putAll(early);
    RecordingSource watched = new RecordingSource(bench.source);
    SyncEngine watching = bench.builder().source(watched).build();
    assertThat(watching.run().processed()).isEqualTo(early.size());
    bench.source.putAll(late);
    watched.pages.set(0);
    assertResult(watching.run(), true, 200, 0, 200, "Sync completed: 200/200 trades processed");
    assertThat(watched.pages.get()).isLessThan(20);
    bench.assertEqualSides();
  }

  @Test
  void rowsThatArriveLateAreFoundWhereverTheyLie() {
    bench.source.putAll(SampleTrades.trades(500, 10));
    engine.run();
    bench.source.put(
        trade("head", T0 - 1_000_000),
        trade("between", T0 + 2_345),
        trade("sameSecond", T0 + 10),
        trade("a", T0 + 4_990),
        trade("z", T0 + 4_990));
    assertThat(engine.health().gaps()).isEqualTo(new GapCounts(5, 0, 0, 0));
    assertResult(engine.run(), true, 5, 0, 5, "Sync completed: 5/5 trades processed");
    bench.assertEqualSides();
  }

  @Test
  void tradesThatShareTheLastTimestampAreNotOverlooked() {
    bench.source.put(trade("m", T0));
    engine.run();
    bench.source.put(trade("a", T0), trade("z", T0));
    assertThat(engine.health().missedTrades()).isEqualTo(2);
    assertThat(engine.health().lagMinutes()).isZero();
    assertThat(engine.run().processed()).isEqualTo(2);
    bench.assertEqualSides();
  }

  @Test
  void tenThousandTradesOfOneSecond() {
    List<Trade> trades = IntStream.range(0, 10_000).mapToObj(i -> SampleTrades.nth(i, T0)).toList();
    bench.source.putAll(trades);
    engine.ingest(List.of(trades.get(0), trades.get(5_000), trades.get(9_999)));
    assertThat(engine.health().gaps()).isEqualTo(new GapCounts(9_997, 0, 0, 0));
    assertResult(engine.run(), true, 9_997, 0, 9_997, "Sync completed: 9997/9997 trades processed");
    bench.assertEqualSides();
  }

  @Test
  void anyIdIsTaken() {
    List<String> ids =
        new ArrayList<>(
            List.of(
                "it's", "\"quoted\"", " ", "a b", "ünï", "池", "💱", "\ue000", "\uffff", "%_\\"));
    Collections.shuffle(ids, new Random(1));
    ids.forEach(id -> bench.source.put(trade(id, T0)));
    bench.builder().batchSize(3).parallelism(4).build().run();
    bench.assertEqualSides();
  }

  @Test
  void onePoolAddressOnTwoChains() {
    bench.source.put(
        Trade.builder("a", T0, 1, "0xpool").build(),
        Trade.builder("b", T0, 8453, "0xpool").build());
    engine.run();
    bench.assertEqualSides();
  }

  @Test
  void timesBefore1970() {
    bench.source.put(trade("a", -5_000_000_000L), trade("b", -1), trade("c", 0), trade("d", 1));
    assertThat(engine.run().processed()).isEqualTo(4);
    bench.assertEqualSides();
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
    bench.source.putAll(all);
    SyncEngine wide =
        bench.builder().batchSize(size).groupCommit(1).parallelism(parallelism).build();
    wide.ingest(all.stream().filter(trade -> trade.epochSecond() % 5 == 0).toList());
    long before = bench.sink.attempts.size();
    long missing = trades - bench.sink.held.writes();

    SyncResult result = wide.run();
    assertThat(result.processed()).isEqualTo(missing);
    List<TradeBatch> batches =
        bench.sink.attempts.subList((int) before, bench.sink.attempts.size());
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
    assertThat(bench.told.progress).hasSize(batches.size());
    assertThat(bench.told.progress)
        .extracting(RunProgress::batch)
        .isEqualTo(IntStream.rangeClosed(1, batches.size()).mapToObj(Long::valueOf).toList());
    assertThat(bench.told.progress).extracting(RunProgress::processed).isSorted();
    bench.assertEqualSides();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 999, 1_000, 1_001, 2_000})
  void sizesAroundAPage(int trades) {
    bench.source.putAll(SampleTrades.trades(trades, 1));
    assertThat(engine.run().processed()).isEqualTo(trades);
    bench.assertEqualSides();
  }

  @Test
  void aRunThatFindsNothingWritesNothing() {
    bench.source.putAll(SampleTrades.trades(300, 1));
    engine.run();
    int before = bench.sink.attempts.size();
    assertResult(engine.run(), true, 0, 0, 0, "Sync completed: 0/0 trades processed");
    assertThat(bench.sink.attempts).hasSize(before);
  }

  @Test
  void whatArrivesAfterTheStartBelongsToTheNextRun() {
    bench.source.putAll(SampleTrades.trades(100, 1));
    bench.sink.hook = batch -> bench.source.put(trade("later", T0 + 100));
    assertResult(engine.run(), true, 100, 0, 100, "Sync completed: 100/100 trades processed");
    assertThat(engine.health().gaps()).isEqualTo(new GapCounts(1, 0, 0, 0));
    assertThat(engine.run().processed()).isEqualTo(1);
    bench.assertEqualSides();
  }

  @Test
  void anOrphanIsReportedAndDoesNotDisturbARun() {
    bench.source.putAll(SampleTrades.trades(100, 1));
    engine.run();
    bench.source.remove("t0000050");
    bench.source.put(trade("new", T0 + 50));
    bench
        .log
        .failedTrades()
        .markFailed(
            List.of(new TradeFailure(new TradeKey(T0 + 7, "gone"), 1, "no", true)), "r", 10);
    assertThat(engine.health().gaps()).isEqualTo(new GapCounts(1, 0, 0, 2));
    assertThat(engine.run().total()).isEqualTo(1);
    assertThat(engine.health().gaps()).isEqualTo(new GapCounts(0, 0, 0, 2));
  }
}
