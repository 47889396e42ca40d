package io.tradesync.redis;

import static io.tradesync.redis.TestTrades.range;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tradesync.redis.fixture.RedisServer;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PauseTest {

  private final TestStream stream = new TestStream(RedisServer.get());
  private final TradePublisher publisher = stream.publisher();
  private final RecordingWriter liveWriter = new RecordingWriter();
  private final LiveConsumer consumer = stream.consumer("one").batchSize(10).build();

  @AfterEach
  void close() {
    consumer.close();
    publisher.close();
    stream.close();
  }

  @Test
  void nothingIsDeliveredWhilePausedAndNothingIsLeftOutAfterwards() {
    consumer.start(liveWriter);
    publisher.publish(range(0, 25));
    await().untilAsserted(() -> assertThat(liveWriter.trades()).hasSize(25));
    consumer.pause();
    consumer.pause();
    assertThat(consumer.health().paused()).isTrue();
    publisher.publish(range(25, 50));
    await()
        .during(Duration.ofMillis(500))
        .atMost(Duration.ofSeconds(5))
        .until(() -> liveWriter.trades().size() == 25);
    assertThat(stream.pending()).isZero();
    consumer.resume();
    consumer.resume();
    assertThat(consumer.health().paused()).isFalse();
    await()
        .untilAsserted(
            () -> assertThat(liveWriter.trades()).containsExactlyElementsOf(range(0, 50)));
  }

  @Test
  void pauseWaitsForTheDeliveryUnderWayAndForWhatWasReadAhead() {
    CountDownLatch entered = new CountDownLatch(1);
    CountDownLatch leave = new CountDownLatch(1);
    liveWriter.beforeIngest =
        trades -> {
          entered.countDown();
          join(leave);
        };
    publisher.publish(range(0, 65));
    consumer.start(liveWriter);
    join(entered);
    Thread pausing = new Thread(consumer::pause);
    pausing.start();
    await().until(() -> pausing.getState() == Thread.State.WAITING);
    leave.countDown();
    await().until(() -> !pausing.isAlive());
    assertThat(liveWriter.trades()).containsExactlyElementsOf(range(0, 30));
    assertThat(stream.pending()).isZero();
    consumer.resume();
    await()
        .untilAsserted(
            () -> assertThat(liveWriter.trades()).containsExactlyElementsOf(range(0, 65)));
  }

  private static void join(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void theWriterMayPauseIt() {
    liveWriter.beforeIngest = trades -> consumer.pause();
    publisher.publish(range(0, 65));
    consumer.start(liveWriter);
    await().until(() -> consumer.health().paused() && stream.pending() == 0);
    assertThat(liveWriter.trades()).containsExactlyElementsOf(range(0, 30));
  }

  @Test
  void itCanBePausedBeforeItIsStartedAndClosedWhilePaused() {
    consumer.pause();
    publisher.publish(range(0, 5));
    consumer.start(liveWriter);
    consumer.close();
    assertThat(liveWriter.trades()).isEmpty();
    assertThat(consumer.health().reason()).isEqualTo("closed");
  }
}
