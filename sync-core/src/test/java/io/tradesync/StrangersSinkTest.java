package io.tradesync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tradesync.inmemory.InMemoryTransaction;
import io.tradesync.internal.failure.WriteCancelledException;
import io.tradesync.spi.FailureKind;
import io.tradesync.spi.ForwardingSink;
import io.tradesync.spi.Retention;
import io.tradesync.spi.SinkDigests;
import io.tradesync.spi.TradeBatch;
import io.tradesync.spi.log.FencingToken;
import io.tradesync.spi.log.LeaseKind;
import io.tradesync.spi.log.LeaseLostException;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** A sink that somebody else wrote: whatever it does, it is the sink's failure and no other. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class StrangersSinkTest {

  private static final Duration SHORT = Duration.ofMillis(200);

  private final EngineFixture fixture = new EngineFixture();
  private final CountDownLatch goOn = new CountDownLatch(1);

  @AfterEach
  void letGo() {
    goOn.countDown();
  }

  /** A method that the engine asks outside of batches. */
  enum Question {
    RETENTION,
    COUNT_DEFERRED,
    COMPLETE_DEFERRED
  }

  /** Does something strange when it is asked, once it is told to. */
  private final class Strange extends ForwardingSink<InMemoryTransaction> {
    private final Question where;
    private final Callable<?> what;
    private boolean isStrange;

    Strange(Question where, Callable<?> what) {
      super(fixture.sink);
      this.where = where;
      this.what = what;
    }

    private void asked(Question question) throws Exception {
      if (isStrange && question == where) {
        what.call();
      }
    }

    @Override
    public Retention retention(Optional<TradeKey> oldest, InMemoryTransaction transaction)
        throws Exception {
      asked(Question.RETENTION);
      return super.retention(oldest, transaction);
    }

    @Override
    public long countDeferred(InMemoryTransaction transaction) throws Exception {
      asked(Question.COUNT_DEFERRED);
      return super.countDeferred(transaction);
    }

    @Override
    public boolean completeDeferred(InMemoryTransaction transaction) throws Exception {
      asked(Question.COMPLETE_DEFERRED);
      return super.completeDeferred(transaction);
    }
  }

  private Object hang() {
    while (true) {
      try {
        goOn.await();
        return "released";
      } catch (InterruptedException e) {
        // As a sink does that knows better.
      }
    }
  }

  /** Runs, and then asks for health; returns what either said about a side. */
  private String said(Question where, Callable<?> what) {
    fixture.source.putAll(SampleTrades.trades(10, 1));
    Strange sink = new Strange(where, what);
    SyncEngine engine = fixture.builder().sink(sink).sinkTimeout(SHORT).maxAttempts(1).build();
    sink.isStrange = true;
    try {
      SyncResult result = engine.run();
      return result.success() ? engine.health().toString() : result.message();
    } catch (SideUnavailableException e) {
      return e.getMessage();
    }
  }

  @ParameterizedTest
  @EnumSource
  void aQuestionThatIsNeverAnsweredEndsInTime(Question where) {
    assertThat(said(where, this::hang))
        .contains("the sink is not available: it did not return within PT0.2S (sinkTimeout)");
  }

  @ParameterizedTest
  @EnumSource
  void aQuestionThatIsAnsweredTooLateIsTheSinksFailure(Question where) {
    assertThat(
            said(
                where,
                () -> {
                  Thread.sleep(60_000);
                  return "late";
                }))
        .contains("the sink is not available: the sink did not return within PT0.2S");
  }

  @ParameterizedTest
  @EnumSource
  void aQuestionThatFailsIsTheSinksFailure(Question where) {
    for (Throwable failure :
        List.of(
            new IOException("no answer"),
            new IllegalStateException("no answer"),
            new LeaseLostException(new FencingToken(LeaseKind.RUN, "other", 1)),
            new StackOverflowError("no answer"))) {
      assertThat(said(where, () -> thrown(failure)))
          .as("%s", failure)
          .contains("the sink is not available: ")
          .doesNotContain("the store");
    }
  }

  private static <E extends Throwable> Object thrown(Throwable failure) throws E {
    @SuppressWarnings("unchecked")
    E sneaky = (E) failure;
    throw sneaky;
  }

  @Test
  void aRetentionThatIsNullNamesTheSink() {
    ForwardingSink<InMemoryTransaction> sink =
        new ForwardingSink<>(fixture.sink) {
          @Override
          @SuppressWarnings("NullAway")
          public Retention retention(Optional<TradeKey> oldest, InMemoryTransaction transaction) {
            return null;
          }
        };

    assertThatThrownBy(() -> fixture.builder().sink(sink).build())
        .hasMessageContaining("the sink is not available")
        .hasMessageContaining(sink.getClass().getName());
  }

  @Test
  void aSinkWhoseDigestsCannotBeAskedForIsNamed() {
    ForwardingSink<InMemoryTransaction> sink =
        new ForwardingSink<>(fixture.sink) {
          @Override
          public Optional<SinkDigests<InMemoryTransaction>> digests(
              Optional<List<String>> attributeNames) {
            throw new IllegalStateException("which attributes?");
          }
        };

    assertThatExceptionOfType(SideUnavailableException.class)
        .isThrownBy(() -> fixture.builder().sink(sink).build())
        .withMessage("the sink is not available: which attributes?");
  }

  /** An exception that cannot say what it is. */
  private static final class Mute extends RuntimeException {
    private static final long serialVersionUID = 1L;

    @Override
    public String getMessage() {
      throw new IllegalStateException("no message");
    }

    @Override
    public synchronized Throwable getCause() {
      throw new IllegalStateException("no cause");
    }

    @Override
    public String toString() {
      throw new IllegalStateException("no text");
    }
  }

  /** An exception without a message, which is its own cause. */
  private static final class Circular extends RuntimeException {
    private static final long serialVersionUID = 1L;

    @Override
    @SuppressWarnings("NullAway")
    public String getMessage() {
      return null;
    }

    @Override
    public synchronized Throwable getCause() {
      return this;
    }
  }

  static Stream<Throwable> strangeFailures() {
    return Stream.of(
        new Mute(),
        new Circular(),
        new LeaseLostException(new FencingToken(LeaseKind.RUN, "other", 1)),
        new WriteCancelledException(),
        new SyncAlreadyRunningException("other", Instant.EPOCH),
        new FailedBatchesException(10, Side.SOURCE, "of another engine"),
        SideUnavailableException.unreachable(Side.SOURCE, "of another engine", null),
        new TradesyncException("of another engine"),
        new InvalidSettingException("price", "x", "must be a number"),
        new NoClassDefFoundError("io/other/Missing"),
        new Throwable("neither"));
  }

  private ForwardingSink<InMemoryTransaction> failing(
      Throwable failure, Consumer<Throwable> classified) {
    return new ForwardingSink<>(fixture.sink) {
      @Override
      public void write(TradeBatch batch, InMemoryTransaction transaction) throws Exception {
        if (batch.changes().stream().anyMatch(c -> c.key().id().equals("t0000007"))) {
          Object ignored = thrown(failure);
        }
        super.write(batch, transaction);
      }

      @Override
      public Optional<FailureKind> classify(Throwable thrown) {
        classified.accept(thrown);
        return Optional.empty();
      }
    };
  }

  @ParameterizedTest
  @MethodSource("strangeFailures")
  void aTradeThatFailsStrangelyFailsAlone(Throwable failure) {
    fixture.source.putAll(SampleTrades.trades(60, 1));
    SyncEngine engine =
        fixture.builder().sink(failing(failure, thrown -> {})).maxAttempts(2).build();

    SyncResult result = engine.run();

    assertThat(result.outcome()).as(result.message()).isEqualTo(RunOutcome.COMPLETED);
    assertThat(result.processed() + result.errors()).isEqualTo(60);
    assertThat(result.processed()).isGreaterThanOrEqualTo(10);
    assertThat(engine.failedTrades(TradeKey.MIN, 100))
        .isNotEmpty()
        .allSatisfy(failed -> assertThat(failed.reason()).isNotBlank());
    assertThat(engine.ingest(SampleTrades.trades(60, 1)).failed()).isNotEmpty();
  }

  @Test
  void aSinkThatCannotSortAFailureDoesNotKnow() {
    fixture.source.putAll(SampleTrades.trades(60, 1));
    ForwardingSink<InMemoryTransaction> sink =
        failing(
            new IllegalArgumentException("no"),
            thrown -> {
              throw new IllegalStateException("cannot sort");
            });

    assertThat(fixture.builder().sink(sink).build().run().processed()).isEqualTo(59);
  }

  @Test
  void aSinkThatSortsAFailureAsNullDoesNotKnow() {
    fixture.source.putAll(SampleTrades.trades(60, 1));
    ForwardingSink<InMemoryTransaction> sink =
        new ForwardingSink<>(failing(new IllegalArgumentException("no"), thrown -> {})) {
          @Override
          @SuppressWarnings("NullAway")
          public @Nullable Optional<FailureKind> classify(Throwable failure) {
            return null;
          }
        };

    assertThat(fixture.builder().sink(sink).build().run().processed()).isEqualTo(59);
  }
}
