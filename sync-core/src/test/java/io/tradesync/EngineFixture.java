package io.tradesync;

import static org.assertj.core.api.Assertions.assertThat;

import io.tradesync.inmemory.InMemorySyncLog;
import io.tradesync.inmemory.InMemoryTradeSource;
import io.tradesync.spi.TradeBatch;
import io.tradesync.spi.TradeChange;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;

/** A source, a log and a sink in memory, and engines over them. */
public final class EngineFixture {

  public final InMemoryTradeSource source = new InMemoryTradeSource();
  public final ManualClock clock = new ManualClock();
  public final InMemorySyncLog log = new InMemorySyncLog("analytics", clock);
  public final InterceptingSink sink = new InterceptingSink();
  public final RecordingListener listener = new RecordingListener();

  /** Everything that a listener was told. */
  public static final class RecordingListener implements SyncListener {
    public final List<String> events = new CopyOnWriteArrayList<>();
    public final List<RunProgress> progress = new CopyOnWriteArrayList<>();
    public final List<SyncResult> results = new CopyOnWriteArrayList<>();
    public final List<FailedTrade> failed = new CopyOnWriteArrayList<>();

    @Override
    public void runStarted(String runId, RunKind kind) {
      events.add("started " + kind);
    }

    @Override
    public void runPlanned(String runId, long total) {
      events.add("planned " + total);
    }

    @Override
    public void batchFinished(BatchProgress batch) {
      events.add(batch.run().message());
      progress.add(batch.run());
    }

    @Override
    public void tradesFailed(List<FailedTrade> trades) {
      events.add("failed " + trades.size());
      failed.addAll(trades);
    }

    @Override
    public void runEnded(SyncResult result) {
      events.add("ended " + result.outcome());
      results.add(result);
    }
  }

  public SyncEngineBuilder builder() {
    return SyncEngine.builder()
        .source(source)
        .log(log)
        .sink(sink)
        .listener(listener)
        .clock(clock)
        .retryDelay(Duration.ofMillis(1));
  }

  /** Both sides hold the same trades, and each change was committed once. */
  public void assertEqualSides() {
    assertThat(sink.held.writes()).isEqualTo(source.trades().size());
    assertSameTrades();
  }

  /** Both sides hold the same trades, which may have been written several times. */
  public void assertSameTrades() {
    assertThat(sink.held.trades()).isEqualTo(source.trades());
    assertThat(builder().build().health().gaps()).isEqualTo(GapCounts.NONE);
  }

  /** Neither side has a trade in scope. */
  public static void assertEmpty(SyncHealth health) {
    assertThat(health)
        .usingRecursiveComparison()
        .ignoringFields("verified")
        .isEqualTo(
            new SyncHealth(
                0,
                null,
                null,
                Recommendation.HEALTHY,
                GapCounts.NONE,
                null,
                null,
                SyncHealth.StoreState.NONE));
  }

  public static List<TradeKey> keys(TradeBatch batch) {
    return batch.changes().stream().map(TradeChange::key).toList();
  }

  /** What others do while the sink is at work: a sink itself must not call its engine. */
  public static void onAnotherThread(Runnable work) {
    try {
      CompletableFuture.runAsync(work).join();
    } catch (CompletionException e) {
      throw e.getCause() instanceof RuntimeException cause ? cause : e;
    }
  }

  public static void assertResult(
      SyncResult result, boolean success, long processed, long errors, long total, String words) {
    assertThat(result.success()).isEqualTo(success);
    assertThat(result.message()).isEqualTo(words);
    assertThat(List.of(result.processed(), result.errors(), result.total()))
        .as("processed, errors, total")
        .containsExactly(processed, errors, total);
  }
}
