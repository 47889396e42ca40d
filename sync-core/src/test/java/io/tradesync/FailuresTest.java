package io.tradesync;

import static io.tradesync.EngineFixture.assertResult;
import static io.tradesync.SampleTrades.T0;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tradesync.spi.BadTradesException;
import io.tradesync.spi.FailureKind;
import io.tradesync.spi.OutsideRow;
import io.tradesync.spi.SourcePage;
import io.tradesync.spi.TradeSource;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What a run makes of failures. */
class FailuresTest {

  private static final int EXTRA = (int) (2 * Math.log(50) / Math.log(2) + 1);

  private final EngineFixture fixture = new EngineFixture();
  private final SyncEngine engine = fixture.builder().build();

  private static InterceptingSink.Hook refusing(Predicate<TradeKey> bad, String message) {
    return batch -> {
      if (EngineFixture.keys(batch).stream().anyMatch(bad)) {
        throw new IllegalArgumentException(message);
      }
    };
  }

  /** Those in which it is looked for, the others are written, and it is marked. */
  @ParameterizedTest
  @MethodSource("fifty")
  void aBadTradeIsIsolatedInFewTransactions(int bad) {
    fixture.source.putAll(SampleTrades.trades(50, 1));
    fixture.sink.kind = FailureKind.DATA;
    fixture.sink.hook = refusing(key -> key.epochSecond() == T0 + bad, "price is out of range");
    BreakableLog log = new BreakableLog(fixture.log);
    AtomicInteger transactions = new AtomicInteger();
    log.before =
        call -> {
          if (call.equals("transact") || call.equals("markFailed")) {
            transactions.incrementAndGet();
          }
        };
    SyncEngine counted = fixture.builder().log(log).build();
    transactions.set(0);
    SyncResult result = counted.run();
    // The batch itself, and the end of the run.
    assertThat(transactions.get() - 2).isLessThanOrEqualTo(EXTRA);
    assertResult(result, true, 49, 1, 50, "Sync completed with errors: 49/50 trades processed");
    assertThat(engine.failedTrades(TradeKey.MIN, 10))
        .singleElement()
        .satisfies(
            failed -> {
              assertThat(failed.key().epochSecond()).isEqualTo(T0 + bad);
              assertThat(failed.reason()).isEqualTo("price is out of range");
            });
    assertThat(fixture.sink.held.trades()).hasSize(49);
  }

  static IntStream fifty() {
    return IntStream.range(0, 50);
  }

  /** A failure that passed meanwhile marks nobody. */
  @Test
  void aTradeThatIsFoundByEliminationIsTriedAlone() {
    fixture.source.putAll(SampleTrades.trades(50, 1));
    fixture.sink.kind = FailureKind.DATA;
    AtomicInteger calls = new AtomicInteger();
    fixture.sink.hook =
        batch -> {
          if (calls.getAndIncrement() == 0) {
            throw new IllegalArgumentException("once");
          }
        };
    assertResult(engine.run(), true, 50, 0, 50, "Sync completed: 50/50 trades processed");
    fixture.assertEqualSides();
  }

  @Test
  void tradesThatTheSinkNamesNeedNoHalving() {
    fixture.source.putAll(SampleTrades.trades(50, 1));
    fixture.sink.hook =
        batch -> {
          Map<TradeKey, String> bad = new TreeMap<>();
          for (TradeKey key : EngineFixture.keys(batch)) {
            if (key.epochSecond() % 10 == 0) {
              bad.put(key, "price of " + key.id() + "\nis odd");
            }
          }
          if (!bad.isEmpty()) {
            throw new BadTradesException(bad);
          }
        };
    assertResult(
        engine.run(), true, 45, 5, 50, "Sync completed with errors: 45/50 trades processed");
    assertThat(fixture.sink.attempts).hasSize(2);
    assertThat(engine.failedTrades(TradeKey.MIN, 10))
        .hasSize(5)
        .allSatisfy(
            failed ->
                assertThat(failed.reason()).isEqualTo("price of " + failed.key().id() + " is odd"));
  }

