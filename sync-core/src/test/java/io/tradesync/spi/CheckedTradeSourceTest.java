package io.tradesync.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.tradesync.EngineFixture;
import io.tradesync.KeyRange;
import io.tradesync.RunOutcome;
import io.tradesync.SampleTrades;
import io.tradesync.SyncEngine;
import io.tradesync.SyncResult;
import io.tradesync.Trade;
import io.tradesync.TradesyncException;
import io.tradesync.spi.log.FencingToken;
import io.tradesync.spi.log.LeaseKind;
import io.tradesync.spi.log.LeaseLostException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** A wrong page is an error that names the source, the request and the row. */
class CheckedTradeSourceTest {

  private static final String NAME = WrongSource.class.getName();
  private static final Trade A = SampleTrades.trade("a", 10);
  private static final Trade B = SampleTrades.trade("b", 20);
  private static final Trade C = SampleTrades.trade("c", 30);
  private static final KeyRange RANGE = KeyRange.seconds(5, 25);

  /** Answers every request alike. */
  private record WrongSource(SourcePage<Trade> answer) implements TradeSource {
    @Override
    public SourcePage<Trade> page(KeyRange range, int limit) {
      return answer;
    }

    @Override
    public SourcePage<Trade> page(List<KeyRange> ranges, int limit) {
      return answer;
    }

    @Override
    public SourcePage<Trade> byIds(Collection<String> ids) {
      return answer;
    }
  }

  private static TradeSource answering(SourcePage<Trade> answer) {
    return new CheckedTradeSource(new WrongSource(answer));
  }

  private static void assertWrong(ThrowingCallable request, String message) {
    assertThatExceptionOfType(TradesyncException.class)
        .isThrownBy(request)
        .withMessage(NAME + " answered " + message);
  }

  @Test
  void descendingKeys() {
    TradeSource source = answering(SourcePage.last(List.of(B, A)));

    String answer = " with (10, a) after (20, b), so not in key order";
    String request = "(KeyRange[after=(5), upTo=(25)], 9)";
    assertWrong(() -> source.page(RANGE, 9), "page" + request + answer);
    assertWrong(() -> source.keys(List.of(RANGE), 9), "keys" + request + answer);
    assertWrong(() -> source.byIds(List.of("a", "b")), "byIds(2 ids)" + answer);
  }

  @Test
  void aRowOutsideTheRangesAskedFor() {
    TradeSource source = answering(SourcePage.last(List.of(A, C)));
    KeyRange later = KeyRange.seconds(40, 50);

    String answer = " with (30, c), which is outside the ranges asked for";
    assertWrong(
        () -> source.page(List.of(RANGE, later), 9),
        "page(2 ranges from KeyRange[after=(5), upTo=(25)] on, 9)" + answer);
    assertWrong(() -> source.page(RANGE, 9), "page(KeyRange[after=(5), upTo=(25)], 9)" + answer);
    assertThat(source.page(List.of(RANGE, KeyRange.from(30)), 9).rows()).containsExactly(A, C);
  }

  @Test
  @SuppressWarnings("NullAway")
  void anAnswerThatIsNull() {
    TradeSource source = answering(null);

    String request = "(KeyRange[after=(5), upTo=(25)], 9)";
    assertWrong(() -> source.page(RANGE, 9), "page" + request + " with null");
    assertWrong(() -> source.page(List.of(RANGE), 9), "page" + request + " with null");
    assertWrong(() -> source.byIds(List.of("a", "b")), "byIds(2 ids) with null");
  }

  @Test
  void aRowThatIsNull() {
    TradeSource source =
        new CheckedTradeSource(
            new TradeSource() {
              @Override
              public SourcePage<Trade> page(KeyRange range, int limit) {
                return SourcePage.last(Arrays.asList(A, null));
              }

              @Override
              public SourcePage<Trade> byIds(Collection<String> ids) {
                return SourcePage.last(Arrays.asList(A, null));
              }
            });

    for (ThrowingCallable request :
        List.<ThrowingCallable>of(
            () -> source.page(RANGE, 9),
            () -> source.keys(List.of(RANGE), 9),
            () -> source.byIds(List.of("a")))) {
      assertThatExceptionOfType(TradesyncException.class)
          .isThrownBy(request)
          .withMessageContaining(getClass().getName())
          .withMessageMatching(".* failed to answer (page|keys|byIds)\\(.*\\): .*Null.*");
    }
  }

