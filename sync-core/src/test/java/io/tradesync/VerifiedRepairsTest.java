package io.tradesync;

import static io.tradesync.SampleTrades.T0;
import static io.tradesync.SampleTrades.nth;
import static io.tradesync.SampleTrades.trade;
import static io.tradesync.SampleTrades.trades;
import static org.assertj.core.api.Assertions.assertThat;

import io.tradesync.spi.SinkUnavailableException;
import io.tradesync.spi.TradeChange;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a run has repaired completely is verified at its end, and nobody compares it again. */
class VerifiedRepairsTest {

  private static final int SUB_RANGE = 300;
  private static final int COUNT = 40;

  private final EngineFixture fixture = new EngineFixture();
  private final RecordingSource source = new RecordingSource(fixture.source);

  /** One trade in each of forty sub-ranges, all of them final. */
  @BeforeEach
  void fill() {
    fixture.source.putAll(trades(COUNT, SUB_RANGE));
    fixture.clock.set(Instant.ofEpochSecond(T0 + COUNT * SUB_RANGE).plus(Duration.ofHours(2)));
  }

  private SyncEngine engine() {
    return fixture.builder().source(source).compareAllUpTo(1).batchSize(5).build();
  }

  private List<KeyRange> marks() {
    return fixture.log.verification().snapshot().unverified();
  }

  private static KeyRange subRange(int number) {
    return KeyRange.seconds(T0 + number * SUB_RANGE, T0 + (number + 1) * SUB_RANGE);
  }

  private static boolean isAbove(TradeChange change, int number) {
    return change.key().epochSecond() >= T0 + number * SUB_RANGE;
  }

  @Test
  void afterACatchUpHealthReadsTheNewestTradesOnly() {
    SyncEngine engine = engine();

    assertThat(engine.run().isComplete()).isTrue();

    assertThat(marks()).isEmpty();
    source.rows.set(0);
    SyncHealth health = engine.health();
    assertThat(health.gaps()).isEqualTo(GapCounts.NONE);
    assertThat(health.verified().throughEpochSecond()).isEqualTo(T0 + (COUNT - 1) * SUB_RANGE - 1);
    assertThat(source.rows.get()).isLessThanOrEqualTo(1);
  }

  @Test
  void whatAnotherPathChangesMeanwhileIsComparedAgain() {
    fixture.sink.hook =
        batch -> fixture.log.verification().markUnverified(List.of(subRange(7), subRange(21)));

    assertThat(engine().run().isComplete()).isTrue();

    assertThat(marks()).containsExactly(subRange(7), subRange(21));
  }

  @Test
  void aSubRangeWithATradeThatFailedIsComparedAgain() {
    fixture.sink.hook =
        batch -> {
          if (batch.changes().stream()
              .anyMatch(change -> isAbove(change, 9) && !isAbove(change, 10))) {
            throw new IllegalArgumentException("no");
          }
        };

    assertThat(engine().run().errors()).isEqualTo(1);

    assertThat(marks()).containsExactly(subRange(9));
  }

  @Test
  void aSubRangeWithAnOrphanWithinItsGraceIsComparedAgain() {
    SyncEngine engine = engine();
    engine.run();
    fixture.source.remove(nth(5, T0).id());
    fixture.source.put(
        trade(nth(6, T0).id(), T0 + 6 * SUB_RANGE, "9"), nth(100, T0 + 30 * SUB_RANGE));
    engine.forgetVerification();

    assertThat(engine.run().isComplete()).isFalse();

    assertThat(marks()).containsExactly(subRange(5));
  }

  @Test
  void whatIsNoLongerFinalAtTheEndIsComparedAgain() {
    fixture.sink.hook =
        batch ->
            fixture.clock.set(
                Instant.ofEpochSecond(T0 + 10 * SUB_RANGE + 7).plus(Duration.ofHours(1)));

    assertThat(engine().run().isComplete()).isTrue();

    assertThat(marks())
        .containsExactly(KeyRange.seconds(T0 + 10 * SUB_RANGE, T0 + (COUNT - 1) * SUB_RANGE));
  }

