package io.tradesync.redis;

import static io.tradesync.redis.TestTrades.nth;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lettuce.core.Range;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.codec.ByteArrayCodec;
import io.tradesync.Trade;
import io.tradesync.redis.fixture.RedisServer;
import io.tradesync.redis.internal.format.TradeFields;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Bytes that are not UTF-8 never become a trade of another id. */
class NotUtf8Test {

  private static final byte[] BAD_ID = {'t', (byte) 0xC3, (byte) 0x28, (byte) 0xFF};
  private static final byte[] OTHER_BAD_ID = {'t', (byte) 0xC3, (byte) 0x28, (byte) 0xFE};

  private final TestStream stream = new TestStream(RedisServer.get());
  private final StatefulRedisConnection<byte[], byte[]> raw =
      stream.client().connect(ByteArrayCodec.INSTANCE);
  private final RecordingWriter liveWriter = new RecordingWriter();
  private LiveConsumer consumer;

  @AfterEach
  void close() {
    if (consumer != null) {
      consumer.close();
    }
    raw.close();
    stream.close();
  }

  private void start(UnaryOperator<LiveConsumerBuilder> settings) {
    consumer = settings.apply(stream.consumer("one")).build();
    consumer.start(liveWriter);
  }

  private void add(Map<String, String> body, String field, byte[] value) {
    Map<byte[], byte[]> bytes = new LinkedHashMap<>();
    body.forEach((name, text) -> bytes.put(name.getBytes(UTF_8), text.getBytes(UTF_8)));
    bytes.keySet().removeIf(name -> new String(name, UTF_8).equals(field));
    bytes.put(field.getBytes(UTF_8), value);
    raw.sync().xadd(stream.key.getBytes(UTF_8), bytes);
  }

  private List<byte[]> deadValues(String field) {
    return raw.sync().xrange(stream.deadLetters().getBytes(UTF_8), Range.unbounded()).stream()
        .flatMap(message -> message.getBody().entrySet().stream())
        .filter(entry -> new String(entry.getKey(), UTF_8).equals(field))
        .map(Map.Entry::getValue)
        .toList();
  }

  @ParameterizedTest
  @ValueSource(strings = {"id", "pool_id", "transaction_id", "side", "fee"})
  void aTextThatIsNotUtf8IsMalformedAndKeptAsItWas(String field) {
    add(TradeFields.write(nth(0)), field, BAD_ID);
    add(TradeFields.write(nth(1)), field, OTHER_BAD_ID);
    add(TradeFields.write(nth(2)), "fee", "1".getBytes(UTF_8));

    start(settings -> settings.decoder(EntryDecoder.trades("fee")));

    await().untilAsserted(() -> assertThat(liveWriter.trades()).hasSize(1));
    assertThat(liveWriter.trades()).extracting(Trade::id).containsExactly(nth(2).id());
    await().until(() -> consumer.health().counter("deadLetters") == 2);
    assertThat(deadValues(field)).containsExactly(BAD_ID, OTHER_BAD_ID);
    assertThat(stream.dead().get(0).get("dead.reason"))
        .isEqualTo("field " + field + " must be UTF-8, but is: t?(?");
  }

  @ParameterizedTest
  @ValueSource(strings = {"price", "quantity", "timestamp", "chain_id"})
  void aNumberThatIsNotUtf8IsMalformed(String field) {
    add(TradeFields.write(nth(0)), field, BAD_ID);

    start(settings -> settings);

    await().until(() -> consumer.health().counter("deadLetters") == 1);
    assertThat(deadValues(field)).containsExactly(BAD_ID);
    assertThat(liveWriter.trades()).isEmpty();
  }

  @Test
  void aFieldThatNobodyReadsMayHoldAnything() {
    add(TradeFields.write(nth(0)), "blob", BAD_ID);

    start(settings -> settings);

    await().untilAsserted(() -> assertThat(liveWriter.trades()).containsExactly(nth(0)));
  }

  @Test
  void aHintThatIsNotUtf8IsMalformed() {
    add(Map.of("timestamp", "1754400000"), "tradeId", BAD_ID);

    start(settings -> settings.decoder(EntryDecoder.hints()));

    await().until(() -> consumer.health().counter("deadLetters") == 1);
    assertThat(liveWriter.asked).isEmpty();
  }

  @Test
  void aDecoderOfTheUsersOwnCannotMakeATradeOfIt() {
    add(TradeFields.write(nth(0)), "id", BAD_ID);

    start(
        settings ->
            settings.decoder(
                (name, id, body) ->
                    new Decoded.Whole(
                        Trade.builder(String.valueOf(body.get("id")), 1_754_400_000L, 1, "pool")
                            .build())));

    await().until(() -> consumer.health().counter("deadLetters") == 1);
    assertThat(liveWriter.trades()).isEmpty();
  }
}
