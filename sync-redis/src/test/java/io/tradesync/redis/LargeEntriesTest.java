package io.tradesync.redis;

import static io.tradesync.redis.TestTrades.nth;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lettuce.core.RedisURI;
import io.tradesync.Trade;
import io.tradesync.redis.fixture.RedisServer;
import io.tradesync.redis.internal.format.TradeFields;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Memory is bounded by the size of the entries, not by their number. */
class LargeEntriesTest {

  private static final int MEGABYTE = 1 << 20;

  private final RedisServer server = RedisServer.startPrivate(List.of("appendonly no"));
  private final TestStream stream = new TestStream(server);
  private final RecordingWriter liveWriter = new RecordingWriter();
  private LiveConsumer consumer;

  @AfterEach
  void close() {
    if (consumer != null) {
      consumer.close();
    }
    stream.close();
    server.close();
  }

  private void start(UnaryOperator<LiveConsumerBuilder> settings) {
    consumer = settings.apply(stream.consumer("one").decoder(EntryDecoder.trades("note"))).build();
    consumer.start(liveWriter);
  }

  private void publish(int from, int to, int noteBytes) {
    String note = "n".repeat(noteBytes);
    for (int i = from; i < to; i++) {
      Map<String, String> body = TradeFields.write(nth(i));
      body.put("note", note);
      stream.redis().xadd(stream.key, body);
    }
  }

  private void awaitIds(int from, int to) {
    List<String> ids = IntStream.range(from, to).mapToObj(i -> nth(i).id()).toList();
    await()
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(
            () ->
                assertThat(liveWriter.trades())
                    .extracting(Trade::id)
                    .containsExactlyInAnyOrderElementsOf(ids));
    await().untilAsserted(() -> assertThat(stream.pending()).isZero());
  }

  private void assertCallsWereBounded() {
    assertThat(liveWriter.ingested)
        .allSatisfy(trades -> assertThat(trades).hasSizeLessThanOrEqualTo(17));
  }

  @Test
  void aBacklogOfLargeEntriesIsReadInPartsThatFitIntoMemory() {
    publish(0, 40, MEGABYTE);
    publish(40, 140, 10);

    start(settings -> settings);

    awaitIds(0, 140);
    assertThat(liveWriter.ingested.get(0)).hasSizeLessThanOrEqualTo(16);
    assertThat(consumer.health().totalLosses()).isZero();
    assertThat(liveWriter.requestedRuns).isEmpty();
  }

  @Test
  void largeEntriesThatWerePendingAreReadInPartsAsWell() {
    publish(0, 40, MEGABYTE);
    stream.give("analytics-one", 1_000);

    start(settings -> settings);

    awaitIds(0, 40);
    assertCallsWereBounded();
  }

  @Test
  void largeEntriesOfADeadConsumerAreClaimedInPartsAsWell() {
    publish(0, 40, MEGABYTE);
    stream.give("analytics-dead", 1_000);

    start(
        settings ->
            settings.rereadLimit(Duration.ofMillis(100)).claimAfter(Duration.ofMillis(200)));

    awaitIds(0, 40);
    assertCallsWereBounded();
    assertThat(consumer.health().counter("claimed")).isEqualTo(40);
  }

  @Test
  void anEntryAboveTheLimitGoesToTheDeadLettersWithItsSizeAndItsBeginning() {
    publish(0, 1, 10);
    publish(1, 2, 200_000);
    publish(2, 3, 99_000);

    start(settings -> settings.maxEntryBytes(100_000));

    await().until(() -> consumer.health().counter("deadLetters") == 1);
    await()
        .untilAsserted(
            () ->
                assertThat(liveWriter.trades())
                    .extracting(Trade::id)
                    .containsExactlyInAnyOrder(nth(0).id(), nth(2).id()));
    Map<String, String> letter = stream.dead().get(0);
    assertThat(letter).containsEntry("id", nth(1).id()).containsEntry("note", "n".repeat(1_000));
    assertThat(Long.parseLong(letter.get("dead.bytes"))).isBetween(200_000L, 201_000L);
    assertThat(letter.get("dead.reason"))
        .isEqualTo("has " + letter.get("dead.bytes") + " bytes, more than maxEntryBytes, 100000");
    await().until(() -> !liveWriter.requestedRuns.isEmpty());
    await().untilAsserted(() -> assertThat(stream.pending()).isZero());
  }

  @Test
  void anEntryOfManyFieldsIsAsLargeAsTheyAreTogether() {
    Map<String, String> body = TradeFields.write(nth(0));
    for (int i = 0; i < 200; i++) {
      body.put("field" + i, "x".repeat(1_000));
    }
    stream.redis().xadd(stream.key, body);

    start(settings -> settings.maxEntryBytes(100_000));

    await().until(() -> consumer.health().counter("deadLetters") == 1);
    assertThat(Long.parseLong(stream.dead().get(0).get("dead.bytes"))).isGreaterThan(200_000);
    assertThat(liveWriter.trades()).isEmpty();
  }

  @Test
  @Tag("long")
  void aHundredEntriesOfFiveMegabytesAreReadWithAHeapOf256Megabytes() throws Exception {
    publish(0, 100, 5 * MEGABYTE);

    Process process = reader();

    assertThat(process.waitFor(120, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).isZero();
    assertThat(stream.pending()).isZero();
  }

  private Process reader() throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx256m",
            "-cp",
            System.getProperty("java.class.path"),
            Reader.class.getName(),
            server.uri(),
            stream.key)
        .inheritIO()
        .start();
  }

  /** Reads a hundred entries, and remembers none of them. */
  static final class Reader {

    private Reader() {}

    public static void main(String[] args) throws InterruptedException {
      try (LiveConsumer consumer =
          LiveConsumer.builder(RedisURI.create(args[0]))
              .streams(args[1])
              .group(TestStream.GROUP)
              .decoder(EntryDecoder.trades("note"))
              .build()) {
        consumer.start(new ForgetfulWriter());
        while (consumer.health().counter("consumed") < 100) {
          Thread.sleep(50);
        }
      }
    }
  }
}
