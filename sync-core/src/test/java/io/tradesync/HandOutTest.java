package io.tradesync;

import static io.tradesync.SampleTrades.T0;
import static io.tradesync.SampleTrades.trade;
import static org.assertj.core.api.Assertions.assertThat;

import io.tradesync.inmemory.InMemorySyncLog;
import io.tradesync.inmemory.InMemoryTradeSource;
import io.tradesync.spi.AnalyticsSink;
import io.tradesync.spi.BadTradesException;
import io.tradesync.spi.SinkCapability;
import io.tradesync.spi.TradeBatch;
import io.tradesync.spi.TradeChange;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What becomes of trades that are perhaps in a sink outside the log's transaction. */
class HandOutTest {

  /** Applies what is newer by revision, and then loses its answer if the test says so. */
  private static final class Receiver implements AnalyticsSink {
    final Map<String, Long> applied = new HashMap<>();
    final Map<String, Trade> held = new TreeMap<>();
    final List<TradeChange> received = new ArrayList<>();
    final List<String> batchKeys = new ArrayList<>();
    Set<SinkCapability> capabilities = EnumSet.allOf(SinkCapability.class);
    boolean answers = true;
    boolean arrives = true;
    String refused = "";

    @Override
    public Set<SinkCapability> capabilities() {
      return capabilities;
    }

    @Override
    public void write(TradeBatch batch) throws Exception {
      for (TradeChange change : batch.changes()) {
        if (change.key().id().equals(refused)) {
          throw new BadTradesException(Map.of(change.key(), "no such pool"));
        }
      }
      batchKeys.add(batch.idempotencyKey());
      if (arrives) {
        batch.changes().forEach(this::apply);
      }
      if (!answers) {
        throw new IOException("no answer");
      }
    }

    private void apply(TradeChange change) {
      received.add(change);
      String id = change.key().id();
      if (change.revision() > applied.getOrDefault(id, 0L)) {
        applied.put(id, change.revision());
        held.remove(id);
        change.after().ifPresent(trade -> held.put(id, trade));
      }
    }

    TradeChange last() {
      return received.get(received.size() - 1);
    }
  }

  private final InMemoryTradeSource source = new InMemoryTradeSource();
  private final InMemorySyncLog log = new InMemorySyncLog();
  private final Receiver receiver = new Receiver();
  private final SyncEngine engine = engine();

  private SyncEngine engine() {
    return SyncEngine.builder()
        .source(source)
        .log(log)
        .sink(receiver)
        .orphanGrace(Duration.ZERO)
        .maxAttempts(2)
        .retryDelay(Duration.ofMillis(1))
        .build();
  }

  private void losesAnAnswer() {
    receiver.answers = false;
    assertThat(engine.run().errors()).isEqualTo(1);
    receiver.answers = true;
  }

  private void assertEqual() {
    assertThat(receiver.held.values()).containsExactlyInAnyOrderElementsOf(source.trades());
    assertThat(engine.health().gaps()).isEqualTo(GapCounts.NONE);
    assertThat(engine.audit().gaps()).isEqualTo(GapCounts.NONE);
    assertThat(log.entries().handOuts(List.of(KeyRange.all()), 10)).isEmpty();
    assertThat(engine.run().total()).isZero();
  }

  @Test
  void aTradeWhoseAnswerWasLostAndThatVanishedIsRetracted() {
    source.put(trade("a", T0), trade("b", T0 + 1));
    engine.run();
    source.put(trade("c", T0 + 2));
    losesAnAnswer();
    source.remove("c");

    assertThat(engine.health().gaps()).isEqualTo(new GapCounts(0, 0, 0, 1));
    assertThat(engine.run().processed()).isEqualTo(1);
    assertThat(receiver.last()).isInstanceOf(TradeChange.Retract.class);
    assertEqual();
  }

