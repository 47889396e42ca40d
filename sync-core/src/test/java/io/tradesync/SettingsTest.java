package io.tradesync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.tradesync.inmemory.InMemorySink;
import io.tradesync.inmemory.InMemorySyncLog;
import io.tradesync.inmemory.InMemoryTradeSource;
import io.tradesync.inmemory.InMemoryTransaction;
import io.tradesync.spi.TradeBatch;
import io.tradesync.spi.TransactionalSink;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class SettingsTest {

  private static SyncEngineBuilder builder() {
    return new EngineFixture().builder();
  }

  static Stream<Arguments> refused() {
    Duration minus = Duration.ofSeconds(-1);
    return Stream.of(
        refused("batchSize", 0, () -> builder().batchSize(0)),
        refused("batchSize", 100_001, () -> builder().batchSize(100_001)),
        refused("parallelism", 0, () -> builder().parallelism(0)),
        refused("parallelism", 257, () -> builder().parallelism(257)),
        refused("maxAttempts", 0, () -> builder().maxAttempts(0)),
        refused("retryDelay", "PT0S", () -> builder().retryDelay(Duration.ZERO)),
        refused("hintOverlap", "PT-1S", () -> builder().hintOverlap(minus)),
        refused(
            "immediateSyncLag", "PT59S", () -> builder().immediateSyncLag(Duration.ofSeconds(59))),
        refused("leaseTtl", "PT0.9S", () -> builder().leaseTtl(Duration.ofMillis(900))),
        refused("listener", null, () -> builder().listener(null)),
        refused("clock", null, () -> builder().clock(null)),
        refused("runIds", null, () -> builder().runIds(null)),
        refused("scope", null, () -> builder().scope(null)),
        refused("source", null, () -> builder().source(null).build()),
        refused("log", null, () -> builder().log(null).build()),
        refused("sink", null, () -> builder().sink(null).build()),
        refused("limit", 0, () -> builder().build().runs(0)),
        refused("limit", -1, () -> builder().build().failedTrades(TradeKey.MIN, -1)));
  }

  private static Arguments refused(String name, Object value, ThrowingCallable call) {
    return Arguments.of(name, String.valueOf(value), call);
  }

  @ParameterizedTest
  @MethodSource("refused")
  void aSettingThatCannotBeUsedIsNamed(String name, String value, ThrowingCallable call) {
    assertThatExceptionOfType(InvalidSettingException.class)
        .isThrownBy(call)
        .satisfies(
            e -> {
              assertThat(e.name()).isEqualTo(name);
              assertThat(e.value()).isEqualTo(value);
            })
        .withMessageStartingWith(name + " must ")
        .withMessageEndingWith(", but is: " + value);
  }

  @Test
  void theLimitsThemselvesAreTaken() {
    builder()
        .batchSize(1)
        .batchSize(SyncEngineBuilder.MAX_BATCH_SIZE)
        .parallelism(SyncEngineBuilder.MAX_PARALLELISM)
        .maxAttempts(1)
        .retryDelay(Duration.ofMillis(1))
        .hintOverlap(Duration.ZERO)
        .immediateSyncLag(Duration.ofMinutes(1))
        .leaseTtl(Duration.ofSeconds(1))
        .build()
        .close();
  }

  @Test
  void aBuilderCanBeUsedAgain() {
    EngineFixture fixture = new EngineFixture();
    fixture.source.putAll(SampleTrades.trades(10, 1));
    SyncEngineBuilder builder = fixture.builder().batchSize(5);
    SyncEngine first = builder.build();
    SyncEngine second = builder.batchSize(10).build();
    first.run();
    assertThat(fixture.sink.attempts).hasSize(2);
    second.forceFromEpochSecond(0);
    assertThat(fixture.sink.attempts).hasSize(3);
  }

  private abstract static class Joining<T> implements TransactionalSink<T> {
    @Override
    public void write(TradeBatch batch, T transaction) {}
  }

  @Test
  void aSinkThatJoinsOtherTransactionsIsRefusedAndBothTypesAreNamed() {
    List<String> prepared = new ArrayList<>();
    TransactionalSink<Number> sink =
        new Joining<>() {
          @Override
          public Class<Number> transactionType() {
            return Number.class;
          }

          @Override
          public void prepare(String service, Number transaction) {
            prepared.add(service);
          }
        };
    assertThatExceptionOfType(InvalidSettingException.class)
        .isThrownBy(() -> builder().sink(sink).build())
        .withMessageContaining("java.lang.Number")
        .withMessageContaining(InMemoryTransaction.class.getName());
    assertThat(prepared).isEmpty();
  }

  @Test
  void aSinkIsPreparedOnceInATransactionOfTheLog() {
    List<Object> prepared = new ArrayList<>();
    TransactionalSink<Object> sink =
        new Joining<>() {
          @Override
          public Class<Object> transactionType() {
            return Object.class;
          }

          @Override
          public void prepare(String service, Object transaction) {
            prepared.add(service);
            prepared.add(transaction.getClass());
          }
        };
    builder().sink(sink).build();
    assertThat(prepared).containsExactly("analytics", InMemoryTransaction.class);
  }

  @Test
  void aSinkThatCannotBePreparedBuildsNoEngine() {
    List<Exception> thrown =
        List.of(
            new InvalidSettingException("service", "x", "must be y"), new Exception("no table"));
    for (Exception failure : thrown) {
      TransactionalSink<Object> sink =
          new Joining<>() {
            @Override
            public Class<Object> transactionType() {
              return Object.class;
            }

            @Override
            public void prepare(String service, Object transaction) throws Exception {
              throw failure;
            }
          };
      assertThatExceptionOfType(TradesyncException.class)
          .isThrownBy(() -> builder().sink(sink).build())
          .withMessageContaining(failure.getMessage());
    }
  }

  @Test
  void workThatTheSinkDeferredIsDoneAfterTheBatches() {
    EngineFixture fixture = new EngineFixture();
    fixture.source.putAll(SampleTrades.trades(100, 1));
    List<String> calls = new ArrayList<>();
    TransactionalSink<Object> sink =
        new Joining<>() {
          @Override
          public Class<Object> transactionType() {
            return Object.class;
          }

          @Override
          public void write(TradeBatch batch, Object transaction) {
            calls.add("write");
          }

          @Override
          public boolean completeDeferred(Object transaction) {
            calls.add("completeDeferred");
            return calls.size() < 5;
          }
        };
    assertThat(fixture.builder().sink(sink).build().run().success()).isTrue();
    assertThat(calls)
        .containsExactly(
            "write", "write", "completeDeferred", "completeDeferred", "completeDeferred");
  }

  @Test
  void theShortestEngineWorks() {
    InMemoryTradeSource source = new InMemoryTradeSource().putAll(SampleTrades.trades(10, 1));
    InMemorySink sink = new InMemorySink();
    try (SyncEngine engine =
        SyncEngine.builder().source(source).log(new InMemorySyncLog()).sink(sink).build()) {
      assertThat(engine.run().processed()).isEqualTo(10);
    }
    assertThat(sink.trades()).isEqualTo(source.trades());
  }
}
