package io.tradesync;

import static io.tradesync.SampleTrades.T0;
import static io.tradesync.SampleTrades.trade;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A live path asks for a run, since it lost something. */
@Timeout(value = 30, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class RequestedRunTest {

  private final EngineFixture bench = new EngineFixture();
  private final SyncEngine engine = bench.builder().build();

  @AfterEach
  void end() {
    bench.sink.hook = batch -> {};
    engine.close();
    await().until(() -> ours().isEmpty());
  }

  private static List<String> ours() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(Thread::isAlive)
        .map(Thread::getName)
        .filter(name -> name.startsWith("tradesync"))
        .toList();
  }

  @Test
  void closesTheGapWithoutAnAutomaticRecovery() {
    bench.source.putAll(SampleTrades.trades(100, 1));
    engine.requestRun("lost for a test");
    await().until(() -> bench.told.results.size() == 1);
    bench.assertEqualSides();
  }

  @Test
  void requestsThatWaitTogetherAreOneRun() throws Exception {
    CountDownLatch inSink = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    bench.source.put(trade("a", T0));
    bench.sink.hook =
        batch -> {
          inSink.countDown();
          goOn.await();
        };
    engine.requestRun("first");
    inSink.await();
    // This run may have looked already where something is missing now.
    bench.source.put(trade("early", T0 - 1));
    for (int i = 0; i < 100; i++) {
      engine.requestRun("again");
    }
    bench.sink.hook = batch -> {};
    goOn.countDown();
    await().until(() -> bench.told.results.size() == 2);
    bench.assertEqualSides();
    engine.requestRun("a third one, after those");
    await().until(() -> bench.told.results.size() >= 3);
    assertThat(bench.told.results).hasSize(3);
  }

  @Test
  void waitsForTheRunOfAnotherProcess() throws Exception {
    CountDownLatch inSink = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    bench.source.put(trade("a", T0));
    bench.sink.hook =
        batch -> {
          inSink.countDown();
          goOn.await();
        };
    SyncEngine other = bench.builder().build();
    Thread running = new Thread(other::run);
    running.start();
    inSink.await();
    bench.source.put(trade("early", T0 - 1));
    engine.requestRun("while the other one runs");
    bench.sink.hook = batch -> {};
    goOn.countDown();
    running.join();
    await().until(() -> bench.told.results.size() == 2);
    bench.assertEqualSides();
  }

  @Test
  void isTriedAgainUntilTheSideIsBack() {
    bench.source.putAll(SampleTrades.trades(10, 1));
    InterceptingSink.Hook gone =
        batch -> {
          throw new IOException("connection refused");
        };
    bench.sink.hook = gone;
    bench.sink.probe = gone;
    engine.requestRun("lost for a test");
    await().until(() -> bench.told.results.size() == 1);
    assertThat(bench.told.results.get(0).outcome()).isEqualTo(RunOutcome.FAILED);
    bench.sink.hook = batch -> {};
    await().atMost(Duration.ofSeconds(20)).until(() -> bench.sink.held.writes() == 10);
  }

  @Test
  void closeCancelsTheRunUnderWayAndTakesNoFurtherRequest() throws Exception {
    bench.source.putAll(SampleTrades.trades(1_000, 1));
    CountDownLatch inSink = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    bench.sink.hook =
        batch -> {
          inSink.countDown();
          goOn.await();
        };
    engine.requestRun("lost for a test");
    assertThat(inSink.await(10, TimeUnit.SECONDS)).isTrue();
    Thread closing = new Thread(engine::close);
    closing.start();
    await().until(() -> closing.getState() == Thread.State.TIMED_WAITING);
    goOn.countDown();
    closing.join();
    assertThat(bench.told.results)
        .singleElement()
        .satisfies(result -> assertThat(result.outcome()).isEqualTo(RunOutcome.CANCELLED));
    assertThatIllegalStateException().isThrownBy(() -> engine.requestRun("too late"));
    await().until(() -> ours().isEmpty());
    assertThat(bench.told.results).hasSize(1);
  }
}
