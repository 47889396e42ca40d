package io.tradesync.redis;

import static io.tradesync.redis.TestTrades.nth;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import io.lettuce.core.RedisURI;
import io.tradesync.TradesyncException;
import io.tradesync.redis.fixture.RedisServer;
import java.time.Duration;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class CloseTest {

  private final RedisURI uri = RedisURI.create(RedisServer.get().uri());
  private final String stream = "test-" + UUID.randomUUID();

  /** Of those threads that Lettuce or this module makes; other ones come and go. */
  private static Set<Thread> threads() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(
            thread ->
                thread.getName().startsWith("lettuce") || thread.getName().startsWith("tradesync"))
        .collect(Collectors.toSet());
  }

  private LiveConsumer consumer() {
    return LiveConsumer.builder(uri).streams(stream).blockTime(Duration.ofMillis(100)).build();
  }

  private static void awaitNoMoreThan(Set<Thread> before) {
    await()
        .untilAsserted(
            () -> {
              Set<Thread> left = threads();
              left.removeAll(before);
              assertThat(left).isEmpty();
            });
  }

  @Test
  void noThreadIsLeftOfBoth() {
    Set<Thread> before = threads();
    RecordingWriter liveWriter = new RecordingWriter();
    LiveConsumer consumer = consumer();
    TradePublisher publisher = TradePublisher.builder(uri).stream(stream).build();
    consumer.start(liveWriter);
    publisher.publish(nth(0));
    await().until(() -> !liveWriter.trades().isEmpty());
    assertThat(threads()).hasSizeGreaterThan(before.size());
    consumer.close();
    publisher.close();
    assertThat(threads()).noneMatch(thread -> thread.getName().startsWith("tradesync-live"));
    awaitNoMoreThan(before);
  }

  @Test
  void noThreadIsLeftOfAConsumerThatWasOnlyPrepared() {
    Set<Thread> before = threads();
    LiveConsumer consumer = consumer();
    consumer.prepare();
    consumer.close();
    awaitNoMoreThan(before);
  }

  @Test
  void noThreadIsLeftOfAConsumerThatItsWriterClosed() {
    Set<Thread> before = threads();
    RecordingWriter liveWriter = new RecordingWriter();
    LiveConsumer consumer = consumer();
    liveWriter.beforeIngest = trades -> consumer.close();
    try (TradePublisher publisher = TradePublisher.builder(uri).stream(stream).build()) {
      publisher.publish(nth(0));
    }
    consumer.start(liveWriter);
    await().until(() -> "closed".equals(consumer.health().reason()));
    awaitNoMoreThan(before);
  }

  @Test
  void nobodyIsWarnedOfAConnectionThatWasToBeClosed() {
    RecordingWriter liveWriter = new RecordingWriter();
    try (CapturedLog log = new CapturedLog("io.lettuce.core", Level.WARN)) {
      LiveConsumer consumer = consumer();
      TradePublisher publisher = TradePublisher.builder(uri).stream(stream).build();
      consumer.start(liveWriter);
      publisher.publish(nth(0));
      await().until(() -> !liveWriter.trades().isEmpty());
      consumer.close();
      publisher.close();
      assertThat(log.lines()).isEmpty();
    }
  }

  @Test
  void aReadThatWaitsForEntriesHoldsUpNoClose() {
    RecordingWriter liveWriter = new RecordingWriter();
    try (CapturedLog log = new CapturedLog("io.tradesync.redis", Level.WARN);
        TradePublisher publisher = TradePublisher.builder(uri).stream(stream).build()) {
      LiveConsumer consumer =
          LiveConsumer.builder(uri).streams(stream).blockTime(Duration.ofMinutes(1)).build();
      consumer.start(liveWriter);
      publisher.publish(nth(0));
      await().until(() -> !liveWriter.trades().isEmpty());
      consumer.close(Duration.ofSeconds(20));
      assertThat(log.lines()).as("nothing was interrupted").isEmpty();
    }
  }

  @Test
  void aWriterThatDoesNotReturnIsInterruptedWhenTheTimeIsOver() {
    try (TestStream stream = new TestStream(RedisServer.get());
        TradePublisher publisher = stream.publisher()) {
      CountDownLatch entered = new CountDownLatch(1);
      RecordingWriter liveWriter = new RecordingWriter();
      liveWriter.beforeIngest = trades -> waitForInterrupt(entered);
      LiveConsumer consumer =
          stream.consumer("one").client(stream.client()).deliveryLimit(1).build();
      publisher.publish(nth(0));
      consumer.start(liveWriter);
      RecordingWriter.awaitLatch(entered);

      Duration took = timeToClose(consumer, Duration.ofMillis(200));

      assertThat(took).isBetween(Duration.ofMillis(200), Duration.ofSeconds(3));
      assertThat(consumer.health().reason()).isEqualTo("closed");
      await().until(() -> threads().stream().noneMatch(CloseTest::isDelivering));
      assertThat(stream.dead()).isEmpty();
      assertThat(stream.pending()).isEqualTo(1);
    }
  }

  @Test
  void closeReturnsInTimeAlthoughAWriterIgnoresTheInterrupt() {
    try (TestStream stream = new TestStream(RedisServer.get());
        TradePublisher publisher = stream.publisher()) {
      CountDownLatch entered = new CountDownLatch(1);
      AtomicBoolean leave = new AtomicBoolean();
      RecordingWriter liveWriter = new RecordingWriter();
      liveWriter.beforeIngest =
          trades -> {
            entered.countDown();
            while (!leave.get()) {
              Thread.onSpinWait();
            }
          };
      LiveConsumer consumer = stream.consumer("one").build();
      publisher.publish(nth(0));
      consumer.start(liveWriter);
      RecordingWriter.awaitLatch(entered);

      Duration took = timeToClose(consumer, Duration.ofMillis(200));

      assertThat(took).isLessThan(Duration.ofSeconds(3));
      assertThat(timeToClose(consumer, Duration.ofMinutes(1)))
          .as("what was left behind is not waited for again")
          .isLessThan(Duration.ofSeconds(3));
      leave.set(true);
      await().until(() -> threads().stream().noneMatch(CloseTest::isDelivering));
    }
  }

  private static Duration timeToClose(LiveConsumer consumer, Duration timeout) {
    long begin = System.nanoTime();
    consumer.close(timeout);
    return Duration.ofNanos(System.nanoTime() - begin);
  }

  private static boolean isDelivering(Thread thread) {
    return thread.getName().startsWith("tradesync-live");
  }

  private static void waitForInterrupt(CountDownLatch entered) {
    entered.countDown();
    try {
      new CountDownLatch(1).await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new TradesyncException("interrupted", e);
    }
  }
}