  @Test
  void aTradeWhoseAnswerWasLostAndThatMovedIsReplaced() {
    for (long second : List.of(T0 - 100, T0 + 100)) {
      source.put(trade("a" + second, T0));
      losesAnAnswer();
      source.put(trade("a" + second, second));

      engine.run();
      assertThat(receiver.last().before()).contains(new TradeKey(T0, "a" + second));
      assertEqual();
    }
  }

  @Test
  void aMoveWhoseAnswerWasLostAndThatIsUndoneIsWrittenBack() {
    source.put(trade("a", T0));
    engine.run();
    source.put(trade("a", T0 + 100));
    losesAnAnswer();
    source.put(trade("a", T0));

    assertThat(engine.health().gaps().changed()).isEqualTo(1);
    engine.run();
    assertEqual();
  }

  @Test
  void aRetractionWhoseAnswerWasLostIsUndoneIfTheTradeIsBack() {
    source.put(trade("a", T0), trade("b", T0 + 1));
    engine.run();
    source.remove("a");
    losesAnAnswer();
    source.put(trade("a", T0));

    assertThat(receiver.held).doesNotContainKey("a");
    engine.run();
    assertEqual();
  }

  @Test
  void theSameChangeKeepsItsRevisionAndAnyOtherHasAGreaterOne() {
    source.put(trade("a", T0, "1"));
    losesAnAnswer();
    engine.run();
    assertThat(receiver.received).hasSizeGreaterThan(2).containsOnly(receiver.last());
    long first = receiver.last().revision();

    source.put(trade("a", T0, "2"));
    losesAnAnswer();
    long second = receiver.last().revision();
    assertThat(second).isGreaterThan(first);
    source.put(trade("a", T0, "1"));
    engine.run();
    assertThat(receiver.last().revision()).isGreaterThan(second);
    assertEqual();
  }

  @Test
  void whatIsPerhapsInTheSinkIsWrittenEvenIfTheLogHoldsTheSameContent() {
    source.put(trade("a", T0, "1"));
    engine.run();
    source.put(trade("a", T0, "2"));
    losesAnAnswer();
    source.put(trade("a", T0, "1"));

    assertThat(receiver.held.get("a")).isEqualTo(trade("a", T0, "2"));
    assertThat(engine.health().gaps()).isEqualTo(new GapCounts(0, 0, 0, 0).plus(changed()));
    engine.run();
    assertEqual();
  }

  private static GapCounts changed() {
    return new GapCounts(0, 0, 1, 0);
  }

  @Test
  void aTradeThatTheSinkRefusedByNameIsNotPerhapsInIt() {
    receiver.refused = "a";
    source.put(trade("a", T0), trade("b", T0 + 1));
    assertThat(engine.run().errors()).isEqualTo(1);

    assertThat(log.entries().handOuts(List.of(KeyRange.all()), 10)).isEmpty();
    source.remove("a");
    engine.run();
    assertEqual();
    assertThat(receiver.received).noneMatch(change -> change.key().id().equals("a"));
  }

  @Test
  void aTradeThatTheSinkRefusedAfterALostAnswerStaysPerhapsInIt() {
    source.put(trade("a", T0), trade("b", T0 + 1));
    receiver.answers = false;
    engine.run();
    receiver.answers = true;
    receiver.refused = "a";
    engine.run();
    assertThat(log.entries().handOuts(List.of(KeyRange.all()), 10)).hasSize(1);

    receiver.refused = "";
    source.remove("a");
    engine.run();
    assertEqual();
  }

  @Test
  void aSinkOfInsertsIsSentTheSameContentAgainAndNoOther() {
    receiver.capabilities = Set.of(SinkCapability.INSERT);
    SyncEngine inserting = engine();
    source.put(trade("a", T0, "1"), trade("b", T0 + 1, "1"));
    receiver.answers = false;
    inserting.run();
    receiver.answers = true;
    source.put(trade("b", T0 + 1, "2"));

    inserting.run();
    assertThat(receiver.received)
        .allMatch(
            change ->
                change.after().equals(java.util.Optional.of(trade("a", T0, "1")))
                    || change.after().equals(java.util.Optional.of(trade("b", T0 + 1, "1"))));
    assertThat(inserting.health().gaps().total()).isEqualTo(1);
  }

