package io.tradesync.redis;

import static io.tradesync.redis.TestTrades.nth;
import static io.tradesync.redis.TestTrades.range;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lettuce.core.RedisClient;
import io.tradesync.Trade;
import io.tradesync.redis.fixture.RedisServer;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Redis goes away, comes back, or forgets. */
class OutageTest {

  private final RedisServer server = RedisServer.startPrivate();
  private final TestStream stream = new TestStream(server);
  private final TradePublisher publisher = stream.publisher();
  private final RecordingWriter liveWriter = new RecordingWriter();
  private CapturedLog log;
  private LiveConsumer consumer;

  @BeforeEach
  void capture() {
    log = new CapturedLog();
  }

  @AfterEach
  void close() {
    consumer.close();
    publisher.close();
    stream.close();
    server.close();
    log.close();
  }

  private void start(UnaryOperator<LiveConsumerBuilder> settings) {
    consumer = settings.apply(stream.consumer("one")).build();
    consumer.start(liveWriter);
  }

  private void awaitAll(List<Trade> trades) {
    Set<Trade> wanted = new HashSet<>(trades);
    await().untilAsserted(() -> assertThat(new HashSet<>(liveWriter.trades())).isEqualTo(wanted));
  }

  private void awaitDown() {
    await().until(() -> !consumer.health().up());
  }

  private void awaitUp() {
    await().until(() -> consumer.health().up());
  }

  @Test
  void afterARestartItGoesOn() {
    start(settings -> settings);
    publisher.publish(range(0, 5));
    awaitAll(range(0, 5));
    server.stop();
    awaitDown();
    assertThat(consumer.health().reason()).startsWith("Redis at 127.0.0.1:");
    server.start();
    awaitUp();
    publisher.publish(range(5, 10));
    awaitAll(range(0, 10));
    assertThat(liveWriter.trades()).hasSize(10);
    assertThat(log.warnings()).hasSizeBetween(1, 4);
  }

  @Test
  void aCallersClientThatReconnectsByItselfHidesNothing() {
    RedisClient client = RedisClient.create();
    try {
      start(settings -> settings.client(client));
      publisher.publish(range(0, 5));
      awaitAll(range(0, 5));
      server.stop();
      awaitDown();
      server.start();
      awaitUp();
      publisher.publish(range(5, 10));
      awaitAll(range(0, 10));
      consumer.close();
    } finally {
      client.shutdown(Duration.ZERO, Duration.ofSeconds(2));
    }
  }

  @Test
  void whatWasCommittedButNotAcknowledgedIsOfferedAgain() {
    liveWriter.beforeIngest =
        trades -> {
          liveWriter.beforeIngest = later -> {};
          server.stop();
        };
    publisher.publish(range(0, 5));
    start(settings -> settings);
    await().untilAsserted(() -> assertThat(liveWriter.trades()).hasSize(5));
    awaitDown();
    server.start();
    await().untilAsserted(() -> assertThat(liveWriter.trades()).hasSize(10));
    awaitAll(range(0, 5));
    await().untilAsserted(() -> assertThat(stream.pending()).isZero());
  }

  @Test
  void itStartsWithoutRedisAndReadsFromTheBeginningOnceItIsThere() {
    publisher.publish(range(0, 5));
    server.stop();
    start(settings -> settings.groupStart("$"));
    assertThat(consumer.health().up()).isFalse();
    assertThat(consumer.health().reason()).startsWith("Redis at 127.0.0.1:");
    server.start();
    awaitAll(range(0, 5));
    awaitUp();
  }

  @Test
  void afterAFlushTheGroupIsCreatedAgainAndNothingPublishedSinceIsLeftOut() {
    start(settings -> settings.groupStart("$"));
    publisher.publish(range(0, 5));
    awaitAll(range(0, 5));
    stream.redis().flushall();
    publisher.publish(range(5, 10));
    awaitAll(range(0, 10));
    awaitUp();
    assertThat(liveWriter.trades()).hasSize(10);
    assertThat(log.warnings()).anyMatch(line -> line.contains("group " + TestStream.GROUP + " of"));
  }

  @Test
  void aGroupThatWasDestroyedIsCreatedAgain() {
    start(settings -> settings);
    publisher.publish(nth(0));
    awaitAll(range(0, 1));
    stream.redis().xgroupDestroy(stream.key, TestStream.GROUP);
    publisher.publish(nth(1));
    awaitAll(range(0, 2));
  }

  @Test
  void aKeyThatBecomesSomethingElseIsNamedUntilItIsAStreamAgain() {
    start(settings -> settings);
    awaitUp();
    stream.redis().del(stream.key);
    stream.redis().set(stream.key, "text");
    await()
        .untilAsserted(
            () ->
                assertThat(consumer.health().reason())
                    .contains("must be the key of a Redis stream")
                    .contains(stream.key));
    stream.redis().del(stream.key);
    publisher.publish(nth(0));
    awaitAll(range(0, 1));
  }

  @Test
  void itCanBeClosedWhileRedisIsGone() {
    start(settings -> settings);
    awaitUp();
    server.stop();
    awaitDown();
    consumer.close();
    assertThat(consumer.health().reason()).isEqualTo("closed");
  }
}
