package io.tradesync.redis;

import static io.tradesync.redis.TestTrades.nth;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.lettuce.core.Range;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.StreamMessage;
import io.tradesync.InvalidSettingException;
import io.tradesync.Trade;
import io.tradesync.TradesyncException;
import io.tradesync.redis.fixture.RedisServer;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class TradePublisherTest {

  private final TestStream stream = new TestStream(RedisServer.get());
  private final TradePublisher publisher = stream.publisher();

  @AfterEach
  void close() {
    publisher.close();
    stream.close();
  }

  private List<StreamMessage<String, String>> entries() {
    return stream.redis().xrange(stream.key, Range.unbounded());
  }

  @Test
  void anEntryHasTheFieldsOfTheDocument() {
    Trade trade =
        Trade.builder("0xa-1", 1_754_400_000L, 8453, "0xpool")
            .price(new BigDecimal("3.0E+3"))
            .quantity(new BigDecimal("0.50"))
            .transactionId("0xa")
            .side("Buy")
            .attribute("fee", "3")
            .attribute("maker", null)
            .pool("WETH/USDC", 18, 6)
            .build();
    String id = publisher.publish(trade);
    assertThat(entries()).extracting(StreamMessage::getId).containsExactly(id);
    assertThat(entries().get(0).getBody())
        .containsExactly(
            Map.entry("id", "0xa-1"),
            Map.entry("chain_id", "8453"),
            Map.entry("price", "3000"),
            Map.entry("quantity", "0.50"),
            Map.entry("timestamp", "1754400000"),
            Map.entry("transaction_id", "0xa"),
            Map.entry("side", "Buy"),
            Map.entry("pool_id", "0xpool"),
            Map.entry("fee", "3"));
  }

  @Test
  void manyTradesStandInTheirOrder() {
    List<Trade> trades = TestTrades.range(0, 2_500);
    List<String> ids = publisher.publish(trades);
    assertThat(entries()).extracting(StreamMessage::getId).containsExactlyElementsOf(ids);
    assertThat(entries())
        .extracting(entry -> entry.getBody().get("id"))
        .containsExactlyElementsOf(trades.stream().map(Trade::id).toList());
  }

  @Test
  void nothingIsPublishedOfNothing() {
    assertThat(publisher.publish(List.of())).isEmpty();
    assertThat(entries()).isEmpty();
  }

  @Test
  void theOldestEntriesAreRemovedWhereThereIsAMaximum() {
    try (TradePublisher trimming =
        TradePublisher.builder(stream.uri()).stream(stream.key).maxLength(100).build()) {
      trimming.publish(TestTrades.range(0, 2_000));
    }
    assertThat(stream.redis().xlen(stream.key)).isBetween(100L, 400L);
  }

  @Test
  void ofSeveralTradesNoneIsPublishedIfOneHasNoFormInAStream() {
    Trade milliseconds = Trade.builder("ms", 1_754_400_000_000L, 1, "0xpool").build();
    Trade endless = Trade.builder("long", 1, 1, "0xpool").price(new BigDecimal("1E+1000")).build();
    Trade clashing = Trade.builder("clash", 1, 1, "0xpool").attribute("price", "1").build();
    assertRefused(milliseconds, "timestamp");
    assertRefused(endless, "price");
    assertRefused(clashing, "price");
    assertThat(entries()).isEmpty();
  }

  private void assertRefused(Trade trade, String field) {
    assertThatExceptionOfType(InvalidSettingException.class)
        .isThrownBy(() -> publisher.publish(List.of(nth(0), trade)))
        .withMessageContaining(field);
  }

  @Test
  void aKeyThatIsNotAStreamIsNamed() {
    stream.redis().set(stream.key, "text");
    assertThatExceptionOfType(InvalidSettingException.class)
        .isThrownBy(() -> publisher.publish(nth(0)))
        .withMessageContaining("stream")
        .withMessageContaining(stream.key);
    stream.redis().del(stream.key);
    assertThat(publisher.publish(nth(0))).isNotEmpty();
  }

  @Test
  void whereThereIsNoRedisTheMessageSaysWhere() {
    try (TradePublisher lost =
        TradePublisher.builder(RedisURI.create("redis://127.0.0.1:1")).build()) {
      assertThatExceptionOfType(TradesyncException.class)
          .isThrownBy(() -> lost.publish(nth(0)))
          .withMessageContaining("Redis at 127.0.0.1:1/0");
    }
  }

  @Test
  void afterARestartOfRedisItPublishesAgain() {
    try (RedisServer server = RedisServer.startPrivate();
        TradePublisher own = TradePublisher.builder(RedisURI.create(server.uri())).build()) {
      own.publish(nth(0));
      server.stop();
      assertThatExceptionOfType(TradesyncException.class).isThrownBy(() -> own.publish(nth(1)));
      server.start();
      assertThat(own.publish(nth(1))).isNotEmpty();
    }
  }

  @Test
  void aClosedOneRefusesAndACallersClientStaysOpen() {
    RedisClient client = RedisClient.create();
    try {
      TradePublisher borrowing =
          TradePublisher.builder(stream.uri()).client(client).stream(stream.key).build();
      borrowing.publish(nth(0));
      borrowing.close();
      borrowing.close();
      assertThatIllegalStateException().isThrownBy(() -> borrowing.publish(nth(1)));
      try (var connection = client.connect(stream.uri())) {
        assertThat(connection.sync().xlen(stream.key)).isEqualTo(1);
      }
    } finally {
      client.shutdown(Duration.ZERO, Duration.ofSeconds(2));
    }
  }

  @Test
  void settingsAreChecked() {
    assertThatExceptionOfType(InvalidSettingException.class)
        .isThrownBy(() -> TradePublisher.builder(stream.uri()).stream(""))
        .withMessageContaining("stream");
    assertThatExceptionOfType(InvalidSettingException.class)
        .isThrownBy(() -> TradePublisher.builder(stream.uri()).maxLength(0))
        .withMessageContaining("maxLength must be at least 1, but is: 0");
  }
}
