package io.tradesync.redis;

import static io.tradesync.redis.TestTrades.T0;
import static io.tradesync.redis.TestTrades.nth;
import static io.tradesync.redis.TestTrades.range;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tradesync.Side;
import io.tradesync.SideUnavailableException;
import io.tradesync.redis.fixture.RedisServer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is given up can be looked at, and holds nobody up. */
class DeadLetterTest {

  private final TestStream stream = new TestStream(RedisServer.get());
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
    log.close();
  }

  private void start(UnaryOperator<LiveConsumerBuilder> settings) {
    consumer = settings.apply(stream.consumer("one")).build();
    consumer.start(liveWriter);
  }

  private void awaitNothingPending() {
    await().untilAsserted(() -> assertThat(stream.pending()).isZero());
  }

  @Test
  void aMalformedEntryGoesThereAtOnceWithItsFieldsAndTheReason() {
    String id = stream.add("id", "x", "chain_id", "one", "timestamp", "1754400000", "pool_id", "p");
    publisher.publish(nth(0));
    start(settings -> settings);
    await().untilAsserted(() -> assertThat(liveWriter.trades()).containsExactly(nth(0)));
    awaitNothingPending();
    assertThat(stream.dead())
        .containsExactly(
            Map.of(
                "dead.stream", stream.key,
                "dead.id", id,
                "dead.group", TestStream.GROUP,
                "dead.reason", "field chain_id must be a whole number of 64 bits, but is: one",
                "dead.deliveries", "1",
                "dead.bytes", "41",
                "id", "x",
                "chain_id", "one",
                "timestamp", "1754400000",
                "pool_id", "p"));
    assertThat(consumer.health().counter("deadLetters")).isEqualTo(1);
    assertThat(consumer.health().counter("malformed")).isEqualTo(1);
    assertThat(liveWriter.requestedRuns).isEmpty();
  }

  @Test
  void aHugeValueIsCut() {
    stream.add("no", "x".repeat(1_000_000));
    start(settings -> settings);
    await().untilAsserted(() -> assertThat(stream.dead()).hasSize(1));
    assertThat(stream.dead().get(0).get("no")).hasSize(10_001).endsWith("x…");
  }

  @Test
  void onlySoManyAreKept() {
    for (int i = 0; i < 500; i++) {
      stream.add("no", "trade");
    }
    start(settings -> settings.maxDeadLetters(100));
    await()
        .untilAsserted(() -> assertThat(consumer.health().counter("deadLetters")).isEqualTo(500));
    assertThat(stream.dead()).hasSizeBetween(100, 300);
  }

  @Test
  void aDeadLetterKeyThatIsNoStreamHoldsUpNothing() {
    stream.redis().set(stream.deadLetters(), "text");
    stream.add("no", "trade");
    publisher.publish(nth(0));
    start(settings -> settings);
    await().untilAsserted(() -> assertThat(liveWriter.trades()).containsExactly(nth(0)));
    awaitNothingPending();
    assertThat(consumer.health().counter("malformed")).isEqualTo(1);
    assertThat(consumer.health().counter("deadLetters")).isZero();
    assertThat(log.lines())
        .anyMatch(line -> line.startsWith("ERROR 1 dead letters cannot be written"));
    stream.redis().del(stream.deadLetters());
  }

  @Test
  void oneEntryThatTheWriterCannotTakeIsFoundAmongManyAndGivenUp() {
    liveWriter.beforeIngest =
        trades -> {
          if (trades.contains(nth(7))) {
            throw new IllegalStateException("cannot take it");
          }
        };
    publisher.publish(range(0, 20));
    start(settings -> settings.deliveryLimit(3));
    await().untilAsserted(() -> assertThat(consumer.health().counter("deadLetters")).isEqualTo(1));
    awaitNothingPending();
    assertThat(liveWriter.trades()).hasSize(19).doesNotContain(nth(7));
    assertThat(stream.dead())
        .singleElement()
        .satisfies(
            letter ->
                assertThat(letter)
                    .containsEntry("id", nth(7).id())
                    .containsEntry(
                        "dead.reason", "java.lang.IllegalStateException: cannot take it"));
    await().untilAsserted(() -> assertThat(liveWriter.requestedRuns).hasSize(1));
    await().until(() -> consumer.health().up());
  }

  @Test
  void oneHintThatCannotBeAnsweredIsFoundAmongManyAndGivenUp() {
    liveWriter.beforeCatchUp =
        hints -> {
          if (hints.stream().anyMatch(hint -> "0x3".equals(hint.transactionId()))) {
            throw new IllegalStateException("the source cannot be read there");
          }
        };
    for (int i = 0; i < 6; i++) {
      stream.add("timestamp", Long.toString(T0 + i), "tradeId", "0x" + i);
    }
    start(settings -> settings.deliveryLimit(3).decoder(EntryDecoder.hints()));
    await().untilAsserted(() -> assertThat(consumer.health().counter("deadLetters")).isEqualTo(1));
    awaitNothingPending();
    await().untilAsserted(() -> assertThat(consumer.health().counter("consumed")).isEqualTo(5));
    assertThat(stream.dead().get(0)).containsEntry("tradeId", "0x3");
    await().untilAsserted(() -> assertThat(liveWriter.requestedRuns).hasSize(1));
  }

  @Test
  void aHintThatWaitedAndThenFailsDoesNotHoldUpOthers() {
    AtomicInteger asked = new AtomicInteger();
    liveWriter.answered = hint -> !"0x0".equals(hint.transactionId());
    liveWriter.beforeCatchUp =
        hints -> {
          boolean waited = hints.stream().anyMatch(hint -> "0x0".equals(hint.transactionId()));
          if (waited && asked.incrementAndGet() > 1) {
            throw new IllegalStateException("the source cannot be read there");
          }
        };
    stream.add("timestamp", Long.toString(T0), "tradeId", "0x0");
    start(
        settings ->
            settings
                .deliveryLimit(3)
                .rereadDelay(Duration.ofMillis(50))
                .decoder(EntryDecoder.hints()));
    await().until(() -> asked.get() > 1);
    stream.add("timestamp", Long.toString(T0), "tradeId", "0x1");
    await().untilAsserted(() -> assertThat(consumer.health().counter("deadLetters")).isEqualTo(1));
    await().untilAsserted(() -> assertThat(consumer.health().counter("consumed")).isEqualTo(1));
    assertThat(stream.dead().get(0)).containsEntry("tradeId", "0x0");
    awaitNothingPending();
  }

  @Test
  void aSideThatIsGoneIsNoFaultOfTheEntries() {
    AtomicInteger attempts = new AtomicInteger();
    liveWriter.beforeIngest =
        trades -> {
          if (attempts.incrementAndGet() < 10) {
            throw SideUnavailableException.unreachable(Side.STORE, "gone for a test", null);
          }
        };
    publisher.publish(range(0, 5));
    start(settings -> settings.deliveryLimit(2));
    await().untilAsserted(() -> assertThat(liveWriter.trades()).hasSize(5));
    awaitNothingPending();
    assertThat(attempts).hasValue(10);
    assertThat(stream.dead()).isEmpty();
    assertThat(liveWriter.requestedRuns).isEmpty();
  }

  @Test
  void theReasonIsOneShortLineWhateverWasThrown() {
    List<String> thrown = new ArrayList<>();
    stream.add("a", "1");
    start(
        settings ->
            settings.decoder(
                (key, id, body) -> {
                  thrown.add(id);
                  throw new NumberFormatException("first line\nsecond " + "x".repeat(100_000));
                }));
    await().untilAsserted(() -> assertThat(stream.dead()).hasSize(1));
    assertThat(stream.dead().get(0).get("dead.reason"))
        .startsWith("java.lang.NumberFormatException: first line?second")
        .hasSizeLessThanOrEqualTo(300);
    assertThat(thrown).hasSize(1);
  }
}
