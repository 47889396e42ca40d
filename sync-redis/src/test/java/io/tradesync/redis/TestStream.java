package io.tradesync.redis;

import static org.assertj.core.api.Assumptions.assumeThat;

import io.lettuce.core.Consumer;
import io.lettuce.core.Range;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.StreamMessage;
import io.lettuce.core.XGroupCreateArgs;
import io.lettuce.core.XReadArgs;
import io.lettuce.core.XReadArgs.StreamOffset;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.sync.RedisCommands;
import io.tradesync.redis.fixture.RedisServer;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** A stream of a test's own, what uses it, and plain commands to look at it from outside. */
final class TestStream implements AutoCloseable {

  static final String GROUP = "test-group";

  final String key = "test-" + UUID.randomUUID();
  private final RedisServer server;
  private final RedisClient client;
  private final StatefulRedisConnection<String, String> connection;

  TestStream(RedisServer server) {
    this.server = server;
    this.client = RedisClient.create(server.uri());
    this.connection = client.connect();
  }

  /**
   * Reports the calling test as not run if the server does not count the entries of a stream, as
   * before Redis 7: more counts as lost then, and is answered with a run.
   */
  void assumeCountersOfEntries() {
    String counted = key + ":counted";
    redis()
        .xgroupCreate(StreamOffset.from(counted, "0"), "any", XGroupCreateArgs.Builder.mkstream());
    List<Object> information = redis().xinfoStream(counted);
    redis().del(counted);
    assumeThat(information).contains("entries-added");
  }

  String deadLetters() {
    return key + ":dead";
  }

  /** The fields of what was given up. */
  List<Map<String, String>> dead() {
    return redis().xrange(deadLetters(), Range.unbounded()).stream()
        .map(StreamMessage::getBody)
        .toList();
  }

  RedisURI uri() {
    return RedisURI.create(server.uri());
  }

  RedisClient client() {
    return client;
  }

  RedisCommands<String, String> redis() {
    return connection.sync();
  }

  TradePublisher publisher() {
    return TradePublisher.builder(uri()).stream(key).build();
  }

  LiveConsumerBuilder consumer(String name) {
    return LiveConsumer.builder(uri())
        .streams(key)
        .group(GROUP)
        .consumerName(name)
        .deadLetterStream(deadLetters())
        .blockTime(Duration.ofMillis(100))
        .maxRetryDelay(Duration.ofMillis(100));
  }

  String add(String... fieldsAndValues) {
    Map<String, String> body = new LinkedHashMap<>();
    for (int i = 0; i < fieldsAndValues.length; i += 2) {
      body.put(fieldsAndValues[i], fieldsAndValues[i + 1]);
    }
    return redis().xadd(key, body);
  }

  /**
   * Creates the group and gives a consumer of it the first entries, which it does not acknowledge.
   */
  void give(String consumer, int entries) {
    redis().xgroupCreate(StreamOffset.from(key, "0"), GROUP, XGroupCreateArgs.Builder.mkstream());
    redis()
        .xreadgroup(
            Consumer.from(GROUP, consumer),
            XReadArgs.Builder.count(entries),
            StreamOffset.lastConsumed(key));
  }

  /** Entries that were given to a consumer and not acknowledged. */
  long pending() {
    return redis().xpending(key, GROUP).getCount();
  }

  @Override
  public void close() {
    connection.close();
    client.shutdown(Duration.ZERO, Duration.ofSeconds(2));
  }
}
