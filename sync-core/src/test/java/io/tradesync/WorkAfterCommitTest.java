package io.tradesync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tradesync.inmemory.InMemorySink;
import io.tradesync.inmemory.InMemorySyncLog;
import io.tradesync.inmemory.InMemoryTradeSource;
import io.tradesync.inmemory.InMemoryTransaction;
import io.tradesync.spi.ForwardingSink;
import io.tradesync.spi.TradeBatch;
import io.tradesync.spi.WorkAfterCommit;
import io.tradesync.spi.log.SyncLog;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Work of a sink that no transaction can do. */
class WorkAfterCommitTest {

  private final InMemoryTradeSource source = new InMemoryTradeSource();
  private final InMemorySyncLog log = new InMemorySyncLog();
  private final RefreshingSink sink = new RefreshingSink();

  /** Each batch is a piece of work. */
  private static final class RefreshingSink extends ForwardingSink<InMemoryTransaction> {
    final AtomicInteger recorded = new AtomicInteger();
    final AtomicInteger atWork = new AtomicInteger();
    final AtomicInteger togetherAtMost = new AtomicInteger();
    final CountDownLatch done = new CountDownLatch(1);
    volatile boolean isBroken;

    RefreshingSink() {
      super(new InMemorySink());
    }

    @Override
    public void write(TradeBatch batch, InMemoryTransaction transaction) throws Exception {
      super.write(batch, transaction);
      transaction.onCommit(recorded::incrementAndGet);
    }

    @Override
    public Optional<WorkAfterCommit<InMemoryTransaction>> workAfterCommit() {
      return Optional.of(this::work);
    }

    private boolean work(InMemoryTransaction connection) {
      if (isBroken) {
        throw new IllegalStateException("refused");
      }
      togetherAtMost.accumulateAndGet(atWork.incrementAndGet(), Math::max);
      Thread.yield();
      atWork.decrementAndGet();
      int left = recorded.updateAndGet(now -> Math.max(0, now - 1));
      if (left == 0) {
        done.countDown();
      }
      return left > 0;
    }

    @Override
    public long countDeferred(InMemoryTransaction transaction) {
      return recorded.get();
    }
  }

  private static Trade trade(int i) {
    return Trade.builder("t" + i, 1_754_400_000L + i, 1, "p").build();
  }

  private SyncEngine engine() {
    return SyncEngine.builder()
        .source(source)
        .log(log)
        .sink(sink)
        .batchSize(1)
        .groupCommit(1)
        .maxAttempts(1)
        .build();
  }

  @Test
  void aRunWaitsForAllOfIt() {
    for (int i = 0; i < 5; i++) {
      source.put(trade(i));
    }
    try (SyncEngine engine = engine()) {
      assertThat(engine.run().success()).isTrue();
      assertThat(sink.recorded).hasValue(0);
    }
  }

  @Test
  void itFollowsTheLivePath() throws Exception {
    source.put(trade(0));
    try (SyncEngine engine = engine()) {
      assertThat(engine.ingest(List.of(trade(0))).written()).hasSize(1);
      assertThat(sink.done.await(1, TimeUnit.MINUTES)).isTrue();
    }
  }

  @Test
  void aRunWhoseWorkFailsIsCompleteAndNamesWhatIsLeft() {
    source.put(trade(0));
    try (SyncEngine engine = engine()) {
      sink.isBroken = true;
      SyncResult result = engine.run();
      assertThat(result.success()).isTrue();
      assertThat(result.message()).endsWith("; 1 candles still to be recomputed");
      assertThat(engine.health().candlesToRecompute()).isEqualTo(1);

      sink.isBroken = false;
      assertThat(engine.run().message()).isEqualTo("Sync completed: 0/0 trades processed");
      assertThat(sink.recorded).hasValue(0);
    }
  }

  @Test
  void aForceWhoseWorkFailsDoesNotSucceed() {
    source.put(trade(0));
    try (SyncEngine engine = engine()) {
      sink.isBroken = true;
      assertThat(engine.forceFromEpochSecond(0).success()).isFalse();
    }
  }

  @Test
  void oneOfSeveralEnginesWorks() {
    for (int i = 0; i < 40; i++) {
      source.put(trade(i));
    }
    try (SyncEngine one = engine();
        SyncEngine other = engine()) {
      CompletableFuture<Void> live =
          CompletableFuture.runAsync(
              () -> {
                for (int i = 0; i < 40; i++) {
                  assertThat(other.ingest(List.of(trade(i)))).isNotNull();
                }
              });
      assertThat(one.run().success()).isTrue();
      live.join();
      assertThat(other.run().success()).isTrue();
      assertThat(sink.recorded).hasValue(0);
      assertThat(sink.togetherAtMost).hasValue(1);
    }
  }

  @Test
  void aLogThatOffersNoneIsRefused() {
    SyncLog without =
        (SyncLog)
            Proxy.newProxyInstance(
                SyncLog.class.getClassLoader(),
                new Class<?>[] {SyncLog.class},
                (proxy, method, args) -> {
                  if (method.getName().equals("offersWorkOutside")) {
                    return false;
                  }
                  try {
                    return method.invoke(log, args);
                  } catch (InvocationTargetException e) {
                    throw e.getCause();
                  }
                });
    SyncEngineBuilder builder =
        SyncEngine.builder()
            .source(source)
            .log(without)
            .sink(sink)
            .retryDelay(Duration.ofMillis(1));
    assertThatThrownBy(builder::build)
        .isInstanceOf(InvalidSettingException.class)
        .hasMessageContaining("needs a log that offers work outside its transactions");
  }
}
