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

  private final EngineFixture fixture = new EngineFixture();
  private final SyncEngine engine = fixture.builder().build();

  @AfterEach
  void end() {
    fixture.sink.hook = batch -> {};
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
    fixture.source.putAll(SampleTrades.trades(100, 1));
    engine.requestRun("lost for a test");
    await().until(() -> fixture.listener.results.size() == 1);
    fixture.assertEqualSides();
  }

  @Test
  void requestsThatWaitTogetherAreOneRun() throws Exception {
    CountDownLatch inSink = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    fixture.source.put(trade("a", T0));
    fixture.sink.hook =
        batch -> {
          inSink.countDown();
          goOn.await();
        };
    engine.requestRun("first");
    inSink.await();
    // This run may have looked already where something is missing now.
    fixture.source.put(trade("early", T0 - 1));
    for (int i = 0; i < 100; i++) {
      engine.requestRun("again");
    }
    fixture.sink.hook = batch -> {};
    goOn.countDown();
    await().until(() -> fixture.listener.results.size() == 2);
    fixture.assertEqualSides();
    engine.requestRun("a third one, after those");
    await().until(() -> fixture.listener.results.size() >= 3);
    assertThat(fixture.listener.results).hasSize(3);
  }

  @Test
  void waitsForTheRunOfAnotherProcess() throws Exception {
    CountDownLatch inSink = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    fixture.source.put(trade("a", T0));
    fixture.sink.hook =
        batch -> {
          inSink.countDown();
          goOn.await();
        };
    SyncEngine other = fixture.builder().build();
    Thread running = new Thread(other::run);
    running.start();
    inSink.await();
    fixture.source.put(trade("early", T0 - 1));
    engine.requestRun("while the other one runs");
    fixture.sink.hook = batch -> {};
    goOn.countDown();
    running.join();
    await().until(() -> fixture.listener.results.size() == 2);
    fixture.assertEqualSides();
  }

  @Test
  void isTriedAgainUntilTheSideIsBack() {
    fixture.source.putAll(SampleTrades.trades(10, 1));
    InterceptingSink.Hook gone =
        batch -> {
          throw new IOException("connection refused");
        };
    fixture.sink.hook = gone;
    fixture.sink.probe = gone;
    engine.requestRun("lost for a test");
    await().until(() -> fixture.listener.results.size() == 1);
    assertThat(fixture.listener.results.get(0).outcome()).isEqualTo(RunOutcome.FAILED);
    fixture.sink.hook = batch -> {};
    await().atMost(Duration.ofSeconds(20)).until(() -> fixture.sink.held.writes() == 10);
  }

  @Test
  void closeCancelsTheRunUnderWayAndTakesNoFurtherRequest() throws Exception {
    fixture.source.putAll(SampleTrades.trades(1_000, 1));
    CountDownLatch inSink = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    fixture.sink.hook =
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
    assertThat(fixture.listener.results)
        .singleElement()
        .satisfies(result -> assertThat(result.outcome()).isEqualTo(RunOutcome.CANCELLED));
    assertThatIllegalStateException().isThrownBy(() -> engine.requestRun("too late"));
    await().until(() -> ours().isEmpty());
    assertThat(fixture.listener.results).hasSize(1);
  }
}
