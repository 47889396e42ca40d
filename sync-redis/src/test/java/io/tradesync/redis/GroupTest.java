package io.tradesync.redis;

import static io.tradesync.redis.TestTrades.nth;
import static io.tradesync.redis.TestTrades.range;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lettuce.core.Consumer;
import io.lettuce.core.Range;
import io.lettuce.core.XReadArgs;
import io.lettuce.core.XReadArgs.StreamOffset;
import io.tradesync.Trade;
import io.tradesync.redis.fixture.RedisServer;
import io.tradesync.redis.internal.format.TradeFields;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What others do to the group of a consumer is noticed, and names do not pile up in it. */
class GroupTest {

  private static final Duration SOON = Duration.ofMillis(300);

  private final TestStream stream = new TestStream(RedisServer.get());
  private final TradePublisher publisher = stream.publisher();
  private final RecordingWriter liveWriter = new RecordingWriter();
  private final CapturedLog log = new CapturedLog();
  private final List<LiveConsumer> consumers = new ArrayList<>();

  @AfterEach
  void close() {
    consumers.forEach(LiveConsumer::close);
    publisher.close();
    stream.close();
    log.close();
  }

  private LiveConsumer start(
      String name, RecordingWriter writer, UnaryOperator<LiveConsumerBuilder> settings) {
    LiveConsumer consumer = settings.apply(stream.consumer(name)).build();
    consumers.add(consumer);
    consumer.start(writer);
    await().until(() -> consumer.health().up());
    return consumer;
  }

  private LiveConsumer start(String name, UnaryOperator<LiveConsumerBuilder> settings) {
    return start(name, liveWriter, settings);
  }

  private void awaitTrades(List<Trade> trades) {
    await()
        .untilAsserted(
            () -> assertThat(liveWriter.trades()).containsExactlyInAnyOrderElementsOf(trades));
  }

  private List<String> names() {
    return stream.redis().xinfoConsumers(stream.key, TestStream.GROUP).stream()
        .map(answer -> (List<?>) answer)
        .map(answer -> String.valueOf(answer.get(answer.indexOf("name") + 1)))
        .sorted()
        .toList();
  }

  private void readAs(String consumer, int entries) {
    stream
        .redis()
        .xreadgroup(
            Consumer.from(TestStream.GROUP, consumer),
            XReadArgs.Builder.count(entries),
            StreamOffset.lastConsumed(stream.key));
  }

  private void awaitSkipped(LiveConsumer consumer, String reason) {
    await().until(() -> consumer.health().losses().get("skipped") > 0);
    assertThat(log.warnings())
        .filteredOn(line -> line.contains("stream data may be lost"))
        .first()
        .asString()
        .contains(reason);
  }

  @Test
  void theGroupIsTheServiceAndNamesBeginWithIt() {
    LiveConsumer consumer =
        LiveConsumer.builder(stream.uri())
            .streams(stream.key)
            .service("prices")
            .consumerName("one")
            .blockTime(Duration.ofMillis(100))
            .build();
    consumers.add(consumer);
    consumer.start(liveWriter);
    publisher.publish(nth(0));
    awaitTrades(List.of(nth(0)));

    assertThat(stream.redis().xinfoConsumers(stream.key, "prices"))
        .singleElement()
        .asString()
        .contains("prices-one");
  }

  @Test
  void aPositionThatSomebodyMovesForwardIsALoss() {
    stream.assumeCountersOfEntries();
    LiveConsumer consumer = start("one", settings -> settings);
    publisher.publish(range(0, 5));
    awaitTrades(range(0, 5));

    stream.redis().multi();
    range(5, 105).forEach(trade -> stream.redis().xadd(stream.key, TradeFields.write(trade)));
    stream.redis().xgroupSetid(StreamOffset.from(stream.key, "$"), TestStream.GROUP);
    stream.redis().exec();

    awaitSkipped(consumer, "was moved from");
    await().until(() -> !liveWriter.requestedRuns.isEmpty());
    publisher.publish(range(105, 110));
    await().untilAsserted(() -> assertThat(liveWriter.trades()).contains(nth(109)));
    assertThat(consumer.health().losses()).containsEntry("skipped", 1L);
  }

