package io.tradesync.redis;

import static io.tradesync.redis.TestTrades.nth;
import static io.tradesync.redis.TestTrades.range;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lettuce.core.Consumer;
import io.lettuce.core.StreamMessage;
import io.lettuce.core.XClaimArgs;
import io.lettuce.core.XReadArgs;
import io.lettuce.core.XReadArgs.StreamOffset;
import io.tradesync.Side;
import io.tradesync.SideUnavailableException;
import io.tradesync.redis.fixture.RedisServer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a consumer read and did not acknowledge is taken over, and not tried for ever. */
class ClaimTest {

  private static final Duration SOON = Duration.ofMillis(300);

  // A living consumer has this time to show that it lives, also on a machine that is busy.
  private static final Duration LATER = Duration.ofMillis(1_500);

  private final TestStream stream = new TestStream(RedisServer.get());
  private final TradePublisher publisher = stream.publisher();
  private final RecordingWriter liveWriter = new RecordingWriter();
  private final List<LiveConsumer> consumers = new ArrayList<>();

  @AfterEach
  void close() {
    consumers.forEach(LiveConsumer::close);
    publisher.close();
    stream.close();
  }

  private LiveConsumer start(String name, UnaryOperator<LiveConsumerBuilder> settings) {
    LiveConsumer consumer =
        settings
            .apply(stream.consumer(name).rereadLimit(Duration.ofMillis(100)).claimAfter(SOON))
            .build();
    consumers.add(consumer);
    consumer.start(liveWriter);
    return consumer;
  }

  /** Reads some entries as a process does that then dies. */
  private List<StreamMessage<String, String>> readAndDie(int count) {
    return stream
        .redis()
        .xreadgroup(
            Consumer.from(TestStream.GROUP, "analytics-dead"),
            XReadArgs.Builder.count(count),
            StreamOffset.lastConsumed(stream.key));
  }

  private void makeGroup() {
    LiveConsumer consumer = stream.consumer("maker").build();
    consumer.prepare();
    consumer.close();
  }

  @Test
  void entriesOfADeadConsumerAreTakenOver() {
    makeGroup();
    publisher.publish(range(0, 20));
    readAndDie(10);
    LiveConsumer living = start("living", settings -> settings.batchSize(4));
    await().untilAsserted(() -> assertThat(liveWriter.trades()).containsAll(range(0, 20)));
    await().untilAsserted(() -> assertThat(stream.pending()).isZero());
    assertThat(living.health().counter("claimed")).isEqualTo(10);
    assertThat(liveWriter.trades()).hasSize(20);
    assertThat(liveWriter.requestedRuns).isEmpty();
  }

  @Test
  void entriesOfADeadConsumerThatAreGoneFromTheStreamAreALoss() {
    makeGroup();
    publisher.publish(range(0, 4));
    List<StreamMessage<String, String>> read = readAndDie(4);
    stream.redis().xdel(stream.key, read.get(1).getId());
    try (CapturedLog log = new CapturedLog()) {
      LiveConsumer living = start("living", settings -> settings);
      await().untilAsserted(() -> assertThat(living.health().counter("trimmed")).isEqualTo(1));
      await().untilAsserted(() -> assertThat(liveWriter.trades()).hasSize(3));
      assertThat(log.warnings()).singleElement().asString().contains("trimmed away unread");
    }
    assertThat(liveWriter.requestedRuns).first().asString().contains("trimmed away unread");
    await().untilAsserted(() -> assertThat(stream.pending()).isZero());
  }

  @ParameterizedTest
  @ValueSource(ints = {100, 2})
  void whatALivingConsumerStillHoldsIsLeftToItAlsoIfItWasReadAhead(int batchSize) {
    AtomicBoolean gone = new AtomicBoolean(true);
    liveWriter.beforeIngest =
        trades -> {
          if (gone.get() && Thread.currentThread().getName().startsWith("tradesync-live")) {
            throw SideUnavailableException.unreachable(Side.STORE, "gone for a test", null);
          }
        };
    publisher.publish(range(0, 5));
    try (CapturedLog log = new CapturedLog()) {
      LiveConsumer first =
          start("first", settings -> settings.batchSize(batchSize).claimAfter(LATER));
      await().until(() -> stream.pending() == 5);
      LiveConsumer second = start("second", settings -> settings.claimAfter(LATER));
      await().until(() -> second.health().up());
      // Longer than the time after which an idle entry is claimed.
      await()
          .during(LATER.multipliedBy(2))
          .atMost(LATER.multipliedBy(10))
          .until(() -> second.health().counter("claimed") == 0);
      gone.set(false);
      await().untilAsserted(() -> assertThat(first.health().counter("consumed")).isEqualTo(5));
      assertThat(log.warnings()).isNotEmpty();
    }
    assertThat(liveWriter.trades()).hasSize(5);
    assertThat(stream.dead()).isEmpty();
  }

  @Test
  void anEntryThatKilledEachOfItsConsumersIsGivenUp() {
    makeGroup();
    String id = publisher.publish(nth(0));
    readAndDie(1);
    for (int i = 0; i < 3; i++) {
      stream
          .redis()
          .xclaim(
              stream.key,
              Consumer.from(TestStream.GROUP, "analytics-dead-too"),
              XClaimArgs.Builder.minIdleTime(0),
              id);
    }
    try (CapturedLog log = new CapturedLog()) {
      LiveConsumer living = start("living", settings -> settings.deliveryLimit(4));
      await().untilAsserted(() -> assertThat(living.health().counter("deadLetters")).isEqualTo(1));
      assertThat(log.warnings()).singleElement().asString().contains("failed too often");
    }
    assertThat(liveWriter.trades()).isEmpty();
    assertThat(stream.dead())
        .singleElement()
        .satisfies(
            letter ->
                assertThat(letter)
                    .containsEntry("dead.stream", stream.key)
                    .containsEntry("dead.id", id)
                    .containsEntry("dead.group", TestStream.GROUP)
                    .containsEntry("dead.deliveries", "5")
                    .containsEntry("dead.reason", "was delivered 5 times and never acknowledged")
                    .containsEntry("id", nth(0).id()));
    await().untilAsserted(() -> assertThat(stream.pending()).isZero());
    // The source still has the trade, and only a run finds it there.
    await().until(() -> !liveWriter.requestedRuns.isEmpty());
    assertThat(liveWriter.requestedRuns).singleElement().asString().contains("failed too often");
  }
}