  @Test
  void namesThatAreNotInTheBatchAreOfNoUse() {
    fixture.source.putAll(SampleTrades.trades(10, 1));
    fixture.sink.hook =
        batch -> {
          if (EngineFixture.keys(batch).stream().anyMatch(key -> key.epochSecond() == T0 + 3)) {
            throw new BadTradesException(Map.of(new TradeKey(1, "another"), "no"));
          }
        };
    assertResult(engine.run(), true, 9, 1, 10, "Sync completed with errors: 9/10 trades processed");
  }

  /** The side answers, and yet nothing can be written. */
  @Test
  void aRunEndsSoonWhenEveryBatchFails() {
    fixture.source.putAll(SampleTrades.trades(2_000, 1));
    fixture.sink.hook =
        batch -> {
          throw new IOException("connection reset");
        };
    SyncResult result = engine.run();
    assertResult(
        result,
        false,
        0,
        450,
        2_000,
        "Sync stopped, 10 batches in a row failed, the last one in the sink with:"
            + " connection reset: 0/2000 trades processed");
    assertThat(result.failure()).containsInstanceOf(FailedBatchesException.class);
    assertThat(fixture.sink.attempts).hasSize(10 * 3);

    fixture.sink.attempts.clear();
    assertThat(fixture.builder().maxFailedBatches(1).build().run().errors()).isZero();
    assertThat(fixture.sink.attempts).hasSize(3);
    fixture.sink.hook = batch -> {};
    assertThat(engine.run().processed()).isEqualTo(2_000);
    fixture.assertEqualSides();
  }

  @Test
  void batchesThatFailNowAndThenEndNoRun() {
    fixture.source.putAll(SampleTrades.trades(2_000, 1));
    fixture.sink.hook =
        batch -> {
          if (EngineFixture.keys(batch).get(0).epochSecond() / 50 % 5 != 0) {
            throw new IOException("connection reset");
          }
        };
    SyncResult result = engine.run();
    assertThat(result.success()).isTrue();
    assertThat(result.processed()).isEqualTo(400);
    assertThat(result.errors()).isEqualTo(1_600);
  }

  /** A pool that gives no connection says nothing about the trades. */
  @Test
  void noTradeIsMarkedWhenNoTransactionCanBeHad() {
    fixture.source.putAll(SampleTrades.trades(100, 1));
    BreakableLog log = new BreakableLog(fixture.log);
    SyncEngine crowded = fixture.builder().log(log).build();
    AtomicInteger transactions = new AtomicInteger();
    log.before =
        call -> {
          // The first one asks for the sink's retention, before the run begins.
          if (call.equals("transact") && transactions.incrementAndGet() > 1) {
            throw BreakableLog.unreachable();
          }
        };
    SyncResult result = crowded.run();
    assertResult(
        result,
        false,
        0,
        0,
        100,
        "Sync stopped, the store is not available: connection refused: 0/100 trades processed");
    assertThat(engine.failedTrades(TradeKey.MIN, 10)).isEmpty();
  }

  @Test
  void noPasswordGetsIntoAReason() {
    fixture.source.putAll(SampleTrades.trades(1, 1));
    fixture.sink.hook =
        refusing(
            key -> true,
            "POST https://me:geheim@host/x?token=geheim&a=1 {\"password\": \"geheim\"} refused");
    engine.run();
    assertThat(engine.failedTrades(TradeKey.MIN, 1).get(0).reason())
        .isEqualTo("POST https://***@host/x?token=***&a=1 {\"password\": *** refused");
  }

  @Test
  void aFailureOfAnUnknownKindIsTriedAgainBeforeItIsIsolated() {
    fixture.source.putAll(SampleTrades.trades(50, 1));
    fixture.sink.hook = refusing(key -> key.epochSecond() == T0 + 20, "no");
    assertResult(
        engine.run(), true, 49, 1, 50, "Sync completed with errors: 49/50 trades processed");
    int retries = SyncEngineBuilder.DEFAULT_MAX_ATTEMPTS - 1;
    assertThat(fixture.sink.attempts.size() - 1).isLessThanOrEqualTo(EXTRA + retries);
    assertThat(fixture.sink.attempts.subList(0, 3))
        .extracting(batch -> batch.changes().size())
        .containsOnly(50);
  }