  /** None of them means here what it means to the engine. */
  @Test
  void anExceptionThatASourceHasNoReasonToThrow() {
    for (TradesyncException thrown :
        List.of(
            new LeaseLostException(new FencingToken(LeaseKind.RUN, "other", 1)),
            new SinkUnavailableException("of another engine"),
            new RetryLaterException(Duration.ofHours(1)))) {
      EngineFixture fixture = new EngineFixture();
      fixture.source.putAll(SampleTrades.trades(10, 1));
      AtomicBoolean fails = new AtomicBoolean();
      TradeSource source =
          new TradeSource() {
            @Override
            public SourcePage<Trade> page(KeyRange range, int limit) {
              if (fails.get()) {
                throw thrown;
              }
              return fixture.source.page(range, limit);
            }

            @Override
            public SourcePage<Trade> byIds(Collection<String> ids) {
              return fixture.source.byIds(ids);
            }
          };
      SyncEngine engine = fixture.builder().source(source).maxAttempts(1).build();
      fails.set(true);

      assertThat(engine.run().message())
          .startsWith(
              "Sync stopped, the source is not available: "
                  + source.getClass().getName()
                  + " failed to answer ");
    }
  }

  @Test
  void moreRowsThanAskedFor() {
    TradeSource source = answering(SourcePage.last(List.of(A, B)));

    assertWrong(
        () -> source.page(RANGE, 1),
        "page(KeyRange[after=(5), upTo=(25)], 1) with 2 rows, of which (20, b) is too many");
    assertThat(source.page(RANGE, 2).rows()).containsExactly(A, B);
  }

  @Test
  void anEmptyPageThatIsNotTheLast() {
    assertWrong(
        () -> answering(SourcePage.notLast(List.of())).page(RANGE, 1),
        "page(KeyRange[after=(5), upTo=(25)], 1) with a page without a row that is not the last");
    assertThat(answering(SourcePage.last(List.of())).page(RANGE, 1).rows()).isEmpty();
  }

  @Test
  void anAnswerByIdThatIsCutOffOrHoldsAnotherId() {
    assertWrong(
        () -> answering(SourcePage.notLast(List.of(A))).byIds(List.of("a")),
        "byIds(1 ids) with a page that is not the last");
    assertThat(answering(SourcePage.notLast(List.of(A))).byIds(List.of("a", "b")).isLast())
        .as("is asked for fewer ids")
        .isFalse();
    assertWrong(
        () -> answering(SourcePage.last(List.of(A))).byIds(List.of("b")),
        "byIds(1 ids) with (10, a), which is none of them");
  }

  @Test
  void equalKeysAreNoError() {
    TradeSource source = answering(SourcePage.last(List.of(A, A)));

    assertThat(source.page(RANGE, 2).rows()).containsExactly(A, A);
    assertThat(source.byIds(List.of("a")).rows()).containsExactly(A, A);
  }

  @Test
  void theDefaultsOfASourceWithTwoMethodsAreCheckedToo() {
    TradeSource source = new WrongSource(SourcePage.last(List.of(B, A)));

    for (Function<TradeSource, Object> request :
        List.<Function<TradeSource, Object>>of(
            asked -> asked.count(RANGE),
            asked -> asked.last(RANGE),
            asked -> asked.digests(RANGE, 5),
            asked -> asked.digests(List.of(RANGE)))) {
      assertThatExceptionOfType(TradesyncException.class)
          .isThrownBy(() -> request.apply(source))
          .withMessageContaining("not in key order");
    }
  }

  @Test
  void aRunOverASourceThatReadsBackwardsFailsAndSaysWhy() {
    EngineFixture fixture = new EngineFixture();
    fixture.source.putAll(SampleTrades.trades(10, 1));
    TradeSource backwards =
        new TradeSource() {
          @Override
          public SourcePage<Trade> page(KeyRange range, int limit) {
            List<Trade> trades = fixture.source.page(range, limit).rows();
            int rows = trades.size();
            return SourcePage.last(
                IntStream.range(0, rows).mapToObj(i -> trades.get(rows - 1 - i)).toList());
          }

          @Override
          public SourcePage<Trade> byIds(Collection<String> ids) {
            return fixture.source.byIds(ids);
          }
        };

    SyncResult result = fixture.builder().source(backwards).build().run();

    assertThat(result.outcome()).isEqualTo(RunOutcome.FAILED);
    assertThat(result.message()).contains(backwards.getClass().getName(), "not in key order");
  }
}
