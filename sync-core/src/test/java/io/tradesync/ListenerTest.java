package io.tradesync;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class ListenerTest {

  private final EngineFixture bench = new EngineFixture();

  private static final class Throwing implements SyncListener {
    private final Throwable thrown;
    private final List<String> calls = new ArrayList<>();

    Throwing(Throwable thrown) {
      this.thrown = thrown;
    }

    private void fail(String call) {
      calls.add(call);
      Throwing.<RuntimeException>sneak(thrown);
    }

    @SuppressWarnings("unchecked")
    private static <T extends Throwable> void sneak(Throwable thrown) throws T {
      throw (T) thrown;
    }

    @Override
    public void runStarted(String runId, RunKind kind) {
      fail("started");
    }

    @Override
    public void runPlanned(String runId, long total) {
      fail("planned");
    }

    @Override
    public void batchFinished(BatchProgress progress) {
      fail("batch");
    }

    @Override
    public void runEnded(SyncResult result) {
      fail("ended");
    }
  }

  @Test
  void whatAListenerThrowsChangesNothing() {
    for (Throwable thrown :
        List.of(new IllegalStateException("no"), new AssertionError("no"), new Exception("no"))) {
      EngineFixture here = new EngineFixture();
      here.source.putAll(SampleTrades.trades(100, 1));
      Throwing listener = new Throwing(thrown);
      SyncResult result = here.builder().listener(listener).parallelism(2).build().run();
      EngineFixture.assertResult(
          result, true, 100, 0, 100, "Sync completed: 100/100 trades processed");
      assertThat(listener.calls).containsExactly("started", "planned", "batch", "batch", "ended");
      here.assertEqualSides();
    }
  }

  @Test
  void isCalledByOneThreadAtATimeAndInOrder() {
    bench.source.putAll(SampleTrades.trades(2_000, 1));
    AtomicInteger inside = new AtomicInteger();
    List<Long> order = new ArrayList<>();
    SyncListener listener =
        new SyncListener() {
          @Override
          public void batchFinished(BatchProgress progress) {
            assertThat(inside.incrementAndGet()).isEqualTo(1);
            order.add(progress.run().processed());
            Thread.yield();
            inside.decrementAndGet();
          }
        };
    bench.builder().listener(listener).batchSize(5).parallelism(8).build().run();
    assertThat(order).hasSize(400).isSorted();
    assertThat(inside).hasValue(0);
  }

  @Test
  void aBatchIsReportedAfterItsCommit() {
    bench.source.putAll(SampleTrades.trades(500, 1));
    List<Long> committed = new ArrayList<>();
    List<Long> reported = new ArrayList<>();
    SyncListener listener =
        new SyncListener() {
          @Override
          public void batchFinished(BatchProgress progress) {
            committed.add(bench.sink.held.writes());
            reported.add(progress.run().processed());
          }
        };
    bench.builder().listener(listener).build().run();
    assertThat(committed).hasSize(10);
    for (int i = 0; i < committed.size(); i++) {
      assertThat(committed.get(i)).isGreaterThanOrEqualTo(reported.get(i));
    }
    assertThat(reported).isEqualTo(LongStream.rangeClosed(1, 10).map(n -> n * 50).boxed().toList());
  }

  @Test
  void theEndStandsInTheAuditTrailWhenItIsTold() {
    List<RunOutcome> seen = new ArrayList<>();
    SyncListener listener =
        new SyncListener() {
          @Override
          public void runStarted(String runId, RunKind kind) {
            bench.log.runs().find(runId).ifPresent(run -> seen.add(run.outcome()));
          }

          @Override
          public void runEnded(SyncResult result) {
            bench.log.runs().find(result.runId()).ifPresent(run -> seen.add(run.outcome()));
          }
        };
    bench.builder().listener(listener).build().run();
    assertThat(seen).containsExactly(RunOutcome.RUNNING, RunOutcome.COMPLETED);
  }
}
