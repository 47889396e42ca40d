package io.tradesync.redis;

import static io.tradesync.redis.TestTrades.range;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tradesync.Trade;
import io.tradesync.redis.fixture.RedisServer;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A Redis without memory refuses writes and transactions, and still serves its streams. */
class FullRedisTest {

  private final RedisServer server = RedisServer.startPrivate();
  private final TestStream stream = new TestStream(server);
  private final TradePublisher publisher = stream.publisher();
  private final RecordingWriter liveWriter = new RecordingWriter();
  private final CapturedLog log = new CapturedLog();
  private final LiveConsumer consumer = stream.consumer("one").batchSize(10).build();

  @AfterEach
  void close() {
    consumer.close();
    publisher.close();
    stream.close();
    server.close();
    log.close();
  }

  private void full(boolean full) {
    stream.redis().configSet("maxmemory", full ? "1" : "0");
  }

  private void awaitTrades(List<Trade> trades) {
    await()
        .untilAsserted(
            () -> assertThat(liveWriter.trades()).containsExactlyInAnyOrderElementsOf(trades));
  }

  @Test
  void entriesAreReadWhileRedisIsFullAndAfterwards() {
    consumer.prepare();
    publisher.publish(range(0, 100));
    full(true);

    consumer.start(liveWriter);

    awaitTrades(range(0, 100));
    await().untilAsserted(() -> assertThat(stream.pending()).isZero());
    assertThat(consumer.health().up()).isTrue();
    assertThat(log.warnings())
        .filteredOn(line -> line.contains("Redis is full"))
        .singleElement()
        .asString()
        .contains("without transactions");

    full(false);
    publisher.publish(range(100, 120));
    awaitTrades(range(0, 120));
    assertThat(consumer.health().totalLosses()).isZero();
    assertThat(liveWriter.requestedRuns).isEmpty();
  }

  @Test
  void aRedisThatBecomesFullWhileEntriesAreReadAheadLosesNone() {
    publisher.publish(range(0, 200));
    liveWriter.beforeIngest =
        trades -> {
          if (liveWriter.ingested.isEmpty()) {
            full(true);
          }
        };

    consumer.start(liveWriter);

    awaitTrades(range(0, 200));
    await().until(() -> log.warnings().stream().anyMatch(line -> line.contains("Redis is full")));
    assertThat(consumer.health().totalLosses()).isZero();
  }

  @Test
  void aMalformedEntryOfAFullRedisIsLoggedAndHoldsUpNothing() {
    consumer.prepare();
    stream.add("id", "only");
    publisher.publish(range(0, 5));
    full(true);

    consumer.start(liveWriter);

    awaitTrades(range(0, 5));
    await().untilAsserted(() -> assertThat(stream.pending()).isZero());
    assertThat(log.lines()).anyMatch(line -> line.contains("dead letters cannot be written"));
  }

  @Test
  void aGroupThatAFullRedisDoesNotCreateIsCreatedOnceThereIsMemory() {
    publisher.publish(range(0, 5));
    full(true);

    consumer.start(liveWriter);

    await().until(() -> String.valueOf(consumer.health().reason()).contains("Redis is full"));
    full(false);
    awaitTrades(range(0, 5));
    await().until(() -> consumer.health().up());
  }
}
