package io.tradesync.redis;

import static io.tradesync.redis.TestTrades.nth;
import static io.tradesync.redis.TestTrades.range;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import io.tradesync.InvalidSettingException;
import io.tradesync.Trade;
import io.tradesync.redis.fixture.RedisServer;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** One stream a chain. */
class PatternTest {

  private final TestStream streams = new TestStream(RedisServer.get());
  private final RecordingWriter liveWriter = new RecordingWriter();
  private LiveConsumer consumer;

  @AfterEach
  void close() {
    if (consumer != null) {
      consumer.close();
    }
    streams.close();
  }

  private LiveConsumerBuilder settings() {
    return LiveConsumer.builder(streams.uri())
        .streamPatterns(streams.key + ":chain:*:trades")
        .group(TestStream.GROUP)
        .consumerName("one")
        .deadLetterStream(streams.key + ":chain:dead:trades")
        .discoveryInterval(Duration.ofMillis(100))
        .blockTime(Duration.ofMillis(100));
  }

  private void publish(String chain, Trade trade) {
    try (TradePublisher publisher =
        TradePublisher.builder(streams.uri()).stream(streams.key + ":chain:" + chain + ":trades")
            .build()) {
      publisher.publish(trade);
    }
  }

  private void awaitTrades(int count) {
    await()
        .untilAsserted(
            () ->
                assertThat(liveWriter.trades())
                    .containsExactlyInAnyOrderElementsOf(range(0, count)));
  }

  @Test
  void everyStreamThatMatchesIsReadAlsoOneThatAppearsLater() {
    publish("1", nth(0));
    publish("137", nth(1));
    try (TradePublisher other = streams.publisher()) {
      other.publish(nth(99));
    }
    streams.redis().set(streams.key + ":chain:text:trades", "no stream");
    consumer = settings().build();
    consumer.start(liveWriter);
    awaitTrades(2);
    assertThat(liveWriter.requestedRuns).isEmpty();
    publish("10", nth(2));
    awaitTrades(3);
    // It may have been trimmed before it was found.
    assertThat(liveWriter.requestedRuns).singleElement().asString().contains("chain:10:trades");
    publish("1", nth(3));
    awaitTrades(4);
    assertThat(consumer.health().totalLosses()).isZero();
  }

  @Test
  void noStreamAtAllIsNoFault() {
    consumer = settings().build();
    consumer.start(liveWriter);
    await().until(() -> consumer.health().up());
    publish("1", nth(0));
    awaitTrades(1);
  }

  @Test
  void aStreamThatVanishesIsALossAndIsReadAgainWhenItComesBack() {
    publish("1", nth(0));
    publish("2", nth(1));
    consumer = settings().build();
    try (CapturedLog log = new CapturedLog()) {
      consumer.start(liveWriter);
      awaitTrades(2);
      streams.redis().del(streams.key + ":chain:1:trades");
      await().until(() -> !liveWriter.requestedRuns.isEmpty());
      assertThat(liveWriter.requestedRuns.get(0)).contains("chain:1:trades was gone");
      assertThat(consumer.health().totalLosses()).isEqualTo(1);
      assertThat(log.warnings()).isNotEmpty();
    }
    publish("2", nth(2));
    awaitTrades(3);
    publish("1", nth(3));
    awaitTrades(4);
    assertThat(consumer.health().totalLosses()).isEqualTo(1);
  }

  @Test
  void deadLettersAreNotRead() {
    publish("1", nth(0));
    streams.redis().xadd(streams.key + ":chain:1:trades", "no", "trade");
    consumer = settings().build();
    try (CapturedLog log = new CapturedLog()) {
      consumer.start(liveWriter);
      await()
          .untilAsserted(() -> assertThat(consumer.health().counter("deadLetters")).isEqualTo(1));
      publish("2", nth(1));
      awaitTrades(2);
      assertThat(log.warnings()).hasSize(1);
    }
    assertThat(consumer.health().counter("malformed")).isEqualTo(1);
  }

  @Test
  void deadLettersAreNoStreamThatIsNamed() {
    assertThatExceptionOfType(InvalidSettingException.class)
        .isThrownBy(() -> settings().streams("a").deadLetterStream("a").build())
        .withMessageContaining("deadLetterStream must be none of the streams that are read");
  }
}