  @Test
  void manyBadTradesAreAllIsolated() {
    fixture.source.putAll(SampleTrades.trades(200, 1));
    fixture.sink.kind = FailureKind.DATA;
    fixture.sink.hook = refusing(key -> key.epochSecond() % 7 == 0, "no");
    long bad = fixture.source.trades().stream().filter(t -> t.epochSecond() % 7 == 0).count();
    SyncResult result = engine.run();
    assertThat(result.errors()).isEqualTo(bad);
    assertThat(result.processed()).isEqualTo(200 - bad);
    assertThat(engine.failedTrades(TradeKey.MIN, 1_000))
        .hasSize((int) bad)
        .allSatisfy(failed -> assertThat(failed.key().epochSecond() % 7).isZero());
  }

  @Test
  void aTradeThatKeepsFailingCountsItsAttemptsOverTheRuns() {
    fixture.source.putAll(SampleTrades.trades(3, 1));
    fixture.sink.hook = refusing(key -> key.epochSecond() == T0 + 1, "no");
    for (int run = 1; run <= 3; run++) {
      SyncResult result = engine.run();
      assertThat(result.errors()).isEqualTo(1);
      assertThat(engine.failedTrades(TradeKey.MIN, 10))
          .singleElement()
          .isEqualTo(
              new FailedTrade(
                  new TradeKey(T0 + 1, "t0000001"),
                  "no",
                  run,
                  fixture.clock.instant(),
                  result.runId(),
                  false,
                  null));
    }
  }

  @Test
  void anAcceptedFailureIsNoGapUntilTheTradeChanges() {
    fixture.source.putAll(SampleTrades.trades(3, 1));
    TradeKey bad = new TradeKey(T0 + 1, "t0000001");
    fixture.sink.hook = refusing(key -> key.equals(bad), "no");
    assertThat(engine.run().errors()).isEqualTo(1);
    assertThat(engine.health().gaps().error()).isEqualTo(1);

    assertThat(engine.acceptFailures(List.of(bad), "looked at")).isEqualTo(1);
    assertThat(engine.health().isHealthy()).isTrue();
    assertThat(engine.health().accepted()).isEqualTo(1);
    assertThat(engine.failedTrades(TradeKey.MIN, 10))
        .singleElement()
        .satisfies(failed -> assertThat(failed.accepted()).isEqualTo("looked at"));
    assertThat(engine.run().total()).isZero();
    assertThat(engine.audit().gaps()).isEqualTo(GapCounts.NONE);
    assertThat(engine.plan().writes()).isZero();

    Trade changed = SampleTrades.trade("t0000001", T0 + 1, "4");
    assertThat(changed.key()).isEqualTo(bad);
    fixture.source.put(changed);
    assertThat(engine.health().gaps().error()).isEqualTo(1);
    assertThat(engine.health().accepted()).isZero();
    assertThat(engine.run().errors()).isEqualTo(1);
    assertThat(engine.acceptFailures(List.of(bad), "again")).isEqualTo(1);
    assertThat(engine.releaseParked(KeyRange.all())).isEqualTo(1);
    assertThat(engine.health().gaps().error()).isEqualTo(1);
    fixture.sink.hook = batch -> {};
    assertThat(engine.run().processed()).isEqualTo(1);
    assertThat(engine.health().isHealthy()).isTrue();
  }

  /** Whatever a store may do with them: PostgreSQL holds no U+0000 in a text, for example. */
  @Test
  void whatCannotBeStoredIsRefusedBeforeAnythingIsAccepted() {
    List<TradeKey> keys = List.of(new TradeKey(T0, "t0000000"));
    List<OutsideRow.Ref> rows = List.of(new OutsideRow.Ref("00", 1));
    for (String reason : new String[] {null, "", "  ", "x".repeat(501), "a\0b", "a\ud800"}) {
      assertRefused("reason", () -> engine.acceptFailures(keys, reason));
      assertRefused("reason", () -> engine.acceptRowsOutsideKeyOrder(rows, reason));
    }
    List<TradeKey> badKeys = List.of(keys.get(0), new TradeKey(T0, "t\0"));
    assertRefused("keys", () -> engine.acceptFailures(badKeys, "known"));
    List<OutsideRow.Ref> badRows = List.of(rows.get(0), new OutsideRow.Ref("0\0", 1));
    assertRefused("rows", () -> engine.acceptRowsOutsideKeyOrder(badRows, "known"));
    assertRefused("rows", () -> engine.releaseRowsOutsideKeyOrder(badRows));
    assertThat(engine.acceptFailures(keys, "x".repeat(500))).isZero();
  }