  @Test
  void aRunThatEndsEarlyVerifiesNothing() {
    fixture.sink.hook =
        batch -> {
          if (batch.changes().stream().anyMatch(change -> isAbove(change, 20))) {
            throw new SinkUnavailableException("gone");
          }
        };

    assertThat(engine().run().success()).isFalse();

    assertThat(marks()).containsExactly(KeyRange.seconds(T0, T0 + (COUNT - 1) * SUB_RANGE));
    fixture.sink.hook = batch -> {};
    assertThat(engine().run().isComplete()).isTrue();
    assertThat(marks()).isEmpty();
  }

  @Test
  void theNewestSecondIsNotVerified() {
    fixture.sink.hook = batch -> fixture.source.put(nth(500, T0 + (COUNT - 1) * SUB_RANGE));
    SyncEngine engine = engine();

    engine.run();

    assertThat(marks()).isEmpty();
    assertThat(engine.health().gaps().missing()).isEqualTo(1);
  }

  private static long second(int number) {
    return T0 + number * SUB_RANGE;
  }

  /** An engine that has verified everything, with nothing marked. */
  private SyncEngine verified() {
    SyncEngine engine = engine();
    engine.run();
    assertThat(marks()).isEmpty();
    return engine;
  }

  @Test
  void afterAForceHealthReadsTheNewestTradesOnly() {
    SyncEngine engine = verified();

    assertThat(engine.forceFromEpochSecond(T0 - 1).processed()).isEqualTo(COUNT);

    assertThat(marks()).isEmpty();
    source.rows.set(0);
    assertThat(engine.health().isHealthy()).isTrue();
    assertThat(source.rows.get()).isLessThanOrEqualTo(1);
  }

  @Test
  void aForceVerifiesNoSubRangeOfWhichItWroteAPart() {
    fixture.source.put(nth(600, second(10) + 100), nth(601, second(20) + 100));
    SyncEngine engine = verified();

    engine.run(RunOptions.forceFromEpochSecond(second(10) + 50).toEpochSecond(second(20) + 200));

    assertThat(marks()).containsExactly(subRange(10), subRange(20));
  }

  @Test
  void aForceVerifiesNothingThatSomebodyElseMarked() {
    SyncEngine engine = verified();
    fixture.sink.hook = batch -> fixture.log.verification().markUnverified(List.of(subRange(7)));

    engine.forceFromEpochSecond(T0 - 1);

    assertThat(marks()).containsExactly(subRange(7));
  }

  @Test
  void aForceOfSomePoolsVerifiesNothing() {
    SyncEngine engine = verified();
    String pool = fixture.source.trades().get(0).poolId();

    engine.run(RunOptions.forceFromEpochSecond(T0 - 1).only(TradeSelection.ALL.withPools(pool)));

    assertThat(marks()).isNotEmpty();
  }

  @Test
  void aForceVerifiesNoSubRangeInWhichItLeftAGap() {
    SyncEngine engine = verified();
    fixture.source.put(trade(nth(9, T0).id(), second(9), "9"));
    fixture.sink.hook =
        batch -> {
          if (batch.changes().stream()
              .anyMatch(change -> isAbove(change, 9) && !isAbove(change, 10))) {
            throw new IllegalArgumentException("no");
          }
        };

    assertThat(engine.forceFromEpochSecond(T0 - 1).errors()).isEqualTo(1);

    assertThat(marks()).containsExactly(subRange(9));
  }

  @Test
  void aForceVerifiesNothingThatIsNoLongerFinalAtItsEnd() {
    SyncEngine engine = verified();
    fixture.sink.hook =
        batch -> fixture.clock.set(Instant.ofEpochSecond(second(10) + 7).plus(Duration.ofHours(1)));

    engine.forceFromEpochSecond(T0 - 1);

    assertThat(marks()).containsExactly(KeyRange.seconds(second(10), second(COUNT - 1)));
  }

  @Test
  void aForceThatEndsEarlyVerifiesNothing() {
    SyncEngine engine = verified();
    fixture.sink.hook =
        batch -> {
          if (batch.changes().stream().anyMatch(change -> isAbove(change, 20))) {
            throw new SinkUnavailableException("gone");
          }
        };

    assertThat(engine.forceFromEpochSecond(T0 - 1).success()).isFalse();

    assertThat(marks()).isNotEmpty();
    fixture.sink.hook = batch -> {};
    // The next run takes the force up, after its last committed key.
    assertThat(engine.run().success()).isTrue();
    engine.run();
    assertThat(marks()).isEmpty();
  }
}
