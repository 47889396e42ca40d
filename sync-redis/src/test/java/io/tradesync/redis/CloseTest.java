package io.tradesync.redis;

import static io.tradesync.redis.TestTrades.nth;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import io.lettuce.core.RedisURI;
import io.tradesync.redis.fixture.RedisServer;
import java.time.Duration;
import java.util.Set;
import java.util.UUID;
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
  void noThreadIsLeftOfAConsumerThatItsIntakeClosed() {
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
}