  private static void assertRefused(String setting, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOf(InvalidSettingException.class)
        .hasMessageStartingWith(setting + " must ")
        .message()
        .hasSizeLessThan(300)
        .doesNotContain("\0");
  }

  @Test
  void anAcceptedChangeLeavesTheProcessedTradeAndIsNoGap() {
    fixture.source.putAll(SampleTrades.trades(3, 1));
    assertThat(engine.run().processed()).isEqualTo(3);
    Trade changed = SampleTrades.trade("t0000001", T0 + 1, "4");
    fixture.source.put(changed);
    fixture.sink.hook = refusing(key -> key.equals(changed.key()), "no");
    assertThat(engine.run().errors()).isEqualTo(1);
    assertThat(engine.health().gaps().changed()).isEqualTo(1);

    assertThat(engine.acceptFailures(List.of(changed.key()), "looked at")).isEqualTo(1);
    assertThat(engine.health().isHealthy()).isTrue();
    assertThat(engine.health().accepted()).isEqualTo(1);
    assertThat(engine.run().total()).isZero();

    fixture.source.put(SampleTrades.trade("t0000001", T0 + 1, "3"));
    assertThat(engine.health().gaps().changed()).isEqualTo(1);
    assertThat(engine.health().accepted()).isZero();
  }

  private SyncEngine parking(FailureKind kind) {
    fixture.sink.kind = kind;
    return fixture.builder().parkAfter(2).build();
  }

  @Test
  void aTradeThatFailsAgainAndAgainIsLeftAloneAndStaysAGap() {
    SyncEngine engine = parking(FailureKind.DATA);
    fixture.source.putAll(SampleTrades.trades(50, 1));
    fixture.sink.hook = refusing(key -> key.epochSecond() == T0 + 20, "no");
    assertThat(engine.run().errors()).isEqualTo(1);
    assertThat(engine.run().errors()).isEqualTo(1);
    assertThat(engine.failedTrades(TradeKey.MIN, 10))
        .singleElement()
        .satisfies(failed -> assertThat(failed.parked()).isTrue());
    fixture.sink.attempts.clear();

    assertResult(engine.run(), true, 0, 0, 0, "Sync completed: 0/0 trades processed");
    assertThat(fixture.sink.attempts).isEmpty();
    assertThat(engine.health().gaps()).isEqualTo(new GapCounts(0, 1, 0, 0));
    assertThat(engine.failedTrades(TradeKey.MIN, 10)).hasSize(1);

    fixture.sink.hook = batch -> {};
    assertThat(engine.releaseParked(KeyRange.all())).isEqualTo(1);
    assertThat(engine.run().processed()).isEqualTo(1);
    fixture.assertEqualSides();
  }

  @Test
  void aParkedTradeIsTriedAgainWithOtherContentAndByAForce() {
    SyncEngine engine = parking(FailureKind.DATA);
    fixture.source.putAll(SampleTrades.trades(3, 1));
    fixture.sink.hook = refusing(key -> key.epochSecond() > T0, "no");
    engine.run();
    engine.run();
    assertThat(engine.run().total()).isZero();
    fixture.sink.hook = batch -> {};
    TradeKey second = fixture.source.trades().get(1).key();
    fixture.source.put(Trade.builder(second.id(), second.epochSecond(), 1, "other pool").build());
    assertThat(engine.run().processed()).isEqualTo(1);
    assertThat(engine.forceFromEpochSecond(T0 + 1).processed()).isEqualTo(1);
    assertThat(engine.health().isHealthy()).isTrue();
  }