  @Test
  void aForceGivesEachChangeANewRevisionAndKeepsItWhileItIsUnanswered() {
    source.put(trade("a", T0));
    engine.run();
    long first = receiver.last().revision();
    receiver.answers = false;
    engine.forceFromEpochSecond(T0 - 1);
    receiver.answers = true;
    long forced = receiver.last().revision();
    engine.forceFromEpochSecond(T0 - 1);

    assertThat(forced).isGreaterThan(first);
    assertThat(receiver.last().revision()).isEqualTo(forced);
    engine.forceFromEpochSecond(T0 - 1);
    assertThat(receiver.last().revision()).isGreaterThan(forced);
    assertEqual();
  }

  @Test
  void contentThatComesBackHasANewBatchKeyAndARepetitionHasTheSame() {
    for (String price : List.of("10", "11", "10", "11")) {
      source.put(trade("a", T0, price));
      receiver.answers = false;
      engine.run();
      String lost = receiver.batchKeys.get(receiver.batchKeys.size() - 1);
      receiver.answers = true;
      engine.run();
      assertThat(receiver.batchKeys).last().isEqualTo(lost);
      assertEqual();
    }
    assertThat(Set.copyOf(receiver.batchKeys)).hasSize(4);
  }

  @Test
  void whatIsPerhapsInTheSinkIsAGapBelowTheVerifiedSecondToo() {
    SyncEngine verifying =
        SyncEngine.builder()
            .source(source)
            .log(log)
            .sink(receiver)
            .compareAllUpTo(0)
            .maxAttempts(1)
            .build();
    source.put(trade("a", T0, "1"), trade("b", T0 + 1_000, "1"));
    verifying.run();
    assertThat(verifying.health().verified()).isNotNull();
    source.put(trade("a", T0, "2"));
    receiver.answers = false;
    verifying.run(RunOptions.DEFAULT.compareAll(true));
    receiver.answers = true;
    source.put(trade("a", T0, "1"));

    assertThat(log.verification().snapshot().unverified())
        .anyMatch(range -> range.contains(new TradeKey(T0, "a")));
    assertThat(verifying.health().gaps()).isEqualTo(changed());
    assertThat(verifying.run().processed()).isEqualTo(1);
    assertEqual();
  }

  @Test
  void withoutRecordingNothingIsHandedOutBefore() {
    SyncEngine unrecorded =
        SyncEngine.builder()
            .source(source)
            .log(log)
            .sink(receiver)
            .recordBeforeWrite(false)
            .maxAttempts(1)
            .build();
    source.put(trade("a", T0));
    receiver.answers = false;
    unrecorded.run();
    receiver.answers = true;

    assertThat(log.entries().handOuts(List.of(KeyRange.all()), 10)).isEmpty();
    unrecorded.run();
    assertThat(receiver.held.values()).containsExactly(trade("a", T0));
  }

  @Test
  void whatIsPerhapsInTheSinkCountsForTheGuard() {
    for (int i = 0; i < 150; i++) {
      source.put(trade("t" + i, T0 + i));
    }
    receiver.answers = false;
    engine.run();
    receiver.answers = true;
    source.clear();
    source.put(trade("z", T0 + 1_000));

    SyncResult result = engine.run();
    assertThat(result.success()).isFalse();
    assertThat(result.message()).contains("150 of");
    assertThat(receiver.held).hasSize(151);
    engine.run(RunOptions.DEFAULT.allowMassRetraction(true));
    assertEqual();
  }

  @Test
  void anIdWhoseAnswersWereLostAtTwoKeysAndThatVanishedIsRetractedAtBoth() {
    for (long second : List.of(T0 - 2, T0 + 2)) {
      SyncEngine verifying = verifyingEngine();
      source.put(trade("z", T0 + 10_000));
      verifying.run();
      receiver.answers = false;
      source.put(trade("a", T0));
      verifying.run();
      source.put(trade("a", second));
      verifying.ingest(List.of(trade("a", second)));
      receiver.answers = true;
      source.remove("a");

      assertThat(verifying.health().gaps()).isEqualTo(new GapCounts(0, 0, 0, 2));
      verifying.run();
      verifying.run();
      assertEqual();
    }
  }

