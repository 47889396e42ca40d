package io.tradesync;

import static io.tradesync.Samples.T0;
import static io.tradesync.Samples.trade;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.tradesync.spi.Hint;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class CatchUpTest {

  private final Bench bench = new Bench();
  private final WatchedSource watched = new WatchedSource(bench.source);
  private final SyncEngine engine = bench.builder().source(watched).build();

  private static Hint hint(Long second, String transaction) {
    return new Hint(second, transaction);
  }

  private void assertHeld(String... ids) {
    assertThat(bench.sink.held.trades()).extracting(Trade::id).containsExactly(ids);
  }

  @Test
  void aHintIsAnsweredByItsTransactionsTrade() {
    bench.source.put(trade("a", T0), trade("b", T0 + 5));
    CatchUpResult result =
        engine.catchUp(List.of(hint(T0, "0xtx-a"), hint(T0 + 5, "0xtx-b"), hint(T0, "0xtx-z")));
    assertThat(result).isEqualTo(new CatchUpResult(2, 0, List.of(hint(T0, "0xtx-z"))));
    bench.source.put(trade("z", T0 + 1));
    assertThat(engine.catchUp(result.unanswered())).isEqualTo(new CatchUpResult(1, 0, List.of()));
    bench.assertEqualSides();
  }

  @Test
  void theSourceIsReadOnceFromTheOldestHintLessTheOverlap() {
    bench.source.put(
        trade("older", T0 - 61),
        trade("late", T0 - 60),
        trade("a", T0),
        trade("newer", T0 + 9_999));
    engine.catchUp(List.of(hint(T0 + 100, "0xtx-b"), hint(T0, "0xtx-a")));
    assertHeld("late", "a", "newer");
    assertThat(watched.requests).hasValue(1);
  }

  @Test
  void theOverlapIsASetting() {
    bench.source.put(trade("x", T0 - 11), trade("late", T0 - 10), trade("a", T0));
    bench.builder().hintOverlap(Duration.ofSeconds(10)).build().catchUp(List.of(hint(T0, null)));
    assertHeld("late", "a");
  }

  @Test
  void withoutATimeTheNewestProcessedTradeIsWhereReadingBegins() {
    bench.source.put(trade("hole", T0 - 100), trade("near", T0 - 60), trade("p", T0));
    engine.ingest(List.of(trade("p", T0)));
    bench.source.put(trade("n", T0 + 500));
    assertThat(engine.catchUp(List.of(hint(null, "0xtx-n"))))
        .isEqualTo(new CatchUpResult(2, 0, List.of()));
    assertHeld("near", "p", "n");
  }

  @Test
  void withoutATimeAndWithAnEmptyLogEverythingIsRead() {
    bench.source.putAll(Samples.trades(2_500, 10));
    assertThat(engine.catchUp(List.of(hint(null, null))).processed()).isEqualTo(2_500);
    bench.assertEqualSides();
  }

  @Test
  void aHintWithoutATimeDoesNotHideAnOlderOne() {
    bench.source.put(trade("old", T0 - 5_000), trade("p", T0), trade("n", T0 + 500));
    engine.ingest(List.of(trade("p", T0)));
    assertThat(engine.catchUp(List.of(hint(T0 - 5_000, "0xtx-old"), hint(null, "0xtx-n"))))
        .isEqualTo(new CatchUpResult(2, 0, List.of()));
    bench.assertEqualSides();
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
    bench.source.put(trade("a", T0), trade("b", T0));
    engine.run();
    bench.source.put(trade("b", T0, "9"));
    assertThat(engine.catchUp(List.of(hint(T0, "0xtx-a"), hint(T0, "0xtx-b"))))
        .isEqualTo(new CatchUpResult(1, 0, List.of()));
    assertThat(bench.sink.held.trades()).isEqualTo(bench.source.trades());
  }

  @Test
  void theScopeBoundsWhatIsRead() {
    bench.source.put(trade("old", T0 - 1), trade("a", T0));
    bench
        .builder()
        .scope(Scope.since(Instant.ofEpochSecond(T0)))
        .build()
        .catchUp(List.of(hint(T0 - 100, null)));
    assertHeld("a");
  }

  @Test
  void aTradeThatFailsIsAnAnsweredError() {
    bench.source.put(trade("a", T0), trade("b", T0));
    bench.sink.hook =
        batch -> {
          if (Bench.keys(batch).contains(new TradeKey(T0, "a"))) {
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
        bench
            .builder()
            .source(
                new MinimalSource(bench.source) {
                  @Override
                  public List<Trade> page(KeyRange range, int limit) {
                    throw SideUnavailableException.unreachable(Side.SOURCE, "refused", null);
                  }
                })
            .build();
    assertThatExceptionOfType(SideUnavailableException.class)
        .isThrownBy(() -> blind.catchUp(List.of(hint(T0, "x"))));
  }
}