  @Test
  void aChangeThatFailsAgainAndAgainIsLeftAloneUntilTheContentIsAnother() {
    SyncEngine engine = parking(FailureKind.DATA);
    fixture.source.putAll(SampleTrades.trades(50, 1));
    engine.run();
    TradeKey changed = fixture.source.trades().get(20).key();
    fixture.source.put(Trade.builder(changed.id(), changed.epochSecond(), 1, "other").build());
    fixture.sink.hook = refusing(changed::equals, "no");
    assertThat(engine.run().errors()).isEqualTo(1);
    assertThat(engine.run().errors()).isEqualTo(1);
    fixture.sink.attempts.clear();

    assertResult(engine.run(), true, 0, 0, 0, "Sync completed: 0/0 trades processed");
    assertThat(fixture.sink.attempts).isEmpty();
    assertThat(engine.health().gaps()).isEqualTo(new GapCounts(0, 0, 1, 0));
    assertThat(engine.failedTrades(TradeKey.MIN, 10))
        .singleElement()
        .satisfies(failed -> assertThat(failed.parked()).isTrue());

    fixture.sink.hook = batch -> {};
    fixture.source.put(Trade.builder(changed.id(), changed.epochSecond(), 1, "third").build());
    assertThat(engine.run().processed()).isEqualTo(1);
    assertThat(fixture.sink.held.trades()).isEqualTo(fixture.source.trades());
    assertThat(engine.failedTrades(TradeKey.MIN, 10)).isEmpty();
  }

  @Test
  void aRetractionThatFailsAgainAndAgainIsLeftAloneUntilItIsReleased() {
    fixture.sink.kind = FailureKind.DATA;
    SyncEngine engine = fixture.builder().parkAfter(2).orphanGrace(Duration.ZERO).build();
    fixture.source.putAll(SampleTrades.trades(50, 1));
    engine.run();
    TradeKey gone = fixture.source.trades().get(20).key();
    fixture.source.remove(gone.id());
    fixture.sink.hook = refusing(gone::equals, "no");
    assertThat(engine.run().errors()).isEqualTo(1);
    assertThat(engine.run().errors()).isEqualTo(1);
    fixture.sink.attempts.clear();

    assertResult(engine.run(), true, 0, 0, 0, "Sync completed: 0/0 trades processed");
    assertThat(fixture.sink.attempts).isEmpty();
    assertThat(engine.health().gaps()).isEqualTo(new GapCounts(0, 0, 0, 1));
    assertThat(engine.failedTrades(TradeKey.MIN, 10)).hasSize(1);

    fixture.sink.hook = batch -> {};
    assertThat(engine.releaseParked(KeyRange.all())).isEqualTo(1);
    assertThat(engine.run().processed()).isEqualTo(1);
    assertThat(fixture.sink.held.trades()).isEqualTo(fixture.source.trades());
    assertThat(engine.failedTrades(TradeKey.MIN, 10)).isEmpty();
  }

  @ParameterizedTest
  @EnumSource(
      value = FailureKind.class,
      names = {"NETWORK", "TRANSIENT"})
  void theNetworkNeverParksATrade(FailureKind kind) {
    SyncEngine engine = parking(kind);
    fixture.source.putAll(SampleTrades.trades(3, 1));
    fixture.sink.hook = refusing(key -> true, "no");
    for (int run = 0; run < 5; run++) {
      assertThat(engine.run().errors()).isEqualTo(3);
    }
  }

  /** A service behind the sink that is down in its own way. */
  @Test
  void whatFailsForEveryTradeParksNone() {
    SyncEngine engine = parking(null);
    fixture.source.putAll(SampleTrades.trades(3, 1));
    fixture.sink.hook = refusing(key -> true, "sorry");
    for (int run = 0; run < 5; run++) {
      assertThat(engine.run().errors()).isEqualTo(3);
    }
    fixture.sink.hook = refusing(key -> key.epochSecond() == T0, "sorry");
    engine.run();
    engine.run();
    assertThat(engine.run().total()).isZero();
  }

