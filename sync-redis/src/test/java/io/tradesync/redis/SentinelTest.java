package io.tradesync.redis;

import static io.tradesync.redis.TestTrades.range;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.api.StatefulRedisConnection;
import io.tradesync.Trade;
import io.tradesync.redis.fixture.RedisServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import redis.embedded.RedisSentinel;

/** A master, a replica, and a Sentinel that makes the one the other. */
class SentinelTest {

  private final RecordingWriter liveWriter = new RecordingWriter();
  private final RedisServer master = RedisServer.startPrivate();
  private final RedisServer replica =
      RedisServer.startPrivate(List.of("replicaof 127.0.0.1 " + master.port()));
  private RedisSentinel sentinel;
  private RedisURI uri;

  @BeforeEach
  void watch() throws IOException {
    int port;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = socket.getLocalPort();
    }
    sentinel =
        RedisSentinel.builder()
            .redisExecProvider(RedisServer.program())
            .port(port)
            .masterName("trading")
            .masterPort(master.port())
            .quorumSize(1)
            .downAfterMilliseconds(500L)
            .failoverTimeout(2_000L)
            .build();
    sentinel.start();
    uri = RedisURI.Builder.sentinel("127.0.0.1", port, "trading").build();
    RedisClient client = RedisClient.create(replica.uri());
    try (StatefulRedisConnection<String, String> connection = client.connect()) {
      await()
          .atMost(Duration.ofSeconds(30))
          .until(() -> connection.sync().info("replication").contains("master_link_status:up"));
    } finally {
      client.shutdown(Duration.ZERO, Duration.ofSeconds(2));
    }
  }

  @AfterEach
  void stop() {
    sentinel.stop();
    replica.close();
    master.close();
  }

  private void awaitAll(List<Trade> trades) {
    Set<Trade> wanted = new HashSet<>(trades);
    await()
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(() -> assertThat(new HashSet<>(liveWriter.trades())).isEqualTo(wanted));
  }

  @Test
  void afterAFailoverItGoesOnWithTheNewMasterAndARunClosesWhatTheReplicaLacked() {
    try (CapturedLog log = new CapturedLog();
        TradePublisher publisher = TradePublisher.builder(uri).stream("trades").build();
        LiveConsumer consumer =
            LiveConsumer.builder(uri)
                .streams("trades")
                .blockTime(Duration.ofMillis(100))
                .maxRetryDelay(Duration.ofMillis(500))
                .build()) {
      consumer.start(liveWriter);
      publisher.publish(range(0, 5));
      awaitAll(range(0, 5));
      master.stop();
      await().atMost(Duration.ofSeconds(30)).until(() -> consumer.health().totalLosses() > 0);
      await()
          .atMost(Duration.ofSeconds(30))
          .ignoreExceptions()
          .until(() -> !publisher.publish(range(5, 10)).isEmpty());
      awaitAll(range(0, 10));
      assertThat(liveWriter.requestedRuns).isNotEmpty();
      assertThat(log.warnings()).isNotEmpty();
    }
  }
}
