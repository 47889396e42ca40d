package io.tradesync.redis;

import static io.tradesync.redis.TestTrades.nth;
import static io.tradesync.redis.TestTrades.range;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lettuce.core.AclSetuserArgs;
import io.lettuce.core.RedisURI;
import io.lettuce.core.codec.StringCodec;
import io.lettuce.core.output.StatusOutput;
import io.lettuce.core.protocol.CommandArgs;
import io.lettuce.core.protocol.CommandType;
import io.tradesync.Trade;
import io.tradesync.redis.fixture.RedisServer;
import io.tradesync.spi.FeedHealth;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** One stream that cannot be used does not hold up the others. */
class UnusableStreamTest {

  private static final String USER = "stream-reader";
  private static final String PASSWORD = "s3cret";

  private final RedisServer server = RedisServer.startPrivate();
  private final TestStream good = new TestStream(server);
  private final String bad = good.key + "-bad";
  private final RecordingWriter liveWriter = new RecordingWriter();
  private final CapturedLog log = new CapturedLog();
  private LiveConsumer consumer;

  @AfterEach
  void close() {
    if (consumer != null) {
      consumer.close();
    }
    good.close();
    server.close();
    log.close();
  }

  private void start(UnaryOperator<LiveConsumerBuilder> settings) {
    consumer = settings.apply(good.consumer("one").streams(bad, good.key)).build();
    consumer.prepare();
    consumer.start(liveWriter);
  }

  private void publish(String stream, List<Trade> trades) {
    try (TradePublisher publisher = TradePublisher.builder(good.uri()).stream(stream).build()) {
      publisher.publish(trades);
    }
  }

  private void awaitTrades(List<Trade> trades) {
    await()
        .untilAsserted(
            () -> assertThat(liveWriter.trades()).containsExactlyInAnyOrderElementsOf(trades));
  }

  private Map<String, Boolean> upByStream() {
    return consumer.health().channels().stream()
        .collect(Collectors.toMap(FeedHealth.Channel::name, FeedHealth.Channel::up));
  }

  private void awaitOnlyBadIsDown(String reason) {
    await()
        .untilAsserted(
            () -> assertThat(upByStream()).isEqualTo(Map.of(bad, false, good.key, true)));
    assertThat(consumer.health().reason()).contains(bad).contains(reason);
  }

  @Test
  void aKeyOfAnotherTypeFromTheStartHoldsUpNoOtherStream() {
    good.redis().set(bad, "text");

    start(settings -> settings);
    publish(good.key, range(0, 5));

    awaitTrades(range(0, 5));
    awaitOnlyBadIsDown("must be the key of a Redis stream");
    assertThat(log.warnings()).anyMatch(line -> line.contains(bad));
  }

  @Test
  void aKeyThatBecomesAnotherTypeHoldsUpNoOtherStreamAndIsReadAgainLater() {
    start(settings -> settings);
    publish(bad, range(0, 1));
    awaitTrades(range(0, 1));

    good.redis().del(bad);
    good.redis().set(bad, "text");
    publish(good.key, range(1, 5));
    awaitTrades(range(0, 5));
    awaitOnlyBadIsDown("must be the key of a Redis stream");

    good.redis().del(bad);
    publish(bad, range(5, 6));
    awaitTrades(range(0, 6));
    await().until(() -> consumer.health().up());
    assertThat(consumer.health().losses()).containsEntry("gone", 1L);
  }

  @Test
  void aStreamWithoutRightsHoldsUpNoOtherStreamAndIsReadOnceTheyAreGranted() {
    publish(bad, range(0, 1));
    allow(good.key, good.deadLetters());

    start(settings -> restricted());
    publish(good.key, range(1, 5));
    awaitTrades(range(1, 5));
    awaitOnlyBadIsDown("lacks a right");

    allow(good.key, good.deadLetters(), bad);
    awaitTrades(range(0, 5));
    await().until(() -> consumer.health().up());
  }

  @Test
  void rightsThatAreTakenAwayLaterHoldUpNoOtherStream() {
    allow(good.key, good.deadLetters(), bad);
    start(settings -> restricted());
    publish(bad, range(0, 1));
    publish(good.key, range(1, 2));
    awaitTrades(range(0, 2));

    allow(good.key, good.deadLetters());
    publish(good.key, range(2, 5));

    awaitTrades(range(0, 5));
    awaitOnlyBadIsDown("lacks a right");
  }

  @Test
  void aForeignStreamThatAPatternMatchesHoldsUpNoOtherStream() {
    publish(bad, range(0, 1));
    publish(good.key, range(1, 5));
    allow(good.key, good.deadLetters());

    start(settings -> restricted().streams(good.key).streamPatterns(good.key + "*"));

    awaitTrades(range(1, 5));
    awaitOnlyBadIsDown("lacks a right");
  }

  @Test
  void aStreamWithOneMissingRightIsDownAloneAlthoughOthersAreServedWithIt() {
    publish(bad, range(0, 3));
    publish(good.key, range(3, 5));
    AclSetuserArgs rights = rights(good.key, good.deadLetters());
    good.redis().aclSetuser(USER, rights);
    allowReadingOnly(bad);

    start(settings -> restricted());

    awaitTrades(range(3, 5));
    awaitOnlyBadIsDown("lacks a right");
  }

  @Test
  void allStreamsUnusableIsNoReasonToRefuseTheStart() {
    good.redis().set(bad, "text");
    good.redis().set(good.key, "text");

    start(settings -> settings);

    await()
        .untilAsserted(
            () -> assertThat(upByStream()).isEqualTo(Map.of(bad, false, good.key, false)));
    good.redis().del(good.key);
    publish(good.key, List.of(nth(0)));
    awaitTrades(List.of(nth(0)));
  }

  private LiveConsumerBuilder restricted() {
    RedisURI uri =
        RedisURI.builder(good.uri()).withAuthentication(USER, PASSWORD.toCharArray()).build();
    return LiveConsumer.builder(uri)
        .streams(bad, good.key)
        .group(TestStream.GROUP)
        .consumerName("one")
        .deadLetterStream(good.deadLetters())
        .discoveryInterval(Duration.ofMillis(100))
        .blockTime(Duration.ofMillis(100))
        .maxRetryDelay(Duration.ofMillis(100));
  }

  private void allow(String... keys) {
    good.redis().aclSetuser(USER, rights(keys));
  }

  private static AclSetuserArgs rights(String... keys) {
    AclSetuserArgs args = AclSetuserArgs.Builder.reset().on().addPassword(PASSWORD).allCommands();
    for (String key : keys) {
      args.keyPattern(key);
    }
    return args;
  }

  /** Gives the user the right to read a key, and not to write to it; needs Redis 7. */
  private void allowReadingOnly(String key) {
    CommandArgs<String, String> args =
        new CommandArgs<>(StringCodec.UTF8).add("SETUSER").add(USER).add("%R~" + key);
    good.redis().dispatch(CommandType.ACL, new StatusOutput<>(StringCodec.UTF8), args);
  }
}