  @Test
  void aReasonIsOneBoundedLineThatAnyDatabaseHolds() {
    fixture.source.putAll(SampleTrades.trades(3, 1));
    List<String> messages =
        List.of("two\n lines\tand \u0000NUL", "half of a pair: \ud83d", "💱".repeat(2_000));
    fixture.sink.hook =
        batch -> {
          throw new IllegalArgumentException(
              messages.get((int) (batch.changes().get(0).key().epochSecond() - T0)));
        };
    assertThat(engine.run().errors()).isEqualTo(3);
    List<String> reasons =
        engine.failedTrades(TradeKey.MIN, 10).stream().map(FailedTrade::reason).toList();
    assertThat(reasons.get(0)).isEqualTo("two lines and NUL");
    assertThat(reasons.get(1)).startsWith("half of a pair:");
    assertThat(reasons.get(2)).endsWith("…").hasSizeLessThanOrEqualTo(500);
    // A trade's builder refuses what a database cannot hold.
    assertThat(reasons)
        .allSatisfy(reason -> Trade.builder("a", 1, 1, "p").attribute("reason", reason));
  }

  @Test
  void aFailureWithoutAMessageIsNamed() {
    fixture.source.putAll(SampleTrades.trades(1, 1));
    fixture.sink.hook = refusing(key -> true, null);
    engine.run();
    assertThat(engine.failedTrades(TradeKey.MIN, 1).get(0).reason())
        .isEqualTo("IllegalArgumentException");
  }

  @Test
  void whatPassesIsTriedAgain() {
    fixture.source.putAll(SampleTrades.trades(120, 1));
    AtomicInteger calls = new AtomicInteger();
    fixture.sink.hook =
        batch -> {
          if (calls.incrementAndGet() % 3 != 0) {
            throw new IOException("connection reset");
          }
        };
    assertResult(engine.run(), true, 120, 0, 120, "Sync completed: 120/120 trades processed");
    assertThat(calls).hasValue(9);
    fixture.assertEqualSides();
  }

  @Test
  void howOftenItIsTriedIsASetting() {
    fixture.source.putAll(SampleTrades.trades(1, 1));
    fixture.sink.hook =
        batch -> {
          throw new IOException("connection reset");
        };
    fixture.builder().maxAttempts(1).build().run();
    assertThat(fixture.sink.attempts).hasSize(1);
    fixture.builder().maxAttempts(5).build().run();
    assertThat(fixture.sink.attempts).hasSize(6);
  }

  @Test
  void aSinkThatIsGoneEndsTheRunAndNothingIsMarked() {
    fixture.source.putAll(SampleTrades.trades(200, 1));
    AtomicInteger committed = new AtomicInteger();
    fixture.sink.hook =
        batch -> {
          if (committed.incrementAndGet() > 1) {
            throw new IOException("connection refused");
          }
        };
    fixture.sink.probe =
        batch -> {
          throw new IOException("connection refused");
        };
    SyncResult result = engine.run();
    assertResult(
        result,
        false,
        50,
        0,
        200,
        "Sync stopped, the sink is not available: connection refused: 50/200 trades processed");
    assertThat(result.outcome()).isEqualTo(RunOutcome.FAILED);
    assertThat(engine.failedTrades(TradeKey.MIN, 10)).isEmpty();
    assertThat(engine.health().gaps()).isEqualTo(new GapCounts(150, 0, 0, 0));
    // Not after every batch has used its attempts up.
    assertThat(fixture.sink.attempts.size()).isLessThan(1 + 3 * 3);

    fixture.sink.hook = batch -> {};
    assertResult(engine.run(), true, 150, 0, 150, "Sync completed: 150/150 trades processed");
    fixture.assertEqualSides();
  }

  @Test
  void aSinkThatGivesNoAnswerInTimeIsNamed() {
    fixture.source.putAll(SampleTrades.trades(50, 1));
    fixture.sink.hook =
        batch -> {
          throw new SocketTimeoutException("Read timed out");
        };
    fixture.sink.probe = fixture.sink.hook;
    assertResult(
        engine.run(),
        false,
        0,
        0,
        50,
        "Sync stopped, the sink is not available: Network timeout: 0/50 trades processed");
  }