  /** A final trade is not tracked, so the live path writes its new key beside the old one. */
  @ParameterizedTest
  @CsvSource({"-2, false", "2, false", "-2, true", "2, true"})
  void aFinalTradeThatMovedAndVanishedIsRetractedAtBothKeysAndCanComeBack(
      int seconds, boolean answers) {
    SyncEngine verifying = verifyingEngine();
    RunOptions all = RunOptions.DEFAULT.compareAll(true);
    source.put(trade("z", T0 + 10_000), trade("a", T0));
    verifying.run(all);
    source.put(trade("a", T0 + seconds));
    receiver.answers = answers;
    verifying.ingest(List.of(trade("a", T0 + seconds)));
    receiver.answers = true;
    source.remove("a");

    verifying.run(all);
    assertThat(receiver.held).containsOnlyKeys("z");
    source.put(trade("a", T0));
    verifying.run(all);
    assertEqual();
  }

  /** As before, with the keys so far apart that they are compared by different runs or slices. */
  @ParameterizedTest
  @CsvSource({
    "-100000, false, false",
    "100000, false, false",
    "-100000, true, false",
    "100000, true, false",
    "-100000, false, true",
    "100000, false, true",
    "-100000, true, true",
    "100000, true, true"
  })
  void aFinalTradeThatMovedFarAndVanishedCanComeBackAtEitherKey(
      int seconds, boolean atNewKey, boolean compareAll) {
    SyncEngine verifying = verifyingEngine();
    RunOptions options = RunOptions.DEFAULT.compareAll(compareAll);
    source.put(trade("z", T0 + 1_000_000), trade("a", T0));
    verifying.run(RunOptions.DEFAULT.compareAll(true));
    source.put(trade("a", T0 + seconds));
    verifying.ingest(List.of(trade("a", T0 + seconds)));
    source.remove("a");

    verifying.run(options);
    assertThat(receiver.held).containsOnlyKeys("z");
    source.put(trade("a", atNewKey ? T0 + seconds : T0));
    verifying.run(options);
    assertThat(receiver.held.values()).containsExactlyInAnyOrderElementsOf(source.trades());
    verifying.run(RunOptions.DEFAULT.compareAll(true));
    assertEqual();
  }

  /** The next run does not ask the source for so many ids. */
  @Test
  void anIdThatIsRetractedTogetherWithManyCanComeBackAtItsOldKey() {
    SyncEngine verifying = verifyingEngine();
    RunOptions all = RunOptions.DEFAULT.compareAll(true).allowMassRetraction(true);
    source.put(trade("z", T0 + 1_000_000), trade("a", T0));
    for (int i = 0; i < 1_000; i++) {
      source.put(trade("t" + i, T0 + 100_000 + i));
    }
    verifying.run(all);
    source.clear();
    source.put(trade("z", T0 + 1_000_000), trade("a", T0));
    verifying.run(all);
    assertThat(log.orphans().retractedIds(2_000)).hasSize(1_000);
    source.put(trade("a", T0 + 200_000));
    verifying.ingest(List.of(trade("a", T0 + 200_000)));
    source.remove("a");
    verifying.run();
    assertThat(receiver.held).containsOnlyKeys("z");
    assertThat(log.orphans().retractedIds(2_000)).hasSize(1_001);
    verifying.run();
    assertThat(log.orphans().retractedIds(10)).isEmpty();

    source.put(trade("a", T0));
    verifying.run(all);
    assertEqual();
  }

  private SyncEngine verifyingEngine() {
    return SyncEngine.builder()
        .source(source)
        .log(log)
        .sink(receiver)
        .compareAllUpTo(0)
        .orphanGrace(Duration.ZERO)
        .maxAttempts(1)
        .build();
  }
}
