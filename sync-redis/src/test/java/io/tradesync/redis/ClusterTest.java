package io.tradesync.redis;

import static io.tradesync.redis.TestTrades.nth;
import static io.tradesync.redis.TestTrades.range;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.cluster.SlotHash;
import io.tradesync.Trade;
import io.tradesync.redis.fixture.RedisServer;
import io.tradesync.spi.TradeBatch;
import io.tradesync.spi.TradeChange;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** A cluster of three nodes, of which each holds some of the streams. */
class ClusterTest {

  private static final int NODES = 3;
  private static final List<RedisServer> SERVERS = new ArrayList<>();
  private static RedisClient client;

  private final RecordingWriter liveWriter = new RecordingWriter();
  private LiveConsumer consumer;

  @BeforeAll
  static void form() {
    client = RedisClient.create();
    for (int i = 0; i < NODES; i++) {
      SERVERS.add(
          RedisServer.startPrivate(
              List.of(
                  "cluster-enabled yes",
                  "cluster-node-timeout 2000",
                  "cluster-require-full-coverage no")));
    }
    for (int i = 0; i < NODES; i++) {
      int from = SlotHash.SLOT_COUNT * i / NODES;
      int to = SlotHash.SLOT_COUNT * (i + 1) / NODES;
      try (StatefulRedisConnection<String, String> node = connect(i)) {
        node.sync().clusterAddSlots(IntStream.range(from, to).toArray());
        node.sync().clusterMeet("127.0.0.1", SERVERS.get(0).port());
      }
    }
    for (int i = 0; i < NODES; i++) {
      int number = i;
      await()
          .atMost(Duration.ofSeconds(30))
          .until(
              () -> {
                try (StatefulRedisConnection<String, String> node = connect(number)) {
                  String info = node.sync().clusterInfo();
                  return info.contains("cluster_state:ok")
                      && info.contains("cluster_slots_assigned:16384")
                      && info.contains("cluster_known_nodes:3");
                }
              });
    }
  }

  private static StatefulRedisConnection<String, String> connect(int node) {
    return client.connect(RedisURI.create(SERVERS.get(node).uri()));
  }

  @AfterAll
  static void stop() {
    client.shutdown(Duration.ZERO, Duration.ofSeconds(2));
    SERVERS.forEach(RedisServer::close);
  }

  @AfterEach
  void close() {
    if (consumer != null) {
      consumer.close();
    }
    for (int i = 0; i < NODES; i++) {
      try (StatefulRedisConnection<String, String> node = connect(i)) {
        node.sync().flushall();
      }
    }
  }

  /** Any node will do. */
  private static RedisURI uri() {
    return RedisURI.create(SERVERS.get(1).uri());
  }

  private static LiveConsumerBuilder settings() {
    return LiveConsumer.builder(uri())
        .group(TestStream.GROUP)
        .blockTime(Duration.ofMillis(100))
        .maxRetryDelay(Duration.ofMillis(100))
        .discoveryInterval(Duration.ofMillis(200));
  }

  private static int nodeOf(String stream) {
    return SlotHash.getSlot(stream) * NODES / SlotHash.SLOT_COUNT;
  }

  private static Stream<String> streamsOf(int node) {
    return IntStream.range(0, 1_000_000)
        .mapToObj(i -> "chain:" + i + ":trades")
        .filter(stream -> nodeOf(stream) == node);
  }

  private static void publish(String chain, Trade trade) {
    publishTo("chain:" + chain + ":trades", trade);
  }

  private static void publishTo(String stream, Trade trade) {
    try (TradePublisher publisher = TradePublisher.builder(uri()).stream(stream).build()) {
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
  void streamsAreReadFromTheNodesThatHoldThem() {
    List<String> names = new ArrayList<>();
    for (int node = 0; node < NODES; node++) {
      names.addAll(streamsOf(node).limit(2).toList());
    }
    String[] streams = names.toArray(String[]::new);
    consumer = settings().streams(streams).build();
    consumer.prepare();
    IntStream.range(0, 6).forEach(i -> publishTo(streams[i], nth(i)));
    consumer.start(liveWriter);
    awaitTrades(6);
    await().until(() -> consumer.health().up());
    await().untilAsserted(() -> assertThat(consumer.health().backlog().lag()).isZero());
  }

  @Test
  void streamsAreFoundOnAllNodesAlsoLater() {
    IntStream.range(0, 6).forEach(i -> publish(String.valueOf(i), nth(i)));
    consumer = settings().streamPatterns("chain:*:trades").build();
    consumer.start(liveWriter);
    awaitTrades(6);
    publish("later", nth(6));
    publish("137", nth(7));
    awaitTrades(8);
    consumer.close();
    assertThat(Thread.getAllStackTraces().keySet())
        .noneMatch(thread -> thread.getName().startsWith("tradesync-live"));
  }

  @Test
  void aNodeThatRestartsIsALossOfItsStreamsAlone() {
    consumer = settings().streams("chain:0:trades", "chain:1:trades", "chain:2:trades").build();
    consumer.start(liveWriter);
    IntStream.range(0, 3).forEach(i -> publish(String.valueOf(i), nth(i)));
    awaitTrades(3);
    int node = nodeOf("chain:0:trades");
    try (CapturedLog log = new CapturedLog()) {
      SERVERS.get(node).restart();
      await().untilAsserted(() -> assertThat(consumer.health().totalLosses()).isPositive());
      await()
          .ignoreExceptions()
          .until(
              () -> {
                publish("0", nth(3));
                return true;
              });
      await().untilAsserted(() -> assertThat(liveWriter.trades()).contains(nth(3)));
      assertThat(log.warnings()).isNotEmpty();
    }
    assertThat(liveWriter.requestedRuns).anyMatch(reason -> reason.contains("chain:0:trades"));
  }

  @Test
  void deadLettersAndTheSinksStreamLieOnNodesOfTheirOwn() {
    try (RedisStreamSink sink = RedisStreamSink.builder(uri()).stream("chain:5:trades").build();
        CapturedLog log = new CapturedLog()) {
      sink.write(
          new TradeBatch(
              "s",
              "k",
              false,
              List.of(new TradeChange.Insert(nth(0)), new TradeChange.Retract(nth(1).key()))));
      consumer = settings().streams("chain:5:trades").build();
      consumer.start(liveWriter);
      awaitTrades(1);
      await()
          .untilAsserted(() -> assertThat(consumer.health().counter("deadLetters")).isEqualTo(1));
      assertThat(log.warnings()).hasSize(1);
    }
  }
}
