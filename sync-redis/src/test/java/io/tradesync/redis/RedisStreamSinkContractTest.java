package io.tradesync.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.lettuce.core.Range;
import io.lettuce.core.StreamMessage;
import io.lettuce.core.codec.StringCodec;
import io.lettuce.core.output.StatusOutput;
import io.lettuce.core.protocol.CommandArgs;
import io.lettuce.core.protocol.CommandType;
import io.tradesync.Trade;
import io.tradesync.redis.fixture.RedisServer;
import io.tradesync.spi.AnalyticsSink;
import io.tradesync.testkit.AnalyticsSinkContract;
import java.util.Collection;
import org.junit.jupiter.api.AfterEach;

/** What the stream's entries amount to for a consumer that follows the document. */
class RedisStreamSinkContractTest extends AnalyticsSinkContract {

  private final TestStream stream = new TestStream(RedisServer.get());
  private final RedisStreamSink sink =
      RedisStreamSink.builder(stream.uri()).stream(stream.key).build();

  @AfterEach
  void close() {
    sink.close();
    stream.close();
  }

  @Override
  protected AnalyticsSink emptySink() {
    return sink;
  }

  @Override
  protected Collection<Trade> held() {
    Downstream consumer = new Downstream();
    stream.redis().xrange(stream.key, Range.unbounded()).stream()
        .map(StreamMessage::getBody)
        .forEach(consumer::consume);
    return consumer.trades();
  }

  /** A field that is null is left out, so an attribute without a value is none. */
  @Override
  protected Trade kept(Trade trade) {
    Trade.Builder kept =
        Trade.builder(trade.id(), trade.epochSecond(), trade.chainId(), trade.poolId())
            .price(trade.price())
            .quantity(trade.quantity())
            .transactionId(trade.transactionId())
            .side(trade.side());
    trade
        .attributes()
        .forEach(
            (name, value) -> {
              if (value != null) {
                kept.attribute(name, value);
              }
            });
    return kept.build();
  }

  @Override
  protected boolean goesByRevision() {
    return true;
  }

  /** The format has no time before 1970. */
  @Override
  protected boolean canHold(Trade trade) {
    return trade.epochSecond() >= 0;
  }

  @Override
  protected boolean cutOff() {
    if (stream.redis().exists(stream.key) > 0) {
      stream.redis().rename(stream.key, aside());
    }
    stream.redis().set(stream.key, "no stream");
    return true;
  }

  @Override
  protected void reconnect() {
    stream.redis().del(stream.key);
    if (stream.redis().exists(aside()) > 0) {
      stream.redis().rename(aside(), stream.key);
    }
  }

  /** Writing commands wait at the server, for a minute at most; its other commands do not. */
  @Override
  protected boolean stall() {
    clientCommand(new CommandArgs<>(StringCodec.UTF8).add("PAUSE").add(60_000).add("WRITE"));
    return true;
  }

  @Override
  protected void resume() {
    clientCommand(new CommandArgs<>(StringCodec.UTF8).add("UNPAUSE"));
  }

  private void clientCommand(CommandArgs<String, String> arguments) {
    assertThat(
            stream
                .redis()
                .dispatch(CommandType.CLIENT, new StatusOutput<>(StringCodec.UTF8), arguments))
        .isEqualTo("OK");
  }

  private String aside() {
    return stream.key + ":aside";
  }
}
