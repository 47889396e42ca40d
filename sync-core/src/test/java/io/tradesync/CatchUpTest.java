package io.tradesync;

import static io.tradesync.SampleTrades.T0;
import static io.tradesync.SampleTrades.trade;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.tradesync.spi.CatchUpResult;
import io.tradesync.spi.Hint;
import io.tradesync.spi.SourcePage;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class CatchUpTest {

  private final EngineFixture fixture = new EngineFixture();
  private final RecordingSource watched = new RecordingSource(fixture.source);
  private final SyncEngine engine = fixture.builder().source(watched).build();

  private static Hint hint(Long second, String transaction) {
    return new Hint(second, transaction);
  }

  private void assertHeld(String... ids) {
    assertThat(fixture.sink.held.trades()).extracting(Trade::id).containsExactly(ids);
  }

  @Test
  void aHintIsAnsweredByItsTransactionsTrade() {
    fixture.source.put(trade("a", T0), trade("b", T0 + 5));
    CatchUpResult result =
        engine.catchUp(List.of(hint(T0, "0xtx-a"), hint(T0 + 5, "0xtx-b"), hint(T0, "0xtx-z")));
    assertThat(result).isEqualTo(new CatchUpResult(2, 0, List.of(hint(T0, "0xtx-z"))));
    fixture.source.put(trade("z", T0 + 1));
    assertThat(engine.catchUp(result.unanswered())).isEqualTo(new CatchUpResult(1, 0, List.of()));
    fixture.assertEqualSides();
  }

  @Test
  void theSourceIsReadOnceFromTheOldestHintLessTheOverlap() {
    fixture.source.put(
        trade("older", T0 - 61),
        trade("late", T0 - 60),
        trade("a", T0),
        trade("newer", T0 + 9_999));
    engine.catchUp(List.of(hint(T0 + 100, "0xtx-b"), hint(T0, "0xtx-a")));
    assertHeld("late", "a", "newer");
    assertThat(watched.requests).hasValue(1);
  }

  @Test
  void whatLiesBetweenHintsThatAreFarApartIsNotRead() {
    fixture.source.putAll(SampleTrades.trades(20_000, 1));
    engine.catchUp(List.of(hint(T0 + 100, null), hint(T0 + 15_000, null), hint(T0 + 15_001, null)));
    assertThat(watched.requests).hasValue(2);
    assertThat(fixture.sink.held.trades())
        .extracting(Trade::epochSecond)
        .contains(T0 + 40, T0 + 160, T0 + 14_940, T0 + 15_061)
        .doesNotContain(T0 + 39, T0 + 5_000, T0 + 14_939, T0 + 19_999);
  }

  @Test
  void anOldHintIsNotReadToTheTip() {
    fixture.source.putAll(SampleTrades.trades(20_000, 1));
    engine.catchUp(List.of(hint(T0, null)));
    assertThat(watched.requests).hasValue(1);
    assertThat(fixture.sink.held.writes()).isEqualTo(1_000);
  }

  @Test
  void aWindowOfManyTradesIsReadPageByPage() {
    fixture.source.putAll(
        IntStream.range(0, 5_000).mapToObj(i -> SampleTrades.nth(i, T0)).toList());
    engine.catchUp(List.of(hint(T0, null)));
    assertThat(fixture.sink.held.writes()).isEqualTo(5_000);
    fixture.assertEqualSides();
  }

  @Test
  void manyHintsOfAWindowOfManyTradesAreAnsweredByFewReadings() {
    fixture.source.putAll(
        IntStream.range(0, 20_000).mapToObj(i -> SampleTrades.nth(i, T0)).toList());
    List<Hint> hints = IntStream.range(0, 2_000).mapToObj(i -> hint(T0, "0xtx-" + i)).toList();

    engine.catchUp(hints);

    assertThat(watched.requests).hasValueLessThanOrEqualTo(3);
    fixture.assertEqualSides();
  }

  @Test
  void aTimeWithoutAnyTradeCostsOneReading() {
    fixture.source.putAll(SampleTrades.trades(10, 1));
    assertThat(engine.catchUp(List.of(hint(T0 + 9_999, "0xtx"), hint(T0 + 999_999, "0xty"))))
        .isEqualTo(
            new CatchUpResult(0, 0, List.of(hint(T0 + 9_999, "0xtx"), hint(T0 + 999_999, "0xty"))));
    assertThat(watched.requests).hasValue(1);
  }

  @Test
  void theOverlapIsASetting() {
    fixture.source.put(trade("x", T0 - 11), trade("late", T0 - 10), trade("a", T0));
    fixture.builder().hintOverlap(Duration.ofSeconds(10)).build().catchUp(List.of(hint(T0, null)));
    assertHeld("late", "a");
  }

  @Test
  void withoutATimeTheNewestProcessedTradeIsWhereReadingBegins() {
    fixture.source.put(trade("hole", T0 - 100), trade("near", T0 - 60), trade("p", T0));
    engine.ingest(List.of(trade("p", T0)));
    fixture.source.put(trade("n", T0 + 500));
    assertThat(engine.catchUp(List.of(hint(null, "0xtx-n"))))
        .isEqualTo(new CatchUpResult(2, 0, List.of()));
    assertHeld("near", "p", "n");
  }

  @Test
  void withoutATimeAndWithAnEmptyLogEverythingIsRead() {
    fixture.source.putAll(SampleTrades.trades(2_500, 10));
    assertThat(engine.catchUp(List.of(hint(null, null))).processed()).isEqualTo(2_500);
    fixture.assertEqualSides();
  }

  @Test
  void aHintWithoutATimeDoesNotHideAnOlderOne() {
    fixture.source.put(trade("old", T0 - 5_000), trade("p", T0), trade("n", T0 + 500));
    engine.ingest(List.of(trade("p", T0)));
    assertThat(engine.catchUp(List.of(hint(T0 - 5_000, "0xtx-old"), hint(null, "0xtx-n"))))
        .isEqualTo(new CatchUpResult(2, 0, List.of()));
    fixture.assertEqualSides();
  }

  @Test
  void aHintWithoutATransactionIsAnsweredByTheReading() {
    assertThat(engine.catchUp(List.of(hint(T0, null), hint(null, null))).unanswered()).isEmpty();
  }

  @Test
  void withoutHintsNothingIsAsked() {
    assertThat(engine.catchUp(List.of())).isEqualTo(new CatchUpResult(0, 0, List.of()));
    assertThat(watched.requests).hasValue(0);
  }

  @Test
  void changedTradesAreReplacedAndKnownOnesAreLeft() {
    fixture.source.put(trade("a", T0), trade("b", T0));
    engine.run();
    fixture.source.put(trade("b", T0, "9"));
    assertThat(engine.catchUp(List.of(hint(T0, "0xtx-a"), hint(T0, "0xtx-b"))))
        .isEqualTo(new CatchUpResult(1, 0, List.of()));
    assertThat(fixture.sink.held.trades()).isEqualTo(fixture.source.trades());
  }

  @Test
  void theScopeBoundsWhatIsRead() {
    fixture.source.put(trade("old", T0 - 1), trade("a", T0));
    since(T0).catchUp(List.of(hint(T0 - 30, null)));
    assertHeld("a");
  }

  @Test
  void nobodyWaitsForWhatTheScopeLeavesOut() {
    fixture.source.put(trade("old", T0 - 1), trade("a", T0));
    assertThat(since(T0).catchUp(List.of(hint(T0 - 1, "0xtx-old"), hint(T0 - 999, "0xtx-z"))))
        .isEqualTo(new CatchUpResult(1, 0, List.of()));
    assertHeld("a");
  }

  private SyncEngine since(long second) {
    return fixture.builder().scope(Scope.since(Instant.ofEpochSecond(second))).build();
  }

  @Test
  void aTradeThatFailsIsAnAnsweredError() {
    fixture.source.put(trade("a", T0), trade("b", T0));
    fixture.sink.hook =
        batch -> {
          if (EngineFixture.keys(batch).contains(new TradeKey(T0, "a"))) {
            throw new IllegalArgumentException("no");
          }
        };
    assertThat(engine.catchUp(List.of(hint(T0, "0xtx-a"))))
        .isEqualTo(new CatchUpResult(1, 1, List.of()));
    assertThat(engine.failedTrades(TradeKey.MIN, 10)).hasSize(1);
  }

  @Test
  void aSourceThatIsGoneIsReported() {
    SyncEngine blind =
        fixture
            .builder()
            .source(
                new MinimalSource(fixture.source) {
                  @Override
                  public SourcePage<Trade> page(KeyRange range, int limit) {
                    throw SideUnavailableException.unreachable(Side.SOURCE, "refused", null);
                  }
                })
            .build();
    assertThatExceptionOfType(SideUnavailableException.class)
        .isThrownBy(() -> blind.catchUp(List.of(hint(T0, "x"))));
  }
}
