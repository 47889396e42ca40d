package io.tradesync.redis;

import static io.tradesync.redis.TestTrades.T0;
import static io.tradesync.redis.TestTrades.nth;
import static io.tradesync.redis.TestTrades.range;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.awaitility.Awaitility.await;

import io.lettuce.core.RedisClient;
import io.lettuce.core.XAddArgs;
import io.tradesync.InvalidSettingException;
import io.tradesync.Side;
import io.tradesync.SideUnavailableException;
import io.tradesync.Trade;
import io.tradesync.redis.fixture.RedisServer;
import io.tradesync.spi.FeedHealth;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LiveConsumerTest {

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

  private LiveConsumer build(UnaryOperator<LiveConsumerBuilder> settings) {
    LiveConsumer consumer = settings.apply(stream.consumer("one")).build();
    consumers.add(consumer);
    return consumer;
  }

  private LiveConsumer start(UnaryOperator<LiveConsumerBuilder> settings) {
    LiveConsumer consumer = build(settings);
    consumer.start(liveWriter);
    return consumer;
  }

  private void awaitTrades(List<Trade> trades) {
    await().untilAsserted(() -> assertThat(liveWriter.trades()).containsExactlyElementsOf(trades));
  }

  private void awaitNothingPending() {
    await().untilAsserted(() -> assertThat(stream.pending()).isZero());
  }

  @Test
  void whatIsPublishedArrivesAsItWas() {
    BigDecimal largest = new BigDecimal(BigInteger.TWO.pow(256).subtract(BigInteger.ONE));
    List<Trade> trades =
        List.of(
            Trade.builder("largest", T0, Long.MAX_VALUE, "0xpool")
                .price(largest)
                .quantity(largest)
                .build(),
            Trade.builder("nulls", T0, 1, "").build(),
            Trade.builder("fraction", T0, 1, "0xpool")
                .price(new BigDecimal("0.000000000000000001"))
                .quantity(new BigDecimal("-1.50"))
                .build(),
            Trade.builder("Ünï 'quoted' \"twice\" 交易 \uD83D\uDE80\n", T0, 1, "0xpööl")
                .transactionId("0xß")
                .side("")
                .build(),
            Trade.builder("attributes", T0, 1, "0xpool")
                .attribute("fee", "3")
                .attribute("maker", null)
                .attribute("nöte", "a b")
                .build());
    publisher.publish(trades);
    start(settings -> settings.decoder(EntryDecoder.trades("fee", "maker", "nöte")));
    await().until(() -> liveWriter.trades().size() == trades.size());
    for (Trade trade : trades.subList(0, 4)) {
      assertThat(liveWriter.trades())
          .filteredOn(Trade::key, trade.key())
          .singleElement()
          .satisfies(
              got -> {
                assertThat(got.chainId()).isEqualTo(trade.chainId());
                assertThat(got.poolId()).isEqualTo(trade.poolId());
                assertThat(got.price()).isEqualTo(trade.price());
                assertThat(got.quantity()).isEqualTo(trade.quantity());
                assertThat(got.transactionId()).isEqualTo(trade.transactionId());
                assertThat(got.side()).isEqualTo(trade.side());
              });
    }
    assertThat(liveWriter.trades().get(4)).isEqualTo(trades.get(4));
    assertThat(liveWriter.trades().get(4).attributes().keySet())
        .containsExactly("fee", "maker", "nöte");
  }

  @Test
  void anEntryIsAcknowledgedOnlyAfterTheWriterReturned() {
    CountDownLatch entered = new CountDownLatch(1);
    CountDownLatch leave = new CountDownLatch(1);
    liveWriter.beforeIngest =
        trades -> {
          entered.countDown();
          RecordingWriter.awaitLatch(leave);
        };
    publisher.publish(range(0, 3));
    LiveConsumer consumer = start(settings -> settings);
    RecordingWriter.awaitLatch(entered);
    assertThat(stream.pending()).isEqualTo(3);
    assertThat(consumer.health().counter("consumed")).isZero();
    leave.countDown();
    awaitNothingPending();
    await().untilAsserted(() -> assertThat(consumer.health().counter("consumed")).isEqualTo(3));
  }

  @Test
  void entriesAreReadInBatchesAndOfABacklogTwoAhead() {
    publisher.publish(range(0, 45));
    start(settings -> settings.batchSize(10));
    awaitTrades(range(0, 45));
    assertThat(liveWriter.ingested).extracting(List::size).containsExactly(10, 20, 15);
  }

  @Test
  void aWriterThatFailsForATimeLosesNothing() {
    AtomicInteger failures = new AtomicInteger();
    liveWriter.beforeIngest =
        trades -> {
          if (failures.incrementAndGet() <= 3) {
            throw SideUnavailableException.unreachable(Side.STORE, "gone for a test", null);
          }
        };
    publisher.publish(range(0, 25));
    try (CapturedLog log = new CapturedLog()) {
      LiveConsumer consumer = start(settings -> settings.batchSize(10));
      publisher.publish(range(25, 50));
      awaitTrades(range(0, 50));
      awaitNothingPending();
      assertThat(failures.get()).isGreaterThan(3);
      await().until(() -> consumer.health().up());
      assertThat(log.warnings())
          .containsExactly(
              "WARN the live feed of "
                  + stream.key
                  + " is down and keeps trying: the store is not available: gone for a test");
    }
  }

  @Test
  void whileTheWriterFailsHealthSaysWhy() {
    liveWriter.beforeIngest =
        trades -> {
          throw new IllegalStateException("broken for a test");
        };
    publisher.publish(nth(0));
    try (CapturedLog log = new CapturedLog()) {
      LiveConsumer consumer = start(settings -> settings);
      await()
          .untilAsserted(
              () -> assertThat(consumer.health().reason()).contains("broken for a test"));
      assertThat(consumer.health().up()).isFalse();
      assertThat(stream.pending()).isEqualTo(1);
      consumer.close();
      assertThat(log.lines()).anyMatch(line -> line.startsWith("ERROR the live feed"));
    }
    assertThat(stream.pending()).isEqualTo(1);
  }

  @Test
  void whatAConsumerLeftIsReadByTheNextOneOfItsName() {
    liveWriter.beforeIngest =
        trades -> {
          throw new IllegalStateException("not yet");
        };
    publisher.publish(range(0, 45));
    try (CapturedLog log = new CapturedLog()) {
      LiveConsumer first = start(settings -> settings.batchSize(10));
      await().until(() -> first.health().reason() != null && stream.pending() == 30);
      first.close();
      assertThat(log.lines()).isNotEmpty();
    }
    liveWriter.beforeIngest = trades -> {};
    LiveConsumer other = start(settings -> settings.consumerName("two"));
    awaitTrades(range(30, 45));
    other.close();
    start(settings -> settings.batchSize(4));
    await().untilAsserted(() -> assertThat(liveWriter.trades()).hasSize(45));
    assertThat(liveWriter.trades()).containsAll(range(0, 30));
    awaitNothingPending();
  }

  @Test
  void malformedEntriesAreCountedAndHoldNothingUp() {
    stream.add("no", "trade");
    publisher.publish(nth(0));
    String bad =
        stream.add("id", "x", "chain_id", "1", "timestamp", "1754400000000", "pool_id", "p");
    publisher.publish(nth(1));
    try (CapturedLog log = new CapturedLog()) {
      LiveConsumer consumer = start(settings -> settings);
      awaitTrades(range(0, 2));
      awaitNothingPending();
      await().untilAsserted(() -> assertThat(consumer.health().counter("consumed")).isEqualTo(2));
      assertThat(consumer.health().counter("malformed")).isEqualTo(2);
      await().until(() -> consumer.health().up());
      assertThat(log.warnings())
          .singleElement()
          .asString()
          .contains("2 malformed entries")
          .contains("of stream " + stream.key + ": field id must be there, but is absent");
      assertThat(log.lines())
          .anyMatch(
              line ->
                  line.contains("entry " + bad + " of stream " + stream.key)
                      && line.contains("field timestamp")
                      && line.contains("1754400000000"));
    }
  }

  @Test
  void whateverAUsersDecoderThrowsIsAMalformedEntryAndOneShortLine() {
    stream.add("a", "1");
    stream.add("a", "2");
    stream.add("a", "3");
    EntryDecoder decoder =
        (key, id, body) -> {
          if (body.containsValue("1")) {
            throw new NumberFormatException("first line\nsecond line " + "x".repeat(100_000));
          }
          return body.containsValue("2") ? null : new Decoded.Whole(nth(3));
        };
    try (CapturedLog log = new CapturedLog()) {
      LiveConsumer consumer = start(settings -> settings.decoder(decoder));
      awaitTrades(List.of(nth(3)));
      assertThat(consumer.health().counter("malformed")).isEqualTo(2);
      assertThat(log.warnings())
          .singleElement()
          .asString()
          .contains("first line")
          .hasLineCount(1)
          .hasSizeLessThan(1_000);
    }
  }

  @Test
  void aDecoderSeesTheStreamTheIdAndOfAFieldThatOccursTwiceTheLastValue() {
    List<String> seen = new CopyOnWriteArrayList<>();
    String id = stream.redis().xadd(stream.key, "a", "1", "b", "2", "a", "3");
    start(
        settings ->
            settings.decoder(
                (key, entryId, body) -> {
                  seen.add(key + " " + entryId + " " + Map.copyOf(body).get("a"));
                  return new Decoded.Whole(nth(0));
                }));
    awaitTrades(List.of(nth(0)));
    assertThat(seen).containsExactly(stream.key + " " + id + " 3");
  }

  @Test
  void entriesThatAreGoneBeforeTheyWereReadAgainAreCountedAndHoldNothingUp() {
    liveWriter.beforeIngest =
        trades -> {
          throw new IllegalStateException("not yet");
        };
    List<String> ids = publisher.publish(range(0, 5));
    try (CapturedLog log = new CapturedLog()) {
      LiveConsumer first = start(settings -> settings);
      await().until(() -> first.health().reason() != null && stream.pending() == 5);
      first.close();
      assertThat(log.lines()).isNotEmpty();
    }
    liveWriter.beforeIngest = trades -> {};
    stream.redis().xdel(stream.key, ids.get(0), ids.get(3));
    LiveConsumer second = start(settings -> settings);
    awaitTrades(List.of(nth(1), nth(2), nth(4)));
    awaitNothingPending();
    assertThat(second.health().counter("trimmed")).isEqualTo(2);
  }

  @Test
  void severalStreamsAreReadTogether() {
    String other = stream.key + "-other";
    publisher.publish(nth(0));
    LiveConsumer consumer = start(settings -> settings.streams(stream.key, other));
    try (TradePublisher second = TradePublisher.builder(stream.uri()).stream(other).build()) {
      second.publish(nth(1));
      publisher.publish(nth(2));
      await()
          .untilAsserted(
              () ->
                  assertThat(liveWriter.trades()).containsExactlyInAnyOrderElementsOf(range(0, 3)));
    }
    await().untilAsserted(() -> assertThat(consumer.health().counter("consumed")).isEqualTo(3));
  }

  @Test
  void aPreparedGroupBeginsWhereItWasToldTo() {
    publisher.publish(nth(0));
    LiveConsumer consumer = build(settings -> settings.groupStart("$"));
    consumer.prepare();
    publisher.publish(nth(1));
    consumer.prepare();
    consumer.start(liveWriter);
    awaitTrades(List.of(nth(1)));
  }

  @Test
  void healthTellsWhatTheGroupHasLeft() {
    Instant began = Instant.now().truncatedTo(ChronoUnit.MILLIS);
    publisher.publish(range(0, 30));
    LiveConsumer consumer = build(settings -> settings);
    assertThat(consumer.health().reason()).isEqualTo("not started");
    assertThat(consumer.health().backlog().pending()).isNull();
    consumer.start(liveWriter);
    // Redis is asked before the first entry is read, and then every few seconds.
    FeedHealth.Backlog first =
        await().until(() -> consumer.health().backlog(), backlog -> backlog.lag() != null);
    assertThat(first).isEqualTo(new FeedHealth.Backlog(30L, 0L, null, first.asOf()));
    assertThat(first.asOf()).isBetween(began, Instant.now());
    await().untilAsserted(() -> assertThat(consumer.health().backlog().lag()).isZero());
  }

  @Test
  void healthTellsHowOldTheOldestPendingEntryIs() {
    CountDownLatch leave = new CountDownLatch(1);
    liveWriter.beforeIngest = trades -> RecordingWriter.awaitLatch(leave);
    stream
        .redis()
        .xadd(
            stream.key,
            new XAddArgs().id("1754400000000-0"),
            Map.of("id", "t", "chain_id", "1", "timestamp", "1754400000", "pool_id", "p"));
    start(settings -> settings);
    await().until(() -> stream.redis().exists(stream.key) == 1 && groups() == 1);
    await().until(() -> stream.pending() == 1);
    LiveConsumer idle = start(settings -> settings.consumerName("two"));
    await().untilAsserted(() -> assertThat(idle.health().backlog().pending()).isEqualTo(1));
    assertThat(idle.health().backlog().oldestPending()).isGreaterThan(Duration.ofDays(1));
    leave.countDown();
    awaitNothingPending();
  }

  private int groups() {
    return stream.redis().xinfoGroups(stream.key).size();
  }

  @Test
  void itStartsOnceAndNotAfterItsClose() {
    LiveConsumer consumer = start(settings -> settings);
    assertThatIllegalStateException().isThrownBy(() -> consumer.start(liveWriter));
    consumer.close();
    consumer.close();
    assertThat(consumer.health().up()).isFalse();
    assertThat(consumer.health().reason()).isEqualTo("closed");
    assertThatIllegalStateException().isThrownBy(() -> consumer.start(liveWriter));
    assertThatIllegalStateException().isThrownBy(consumer::prepare);
  }

  @Test
  void closeWaitsForTheDeliveryUnderWayWhichIsAcknowledged() {
    CountDownLatch entered = new CountDownLatch(1);
    CountDownLatch leave = new CountDownLatch(1);
    liveWriter.beforeIngest =
        trades -> {
          entered.countDown();
          RecordingWriter.awaitLatch(leave);
        };
    publisher.publish(nth(0));
    LiveConsumer consumer = start(settings -> settings);
    RecordingWriter.awaitLatch(entered);
    Thread closing = new Thread(consumer::close);
    closing.start();
    await().until(() -> closing.getState() == Thread.State.TIMED_WAITING);
    assertThat(liveWriter.ingested).isEmpty();
    leave.countDown();
    await().until(() -> !closing.isAlive());
    assertThat(liveWriter.trades()).containsExactly(nth(0));
    assertThat(stream.pending()).isZero();
  }

  @Test
  void theWriterMayCloseIt() {
    LiveConsumer consumer = build(settings -> settings);
    liveWriter.beforeIngest = trades -> consumer.close();
    publisher.publish(nth(0));
    consumer.start(liveWriter);
    await().untilAsserted(() -> assertThat(consumer.health().reason()).isEqualTo("closed"));
    assertThat(liveWriter.trades()).containsExactly(nth(0));
    assertThat(stream.pending()).isZero();
  }

  @Test
  void aRandomNameLeavesTheGroup() {
    LiveConsumer random =
        LiveConsumer.builder(stream.uri())
            .streams(stream.key)
            .group(TestStream.GROUP)
            .blockTime(Duration.ofMillis(50))
            .build();
    consumers.add(random);
    publisher.publish(nth(0));
    random.start(liveWriter);
    awaitTrades(List.of(nth(0)));
    assertThat(stream.redis().xinfoConsumers(stream.key, TestStream.GROUP)).hasSize(1);
    random.close();
    assertThat(stream.redis().xinfoConsumers(stream.key, TestStream.GROUP)).isEmpty();
  }

  @Test
  void aClientOfTheCallersOwnStaysOpen() {
    RedisClient client = RedisClient.create();
    try {
      publisher.publish(nth(0));
      LiveConsumer consumer = start(settings -> settings.client(client));
      awaitTrades(List.of(nth(0)));
      consumer.close();
      try (var connection = client.connect(stream.uri())) {
        assertThat(connection.sync().ping()).isEqualTo("PONG");
      }
    } finally {
      client.shutdown(Duration.ZERO, Duration.ofSeconds(2));
    }
  }

  @Test
  void settingsAreChecked() {
    assertRefused("streams", settings -> settings.streams());
    assertRefused("streams", settings -> settings.streams("a", "a"));
    assertRefused("streams", settings -> settings.streams(""));
    assertRefused("group", settings -> settings.group(""));
    assertRefused("consumerName", settings -> settings.consumerName(""));
    assertRefused("groupStart", settings -> settings.groupStart("now"));
    assertRefused("batchSize", settings -> settings.batchSize(0));
    assertRefused("blockTime", settings -> settings.blockTime(Duration.ZERO));
    assertRefused("blockTime", settings -> settings.blockTime(Duration.ofHours(1)));
    assertRefused("rereadDelay", settings -> settings.rereadDelay(Duration.ZERO));
    assertRefused("rereadLimit", settings -> settings.rereadLimit(Duration.ofMillis(-1)));
    assertRefused("maxRetryDelay", settings -> settings.maxRetryDelay(Duration.ZERO));
    assertThatExceptionOfType(InvalidSettingException.class)
        .isThrownBy(() -> LiveConsumer.builder(stream.uri()).build())
        .withMessageContaining("streams");
  }

  private void assertRefused(String name, UnaryOperator<LiveConsumerBuilder> settings) {
    assertThatExceptionOfType(InvalidSettingException.class)
        .isThrownBy(() -> settings.apply(stream.consumer("one")))
        .satisfies(e -> assertThat(e.name()).isEqualTo(name));
  }
}
