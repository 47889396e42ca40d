package io.tradesync.redis;

import static io.tradesync.redis.TestTrades.T0;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tradesync.Side;
import io.tradesync.SideUnavailableException;
import io.tradesync.redis.fixture.RedisServer;
import io.tradesync.spi.Hint;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class HintsTest {

  private final TestStream stream = new TestStream(RedisServer.get());
  private final RecordingWriter liveWriter = new RecordingWriter();
  private LiveConsumer consumer;

  @AfterEach
  void close() {
    if (consumer != null) {
      consumer.close();
    }
    stream.close();
  }

  private void start(Duration rereadLimit) {
    start(rereadLimit, 500);
  }

  private void start(Duration rereadLimit, int batchSize) {
    consumer =
        stream
            .consumer("one")
            .decoder(EntryDecoder.hints())
            .rereadDelay(Duration.ofMillis(50))
            .rereadLimit(rereadLimit)
            .batchSize(batchSize)
            .build();
    consumer.start(liveWriter);
  }

  /** An entry as the indexer writes it. */
  private void publish(long epochSecond, String transaction) {
    stream.add(
        "symbol", "mwethmusdc",
        "price", "3000",
        "quantity", "2",
        "timestamp", Long.toString(epochSecond),
        "userId", "0xuser",
        "side", "buy",
        "tradeId", transaction,
        "orderId", "7",
        "makerOrderId", "6",
        "chainId", "31337");
  }

  private static Hint hint(int i) {
    return new Hint(T0 + i, "0x" + i);
  }

  private void publish(int from, int to) {
    IntStream.range(from, to).forEach(i -> publish(T0 + i, "0x" + i));
  }

  private void awaitNothingPending() {
    await().untilAsserted(() -> assertThat(stream.pending()).isZero());
  }

  @Test
  void oneReadingOfTheSourceAnswersManyHints() {
    publish(0, 40);
    start(Duration.ofSeconds(30));
    await().untilAsserted(() -> assertThat(consumer.health().counter("consumed")).isEqualTo(40));
    awaitNothingPending();
    assertThat(liveWriter.asked)
        .containsExactly(IntStream.range(0, 40).mapToObj(HintsTest::hint).toList());
    assertThat(liveWriter.ingested).isEmpty();
  }

  @Test
  void hintsOfOneTransactionAreOneQuestion() {
    publish(T0, "0x0");
    publish(T0, "0x0");
    start(Duration.ofSeconds(30));
    await().untilAsserted(() -> assertThat(consumer.health().counter("consumed")).isEqualTo(2));
    assertThat(liveWriter.asked).containsExactly(List.of(hint(0)));
    awaitNothingPending();
  }

  @Test
  void aHintIsAskedAgainUntilItsTradeIsThereWhileOthersGoOn() {
    Set<Hint> there = ConcurrentHashMap.newKeySet();
    there.add(hint(1));
    liveWriter.answered = there::contains;
    publish(0, 2);
    start(Duration.ofSeconds(30));
    await().until(() -> liveWriter.asked.size() >= 3);
    assertThat(stream.pending()).isEqualTo(1);
    assertThat(liveWriter.asked.get(0)).containsExactly(hint(0), hint(1));
    assertThat(liveWriter.asked.get(1)).containsExactly(hint(0));

    there.add(hint(2));
    publish(2, 3);
    await().untilAsserted(() -> assertThat(consumer.health().counter("consumed")).isEqualTo(2));
    assertThat(stream.pending()).isEqualTo(1);

    there.add(hint(0));
    await().untilAsserted(() -> assertThat(consumer.health().counter("consumed")).isEqualTo(3));
    awaitNothingPending();
    assertThat(consumer.health().counter("unanswered")).isZero();
  }

  @Test
  void afterTheLimitAHintIsNoLongerWaitedFor() {
    liveWriter.answered = hint -> false;
    publish(0, 2);
    try (CapturedLog log = new CapturedLog()) {
      start(Duration.ofMillis(300));
      await().untilAsserted(() -> assertThat(consumer.health().counter("unanswered")).isEqualTo(2));
      awaitNothingPending();
      assertThat(liveWriter.asked).hasSizeBetween(2, 20);
      assertThat(consumer.health().counter("consumed")).isZero();
      assertThat(consumer.health().up()).isTrue();
      assertThat(log.lines())
          .anyMatch(
              line ->
                  line.startsWith("INFO the source did not show the trades of 2 hints in time"));
    }
  }

  @Test
  void withoutALimitAHintIsAskedOnce() {
    liveWriter.answered = hint -> false;
    publish(0, 1);
    start(Duration.ZERO);
    await().untilAsserted(() -> assertThat(consumer.health().counter("unanswered")).isEqualTo(1));
    assertThat(liveWriter.asked).hasSize(1);
  }

  @Test
  void hintsThatWaitDoNotPileUpWithoutEnd() {
    AtomicBoolean there = new AtomicBoolean();
    liveWriter.answered = hint -> there.get();
    publish(0, 60);
    start(Duration.ofSeconds(30), 2);
    // Twenty wait, and so nothing more is read; asking goes on.
    await().until(() -> liveWriter.asked.size() >= 20);
    assertThat(stream.pending()).isEqualTo(20);
    there.set(true);
    await().untilAsserted(() -> assertThat(consumer.health().counter("consumed")).isEqualTo(60));
    awaitNothingPending();
  }

  @Test
  void aReadingThatFailsLosesNoHint() {
    AtomicBoolean gone = new AtomicBoolean(true);
    liveWriter.beforeCatchUp =
        hints -> {
          if (gone.get()) {
            throw SideUnavailableException.unreachable(Side.SOURCE, "gone for a test", null);
          }
        };
    publish(0, 5);
    try (CapturedLog log = new CapturedLog()) {
      start(Duration.ofSeconds(30));
      await()
          .untilAsserted(() -> assertThat(consumer.health().reason()).contains("gone for a test"));
      assertThat(stream.pending()).isEqualTo(5);
      gone.set(false);
      await().untilAsserted(() -> assertThat(consumer.health().counter("consumed")).isEqualTo(5));
      awaitNothingPending();
      assertThat(log.warnings()).hasSize(1);
    }
  }

  @Test
  void hintsThatWaitedWhenTheConsumerClosedAreAskedByTheNextOne() {
    liveWriter.answered = hint -> false;
    publish(0, 3);
    start(Duration.ofSeconds(30));
    await().until(() -> !liveWriter.asked.isEmpty());
    consumer.close();
    assertThat(stream.pending()).isEqualTo(3);
    liveWriter.answered = hint -> true;
    start(Duration.ofSeconds(30));
    await().untilAsserted(() -> assertThat(consumer.health().counter("consumed")).isEqualTo(3));
    awaitNothingPending();
  }

  @Test
  void millisecondsAreMalformed() {
    publish(T0 * 1_000, "0xms");
    publish(0, 1);
    try (CapturedLog log = new CapturedLog()) {
      start(Duration.ofSeconds(30));
      await().untilAsserted(() -> assertThat(consumer.health().counter("consumed")).isEqualTo(1));
      assertThat(consumer.health().counter("malformed")).isEqualTo(1);
      assertThat(liveWriter.asked).containsExactly(List.of(hint(0)));
      assertThat(log.warnings()).singleElement().asString().contains("timestamp", "1754400000000");
    }
  }
}