  @Test
  void anAcknowledgementOfSomebodyElseIsALoss() {
    stream.assumeCountersOfEntries();
    CountDownLatch entered = new CountDownLatch(1);
    CountDownLatch leave = new CountDownLatch(1);
    liveWriter.beforeIngest =
        trades -> {
          entered.countDown();
          RecordingWriter.awaitLatch(leave);
        };
    LiveConsumer consumer = start("one", settings -> settings);
    publisher.publish(range(0, 5));
    RecordingWriter.awaitLatch(entered);

    String first = stream.redis().xrange(stream.key, Range.unbounded()).get(0).getId();
    assertThat(stream.redis().xack(stream.key, TestStream.GROUP, first)).isEqualTo(1);
    leave.countDown();

    awaitSkipped(consumer, "1 pending entries of stream");
    assertThat(consumer.health().losses()).containsEntry("skipped", 1L);
  }

  @Test
  void consumersOfOneServiceThatShareTheEntriesLoseNothing() {
    stream.assumeCountersOfEntries();
    RecordingWriter slow = new RecordingWriter();
    slow.beforeIngest = trades -> publisher.publish(List.of());
    LiveConsumer one = start("one", settings -> settings.batchSize(3));
    LiveConsumer two = start("two", slow, settings -> settings.batchSize(7));
    for (int from = 0; from < 400; from += 20) {
      publisher.publish(range(from, from + 20));
    }
    await()
        .until(
            () ->
                liveWriter.trades().size() + slow.trades().size() == 400 && stream.pending() == 0);
    two.close();
    publisher.publish(range(400, 420));
    await().until(() -> liveWriter.trades().size() + slow.trades().size() == 420);

    assertThat(one.health().totalLosses()).isZero();
    assertThat(two.health().totalLosses()).isZero();
    assertThat(one.health().counter("foreignConsumers")).isZero();
  }

  @Test
  void aServiceThatReadsTheSameGroupIsReportedToBoth() {
    RecordingWriter other = new RecordingWriter();
    LiveConsumer ours = start("one", settings -> settings.service("ours"));
    LiveConsumer theirs = start("two", other, settings -> settings.service("theirs"));

    await()
        .until(
            () -> {
              publisher.publish(range(0, 20));
              return ours.health().losses().get("skipped") > 0
                  && theirs.health().losses().get("skipped") > 0;
            });

    assertThat(ours.health().counter("foreignConsumers")).isEqualTo(1);
    assertThat(theirs.health().counter("foreignConsumers")).isEqualTo(1);
    assertThat(log.warnings())
        .anyMatch(line -> line.contains("has consumer theirs-two, which is none of service ours"))
        .anyMatch(line -> line.contains("has consumer ours-one, which is none of service theirs"));
    assertThat(liveWriter.requestedRuns).isNotEmpty();
    assertThat(other.requestedRuns).isNotEmpty();
  }

  @Test
  void aNameLeavesTheGroupWhenItsConsumerIsClosed() {
    LiveConsumer consumer = start("one", settings -> settings);
    publisher.publish(nth(0));
    awaitTrades(List.of(nth(0)));
    assertThat(names()).containsExactly("analytics-one");

    consumer.close();

    assertThat(names()).isEmpty();
  }

  @Test
  void aNameForWhichEntriesArePendingStaysWhenItsConsumerIsClosed() {
    LiveConsumer consumer = start("one", settings -> settings);
    publisher.publish(nth(0));
    awaitTrades(List.of(nth(0)));
    liveWriter.beforeIngest =
        trades -> {
          throw new IllegalStateException("not yet");
        };
    publisher.publish(nth(1));
    await().until(() -> stream.pending() == 1);

    consumer.close();

    assertThat(names()).containsExactly("analytics-one");
    assertThat(stream.pending()).isEqualTo(1);
  }

  @Test
  void namesThatAreIdleForLongAreRemovedUnlessEntriesArePendingForThem() {
    LiveConsumer consumer =
        start(
            "one", settings -> settings.claimAfter(Duration.ofHours(1)).removeConsumersAfter(SOON));
    consumer.pause();
    stream
        .redis()
        .xgroupCreateconsumer(stream.key, Consumer.from(TestStream.GROUP, "analytics-empty"));
    publisher.publish(range(0, 2));
    readAs("analytics-busy", 1);
    assertThat(names()).containsExactly("analytics-busy", "analytics-empty", "analytics-one");

    consumer.resume();

    await().untilAsserted(() -> assertThat(names()).doesNotContain("analytics-empty"));
    assertThat(names()).containsExactly("analytics-busy", "analytics-one");
    awaitTrades(range(1, 2));
    assertThat(consumer.health().totalLosses()).isZero();
  }
}