  @Test
  void theRunHistoryRecordsUpToWhichTradeEverythingIsDone() {
    fixture.source.putAll(SampleTrades.trades(100, 1));
    CountDownLatch second = new CountDownLatch(1);
    fixture.sink.hook =
        batch -> {
          if (EngineFixture.keys(batch).get(0).epochSecond() == T0) {
            second.await();
            throw new IOException("connection refused");
          }
        };
    fixture.sink.probe =
        batch -> {
          throw new IOException("connection refused");
        };
    SyncListener listener =
        new SyncListener() {
          @Override
          public void batchFinished(BatchProgress progress) {
            second.countDown();
          }
        };
    SyncResult result = fixture.builder().parallelism(2).listener(listener).build().run();
    assertThat(result.processed()).isEqualTo(50);
    // The second batch is committed, the first one is not.
    assertThat(engine.findRun(result.runId()).orElseThrow().through()).isNull();
  }

  @Test
  void aLogThatIsGoneEndsTheRunAndNothingIsMarked() {
    fixture.source.putAll(SampleTrades.trades(200, 1));
    BreakableLog log = new BreakableLog(fixture.log);
    AtomicInteger transactions = new AtomicInteger();
    SyncEngine fragile = fixture.builder().log(log).groupCommit(1).build();
    log.before =
        call -> {
          // The first one asks for the sink's retention.
          if (call.equals("transact") && transactions.incrementAndGet() > 3
              || transactions.get() > 3) {
            throw BreakableLog.unreachable();
          }
        };
    SyncResult result = fragile.run();
    assertResult(
        result,
        false,
        100,
        0,
        200,
        "Sync stopped, the store is not available: connection refused: 100/200 trades processed");
    log.before = call -> {};
    assertThat(fragile.failedTrades(TradeKey.MIN, 10)).isEmpty();
    assertThat(fragile.health().gaps()).isEqualTo(new GapCounts(100, 0, 0, 0));
    // The lease could not be given back, and ends by itself.
    fixture.clock.advance(SyncEngineBuilder.DEFAULT_LEASE_TTL);
    assertResult(fragile.run(), true, 100, 0, 100, "Sync completed: 100/100 trades processed");
    fixture.assertEqualSides();
  }

  @Test
  void aLogThatCannotBeAskedForTheLeaseBeginsNoRun() {
    BreakableLog log = new BreakableLog(fixture.log);
    SyncEngine fragile = fixture.builder().log(log).build();
    log.before =
        call -> {
          throw BreakableLog.unreachable();
        };
    assertThatExceptionOfType(SideUnavailableException.class)
        .isThrownBy(fragile::run)
        .satisfies(e -> assertThat(e.side()).isEqualTo(Side.STORE));
    assertThatExceptionOfType(SideUnavailableException.class)
        .isThrownBy(fragile::health)
        .satisfies(e -> assertThat(e.side()).isEqualTo(Side.STORE));
    assertThat(fixture.listener.events).isEmpty();
  }

  private final class FadingSource implements TradeSource {
    private final int answers;
    private final AtomicInteger asked = new AtomicInteger();

    FadingSource(int answers) {
      this.answers = answers;
    }

    private void answer() {
      if (asked.incrementAndGet() > answers) {
        throw SideUnavailableException.unreachable(Side.SOURCE, "connection refused", null);
      }
    }

    @Override
    public SourcePage<Trade> page(KeyRange range, int limit) {
      answer();
      return fixture.source.page(range, limit);
    }

    @Override
    public SourcePage<Trade> byIds(Collection<String> ids) {
      answer();
      return fixture.source.byIds(ids);
    }
  }

  @Test
  void aSourceThatGoesAwayAtAnyMomentEndsTheRunAndTheNextOneGoesOn() {
    fixture.source.putAll(SampleTrades.trades(2_500, 1));
    int answers = 0;
    SyncResult result;
    do {
      FadingSource source = new FadingSource(answers++);
      result = fixture.builder().source(source).maxAttempts(1).build().run();
      if (!result.success()) {
        assertThat(result.outcome()).isEqualTo(RunOutcome.FAILED);
        assertThat(result.message())
            .startsWith("Sync stopped, the source is not available: connection refused: ");
        assertThat(result.errors()).isZero();
      }
      assertThat(engine.failedTrades(TradeKey.MIN, 10)).isEmpty();
      assertThat(answers).isLessThan(100);
    } while (!result.success());
    assertThat(answers).isGreaterThan(5);
    fixture.assertEqualSides();
  }

