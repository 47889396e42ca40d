package io.tradesync;

import static io.tradesync.EngineFixture.assertResult;
import static io.tradesync.SampleTrades.T0;
import static io.tradesync.SampleTrades.trade;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import io.tradesync.inmemory.InMemoryTransaction;
import io.tradesync.spi.AnalyticsSink;
import io.tradesync.spi.BadTradesException;
import io.tradesync.spi.FailureKind;
import io.tradesync.spi.RetryLaterException;
import io.tradesync.spi.SinkUnavailableException;
import io.tradesync.spi.TradeBatch;
import io.tradesync.spi.TransactionalSink;
import java.io.IOException;
import java.net.ConnectException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a run does about a sink that fails, and whose failure it says it is. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class SinkFailuresTest {

  private final EngineFixture fixture = new EngineFixture();
  private final SyncEngine engine = fixture.builder().build();
  private final AtomicInteger calls = new AtomicInteger();

  private void failAlways(Exception failure) {
    fixture.sink.hook =
        batch -> {
          calls.incrementAndGet();
          throw failure;
        };
  }

  @Test
  void aSinkThatAlwaysRefusesEndsTheRunAfterTenBatches() {
    fixture.source.putAll(SampleTrades.trades(5_000, 1));
    AnalyticsSink refusing =
        batch -> {
          calls.incrementAndGet();
          throw new IllegalStateException("401 token expired");
        };

    SyncResult result = fixture.builder().sink(refusing).build().run();

    assertResult(
        result,
        false,
        0,
        450,
        5_000,
        "Sync stopped, 10 batches in a row failed, the last one in the sink with:"
            + " 401 token expired: 0/5000 trades processed");
    assertThat(calls.get()).isLessThan(3_000);
  }

  @Test
  void batchesThatFailBecauseOfTheirTradesEndNoRun() {
    fixture.source.putAll(SampleTrades.trades(1_000, 1));
    fixture.sink.hook =
        batch -> {
          Map<TradeKey, String> bad = new HashMap<>();
          EngineFixture.keys(batch).forEach(key -> bad.put(key, "no price"));
          throw new BadTradesException(bad);
        };

    SyncResult result = engine.run();

    assertResult(
        result, true, 0, 1_000, 1_000, "Sync completed with errors: 0/1000 trades processed");
  }

  @Test
  void batchesThatFailBecauseOfTheirTradesDoNotInterruptTheCount() {
    fixture.source.putAll(SampleTrades.trades(2_000, 1));
    fixture.sink.hook =
        batch -> {
          if (EngineFixture.keys(batch).get(0).epochSecond() / 50 % 2 == 0) {
            Map<TradeKey, String> bad = new HashMap<>();
            EngineFixture.keys(batch).forEach(key -> bad.put(key, "no price"));
            throw new BadTradesException(bad);
          }
          throw new IOException("reset");
        };

    SyncResult result = engine.run();

    assertThat(result.success()).isFalse();
    assertThat(result.message())
        .startsWith("Sync stopped, 10 batches in a row failed, the last one in the sink with");
    assertThat(result.errors()).isBetween(18 * 50L, 20 * 50L);
  }

  @Test
  void aHostThatIsDownBehindACompositeIsNotTheStore() {
    fixture.source.putAll(SampleTrades.trades(2_000, 1));
    failAlways(new ConnectException("connection refused by the webhook"));

    assertThat(engine.run().message())
        .contains("in the sink", "connection refused by the webhook")
        .doesNotContain("store");
  }

  @Test
  void aSinkThatCannotBePreparedIsNotTheStore() {
    TransactionalSink<InMemoryTransaction> broken =
        new TransactionalSink<>() {
          @Override
          public Class<InMemoryTransaction> transactionType() {
            return InMemoryTransaction.class;
          }

          @Override
          public void prepare(String service, InMemoryTransaction transaction) throws IOException {
            throw new IOException("no such table");
          }

          @Override
          public void write(TradeBatch batch, InMemoryTransaction transaction) {}
        };

    assertThatExceptionOfType(SideUnavailableException.class)
        .isThrownBy(fixture.builder().sink(broken)::build)
        .withMessage("the sink is not available: no such table");
  }

  @Test
  void aSinkThatBlamesASideOfItsOwnIsStillTheSink() {
    fixture.source.putAll(SampleTrades.trades(1_000, 1));
    failAlways(SideUnavailableException.unreachable(Side.SOURCE, "another source", null));

    assertThat(engine.run().message()).contains("10 batches in a row", "in the sink");
  }

  // A sink that says that it cannot be used

  @Test
  void aSinkThatIsUnavailableEndsTheRunAtOnceAndNothingIsMarked() {
    fixture.source.putAll(SampleTrades.trades(500, 1));
    failAlways(new ExecutionException(new SinkUnavailableException("the token has expired")));

    SyncResult result = engine.run();

    assertResult(
        result,
        false,
        0,
        0,
        500,
        "Sync stopped, the sink is not available: the token has expired: 0/500 trades processed");
    assertThat(result.failure())
        .hasValueSatisfying(
            failure ->
                assertThat(((SideUnavailableException) failure).side()).isEqualTo(Side.SINK));
    assertThat(calls).hasValue(1);
    assertThat(engine.failedTrades(TradeKey.MIN, 10)).isEmpty();
  }

  @Test
  void aLiveTradeWhoseSinkIsUnavailableIsNotMarked() {
    failAlways(new SinkUnavailableException("the token has expired"));

    assertThatExceptionOfType(SideUnavailableException.class)
        .isThrownBy(() -> engine.ingest(SampleTrades.trades(3, 1)))
        .withMessage("the sink is not available: the token has expired");
    assertThat(engine.failedTrades(TradeKey.MIN, 10)).isEmpty();
  }

  @Test
  void aProbeThatSaysThatTheSinkIsUnavailableEndsTheRun() {
    fixture.source.putAll(SampleTrades.trades(50, 1));
    failAlways(new IOException("reset"));
    fixture.sink.probe =
        batch -> {
          throw new SinkUnavailableException("switched off");
        };

    assertThat(engine.run().message())
        .isEqualTo("Sync stopped, the sink is not available: switched off: 0/50 trades processed");
  }

  // A sink that wants to be called again later

  @Test
  void aSinkMayAskForTimeMoreOftenThanThereAreAttempts() {
    fixture.source.putAll(SampleTrades.trades(50, 1));
    fixture.sink.hook =
        batch -> {
          if (calls.incrementAndGet() <= 5) {
            throw new RetryLaterException(Duration.ofMillis(1));
          }
        };

    assertResult(
        fixture.builder().maxAttempts(1).build().run(),
        true,
        50,
        0,
        50,
        "Sync completed: 50/50 trades processed");
    assertThat(calls).hasValue(6);
  }

  @Test
  void aSinkThatAsksForTooMuchTimeIsUnavailable() {
    fixture.source.putAll(SampleTrades.trades(100, 1));
    failAlways(new RetryLaterException(Duration.ofHours(1)));

    SyncResult result = engine.run();

    assertThat(result.message())
        .isEqualTo(
            "Sync stopped, the sink is not available: it asks for waits of PT1H, and a batch waits"
                + " for PT5M at most: 0/100 trades processed");
    assertThat(engine.failedTrades(TradeKey.MIN, 10)).isEmpty();
    assertThat(calls).hasValue(1);
  }

  @Test
  void aRunThatWaitsForItsSinkCanBeCancelled() throws Exception {
    fixture.source.putAll(SampleTrades.trades(100, 1));
    failAlways(new RetryLaterException(Duration.ofMinutes(2)));
    CompletableFuture<SyncResult> run = CompletableFuture.supplyAsync(engine::run);
    await().until(() -> calls.get() == 1);

    engine.cancel();

    assertThat(run.get().outcome()).isEqualTo(RunOutcome.CANCELLED);
    assertThat(calls).hasValue(1);
    assertThat(engine.failedTrades(TradeKey.MIN, 10)).isEmpty();
    fixture.sink.hook = batch -> {};
    assertThat(engine.run().processed()).isEqualTo(100);
  }

  @Test
  void theTransactionIsNotHeldWhileTheSinkIsWaitedFor() throws Exception {
    List<Trade> trades = SampleTrades.trades(50, 1);
    fixture.source.putAll(trades);
    fixture.sink.hook =
        batch -> {
          if (batch.changes().size() == 50 && calls.incrementAndGet() == 1) {
            throw new RetryLaterException(Duration.ofSeconds(2));
          }
        };
    CompletableFuture<SyncResult> run = CompletableFuture.supplyAsync(engine::run);
    await().until(() -> calls.get() == 1);

    assertThat(engine.ingest(trades.subList(0, 1)).written()).hasSize(1);

    assertThat(run.isDone()).isFalse();
    assertThat(run.get().processed()).isEqualTo(50);
    fixture.assertEqualSides();
  }

  @Test
  void aWaitBelongsToTheSinkAlsoInDataOfItsOwnKind() {
    fixture.source.putAll(SampleTrades.trades(10, 1));
    fixture.sink.kind = FailureKind.DATA;
    fixture.sink.hook =
        batch -> {
          if (calls.incrementAndGet() == 1) {
            throw new IllegalStateException(new RetryLaterException(Duration.ZERO));
          }
        };

    assertThat(engine.run().errors()).isZero();
    assertThat(engine.failedTrades(new TradeKey(T0 - 1, ""), 10)).isEmpty();
  }

  @Test
  void aSettingThatASinkThrowsForATradeCostsThatTrade() {
    fixture.source.putAll(SampleTrades.trades(200, 1));
    TradeKey bad = SampleTrades.nth(70, T0 + 70).key();
    fixture.sink.hook =
        batch -> {
          if (EngineFixture.keys(batch).contains(bad)) {
            throw new InvalidSettingException("note", 7, "must be short");
          }
        };

    assertResult(
        engine.run(), true, 199, 1, 200, "Sync completed with errors: 199/200 trades processed");
    assertThat(engine.failedTrades(TradeKey.MIN, 10))
        .extracting(FailedTrade::key, FailedTrade::reason)
        .containsExactly(tuple(bad, "note must be short, but is: 7"));
    Trade live = trade("live", T0 + 900);
    fixture.source.put(live);
    assertThat(engine.ingest(List.of(live)).written()).containsExactly(live.key());
  }

  @Test
  void aSinkThatIsNotInTheTransactionMayThrowASettingTooWithoutEndingTheRun() {
    fixture.source.putAll(SampleTrades.trades(100, 1));
    TradeKey bad = SampleTrades.nth(3, T0 + 3).key();
    List<TradeKey> written = new ArrayList<>();
    AnalyticsSink strict =
        batch -> {
          if (EngineFixture.keys(batch).contains(bad)) {
            throw new InvalidSettingException("timestamp", -1, "must be seconds since 1970");
          }
          written.addAll(EngineFixture.keys(batch));
        };

    SyncResult result = fixture.builder().sink(strict).build().run();

    assertResult(result, true, 99, 1, 100, "Sync completed with errors: 99/100 trades processed");
    assertThat(written).doesNotHaveDuplicates().hasSize(99);
  }

  @Test
  void aSinkMayEndTheRunByASettingOfItsOwn() {
    fixture.source.putAll(SampleTrades.trades(100, 1));
    AnalyticsSink misconfigured =
        new AnalyticsSink() {
          @Override
          public void write(TradeBatch batch) {
            throw new InvalidSettingException("lengths", 7, "must be those of the table");
          }

          @Override
          public Optional<FailureKind> classify(Throwable failure) {
            return Optional.of(FailureKind.SETTING);
          }
        };

    SyncEngine other = fixture.builder().sink(misconfigured).build();
    SyncResult result = other.run();

    assertThat(result.success()).isFalse();
    assertThat(result.message()).contains("lengths must be those of the table, but is: 7");
    assertThat(other.failedTrades(TradeKey.MIN, 10)).isEmpty();
  }
}
