package io.tradesync;

import static org.assertj.core.api.Assertions.assertThat;

import io.tradesync.spi.BadTradesException;
import io.tradesync.spi.Hint;
import io.tradesync.spi.IngestResult;
import io.tradesync.spi.TradeBatch;
import io.tradesync.spi.TradeChange;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class ListenerTest {

  private final EngineFixture fixture = new EngineFixture();

  private static final class Throwing implements SyncListener {
    private final Throwable thrown;
    private final List<String> calls = new ArrayList<>();

    Throwing(Throwable thrown) {
      this.thrown = thrown;
    }

    private void fail(String call) {
      calls.add(call);
      Throwing.<RuntimeException>sneak(thrown);
    }

    @SuppressWarnings("unchecked")
    private static <T extends Throwable> void sneak(Throwable thrown) throws T {
      throw (T) thrown;
    }

    @Override
    public void runStarted(String runId, RunKind kind) {
      fail("started");
    }

    @Override
    public void runPlanned(String runId, long total) {
      fail("planned");
    }

    @Override
    public void batchFinished(BatchProgress progress) {
      fail("batch");
    }

    @Override
    public void tradesFailed(List<FailedTrade> trades) {
      fail("failed " + trades.size());
    }

    @Override
    public void runEnded(SyncResult result) {
      fail("ended");
    }
  }

  @Test
  void whatAListenerThrowsChangesNothing() {
    for (Throwable thrown :
        List.of(new IllegalStateException("no"), new AssertionError("no"), new Exception("no"))) {
      EngineFixture here = new EngineFixture();
      here.source.putAll(SampleTrades.trades(100, 1));
      Throwing listener = new Throwing(thrown);
      SyncResult result = here.builder().listener(listener).parallelism(2).build().run();
      EngineFixture.assertResult(
          result, true, 100, 0, 100, "Sync completed: 100/100 trades processed");
      assertThat(listener.calls).containsExactly("started", "planned", "batch", "batch", "ended");
      here.assertEqualSides();
    }
  }

  private static void refuse(TradeBatch batch, Set<String> ids) throws BadTradesException {
    Map<TradeKey, String> bad = new TreeMap<>();
    for (TradeChange change : batch.changes()) {
      if (ids.contains(change.key().id())) {
        bad.put(change.key(), "refused");
      }
    }
    if (!bad.isEmpty()) {
      throw new BadTradesException(bad);
    }
  }

  @Test
  void aRunReportsWhichTradesFailedAndWhichAreParked() {
    List<Trade> trades = SampleTrades.trades(200, 1);
    fixture.source.putAll(trades);
    Set<String> bad = Set.of(trades.get(3).id(), trades.get(120).id());
    fixture.sink.hook = batch -> refuse(batch, bad);
    SyncEngine engine = fixture.builder().parkAfter(2).build();

    String firstRun = engine.run().runId();
    List<FailedTrade> first = List.copyOf(fixture.listener.failed);
    List<FailedTrade> listed = engine.failedTrades(TradeKey.MIN, 10);
    fixture.listener.failed.clear();
    engine.run();
    List<FailedTrade> second = List.copyOf(fixture.listener.failed);
    fixture.listener.failed.clear();
    engine.run();

    assertThat(first).isEqualTo(listed).hasSize(2);
    assertThat(first).extracting(FailedTrade::runId).containsOnly(firstRun);
    assertThat(first).noneMatch(FailedTrade::parked);
    assertThat(second).isEqualTo(engine.failedTrades(TradeKey.MIN, 10)).hasSize(2);
    assertThat(second).allMatch(FailedTrade::parked);
    assertThat(fixture.listener.failed).as("a parked trade is not tried").isEmpty();
    assertThat(fixture.listener.events).startsWith("started RUN", "planned 200", "failed 1");
  }

  @Test
  void theLivePathReportsWhichTradesFailed() {
    List<Trade> trades = SampleTrades.trades(120, 1);
    Set<String> bad = Set.of(trades.get(7).id(), trades.get(80).id());
    fixture.sink.hook = batch -> refuse(batch, bad);
    SyncEngine engine = fixture.builder().build();

    IngestResult ingested = engine.ingest(trades);
    List<FailedTrade> ofIngest = List.copyOf(fixture.listener.failed);
    fixture.listener.failed.clear();
    fixture.source.putAll(trades);
    engine.catchUp(List.of(new Hint(trades.get(7).epochSecond(), null)));
    List<FailedTrade> ofCatchUp = List.copyOf(fixture.listener.failed);

    assertThat(ofIngest).extracting(FailedTrade::key).isEqualTo(ingested.failed()).hasSize(2);
    assertThat(ofIngest).extracting(FailedTrade::runId).containsOnly("");
    assertThat(ofCatchUp).extracting(FailedTrade::key).contains(trades.get(7).key());
    assertThat(ofCatchUp).extracting(FailedTrade::attempts).containsOnly(2);
  }

  @Test
  void aListenerThatThrowsAboutFailedTradesChangesNothing() {
    List<Trade> trades = SampleTrades.trades(60, 1);
    fixture.source.putAll(trades);
    fixture.sink.hook = batch -> refuse(batch, Set.of(trades.get(3).id()));
    Throwing listener = new Throwing(new AssertionError("no"));
    SyncEngine engine = fixture.builder().listener(listener).build();

    IngestResult ingested = engine.ingest(trades.subList(0, 10));
    SyncResult result = engine.run();

    assertThat(ingested.failed()).containsExactly(trades.get(3).key());
    EngineFixture.assertResult(
        result, true, 50, 1, 51, "Sync completed with errors: 50/51 trades processed");
    assertThat(listener.calls)
        .containsExactly("failed 1", "started", "planned", "failed 1", "batch", "batch", "ended");
  }

  @Test
  void isCalledByOneThreadAtATimeAndInOrder() {
    fixture.source.putAll(SampleTrades.trades(2_000, 1));
    AtomicInteger inside = new AtomicInteger();
    List<Long> order = new ArrayList<>();
    SyncListener listener =
        new SyncListener() {
          @Override
          public void batchFinished(BatchProgress progress) {
            assertThat(inside.incrementAndGet()).isEqualTo(1);
            order.add(progress.run().processed());
            Thread.yield();
            inside.decrementAndGet();
          }
        };
    fixture.builder().listener(listener).batchSize(5).parallelism(8).build().run();
    assertThat(order).hasSize(400).isSorted();
    assertThat(inside).hasValue(0);
  }

  @Test
  void aBatchIsReportedAfterItsCommit() {
    fixture.source.putAll(SampleTrades.trades(500, 1));
    List<Long> committed = new ArrayList<>();
    List<Long> reported = new ArrayList<>();
    SyncListener listener =
        new SyncListener() {
          @Override
          public void batchFinished(BatchProgress progress) {
            committed.add(fixture.sink.held.writes());
            reported.add(progress.run().processed());
          }
        };
    fixture.builder().listener(listener).build().run();
    assertThat(committed).hasSize(10);
    for (int i = 0; i < committed.size(); i++) {
      assertThat(committed.get(i)).isGreaterThanOrEqualTo(reported.get(i));
    }
    assertThat(reported).isEqualTo(LongStream.rangeClosed(1, 10).map(n -> n * 50).boxed().toList());
  }

  @Test
  void theEndIsInTheRunHistoryWhenTheListenerHearsOfIt() {
    List<RunOutcome> seen = new ArrayList<>();
    SyncListener listener =
        new SyncListener() {
          @Override
          public void runStarted(String runId, RunKind kind) {
            fixture.log.runs().find(runId).ifPresent(run -> seen.add(run.outcome()));
          }

          @Override
          public void runEnded(SyncResult result) {
            fixture.log.runs().find(result.runId()).ifPresent(run -> seen.add(run.outcome()));
          }
        };
    fixture.builder().listener(listener).build().run();
    assertThat(seen).containsExactly(RunOutcome.RUNNING, RunOutcome.COMPLETED);
  }
}