  @Test
  void aSourceThatIsGoneLeavesHealthWithoutAnAnswer() {
    SyncEngine blind = fixture.builder().source(new FadingSource(0)).build();
    assertThatExceptionOfType(SideUnavailableException.class)
        .isThrownBy(blind::health)
        .withMessage("the source is not available: connection refused")
        .satisfies(e -> assertThat(e.side()).isEqualTo(Side.SOURCE));
  }

  @Test
  void aSourceThatFailsInItsOwnWayIsNamedAsTheSide() {
    TradeSource broken =
        new TradeSource() {
          @Override
          public SourcePage<Trade> page(KeyRange range, int limit) {
            throw new IllegalStateException("cursor closed");
          }

          @Override
          public SourcePage<Trade> byIds(Collection<String> ids) {
            return SourcePage.last(List.of());
          }
        };
    assertThatExceptionOfType(SideUnavailableException.class)
        .isThrownBy(() -> fixture.builder().source(broken).build().health())
        .withMessage("the source is not available: cursor closed");
  }

  /** Declares nothing and throws anything, as a sink in another language of the JVM may. */
  @SuppressWarnings("unchecked")
  private static <T extends Throwable> void throwUnchecked(Throwable failure) throws T {
    throw (T) failure;
  }

  static Stream<Arguments> errorsOfASink() {
    return Stream.of(
        Arguments.of(new StackOverflowError(), "StackOverflowError"),
        Arguments.of(new NoClassDefFoundError("a/B"), "NoClassDefFoundError: a/B"),
        Arguments.of(new AssertionError("negative"), "AssertionError: negative"),
        Arguments.of(new Throwable("odd"), "Throwable: odd"));
  }

  @ParameterizedTest
  @MethodSource("errorsOfASink")
  void anErrorOfTheSinkCostsTheTradeThatCausesIt(Throwable error, String reason) {
    fixture.source.putAll(SampleTrades.trades(100, 1));
    fixture.sink.hook =
        batch -> {
          if (EngineFixture.keys(batch).stream().anyMatch(key -> key.epochSecond() == T0 + 40)) {
            throwUnchecked(error);
          }
        };

    SyncResult result = engine.run();

    assertResult(result, true, 99, 1, 100, "Sync completed with errors: 99/100 trades processed");
    assertThat(engine.failedTrades(TradeKey.MIN, 10))
        .singleElement()
        .satisfies(
            failed -> {
              assertThat(failed.key().epochSecond()).isEqualTo(T0 + 40);
              assertThat(failed.reason()).isEqualTo(reason);
            });
  }

  @Test
  void aSinkThatRunsOutOfMemoryEndsTheRunAndNothingIsMarked() {
    fixture.source.putAll(SampleTrades.trades(200, 1));
    fixture.sink.hook =
        batch -> {
          if (EngineFixture.keys(batch).get(0).epochSecond() == T0 + 50) {
            throw new OutOfMemoryError("Java heap space");
          }
        };

    SyncResult result = engine.run();

    assertResult(
        result,
        false,
        50,
        0,
        200,
        "Sync stopped, OutOfMemoryError: Java heap space: 50/200 trades processed");
    assertThat(engine.failedTrades(TradeKey.MIN, 10)).isEmpty();
    fixture.sink.hook = batch -> {};
    assertThat(engine.run().success()).isTrue();
    fixture.assertEqualSides();
  }

  @Test
  void anErrorOfTheVirtualMachineInASourceIsNotTakenForAnOutage() {
    TradeSource broken =
        new TradeSource() {
          @Override
          public SourcePage<Trade> page(KeyRange range, int limit) {
            throw new StackOverflowError();
          }

          @Override
          public SourcePage<Trade> byIds(Collection<String> ids) {
            return SourcePage.last(List.of());
          }
        };
    assertThatExceptionOfType(StackOverflowError.class)
        .isThrownBy(() -> fixture.builder().source(broken).build().health());
  }
}
