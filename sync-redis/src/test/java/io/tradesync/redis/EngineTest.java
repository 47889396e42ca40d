package io.tradesync.redis;

import static io.tradesync.redis.TestTrades.nth;
import static io.tradesync.redis.TestTrades.range;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tradesync.SyncEngine;
import io.tradesync.Trade;
import io.tradesync.inmemory.InMemorySink;
import io.tradesync.inmemory.InMemorySyncLog;
import io.tradesync.inmemory.InMemoryTradeSource;
import io.tradesync.redis.fixture.RedisServer;
import io.tradesync.spi.CatchUpResult;
import io.tradesync.spi.Hint;
import io.tradesync.spi.IngestResult;
import io.tradesync.spi.LiveWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The live path into a real engine. */
class EngineTest {

  private final TestStream stream = new TestStream(RedisServer.get());
  private final TradePublisher publisher = stream.publisher();
  private final InMemoryTradeSource source = new InMemoryTradeSource();
  private final InMemorySink sink = new InMemorySink();
  private final SyncEngine engine =
      SyncEngine.builder().source(source).log(new InMemorySyncLog()).sink(sink).build();
  private final List<LiveConsumer> consumers = new ArrayList<>();

  @AfterEach
  void close() {
    consumers.forEach(LiveConsumer::close);
    engine.close();
    publisher.close();
    stream.close();
  }

  private LiveConsumer start(LiveConsumerBuilder settings, LiveWriter liveWriter) {
    LiveConsumer consumer = settings.build();
    consumers.add(consumer);
    consumer.start(liveWriter);
    return consumer;
  }

  private void awaitEqualSides() {
    await().untilAsserted(() -> assertThat(sink.trades()).isEqualTo(source.trades()));
  }

  private void awaitNothingPending() {
    await().untilAsserted(() -> assertThat(stream.pending()).isZero());
  }

  @Test
  void whatIsPublishedIsInTheStoreWithoutARun() {
    source.putAll(range(0, 500));
    publisher.publish(range(0, 500));
    start(stream.consumer("one"), engine);
    awaitEqualSides();
    awaitNothingPending();
    assertThat(engine.health().gaps().total()).isZero();
    assertThat(engine.runs(1)).isEmpty();
  }

  @Test
  void twoConsumersOfAGroupShareTheWorkAndNothingIsTwiceInTheStore() {
    List<Trade> trades = range(0, 2_000);
    source.putAll(trades);
    publisher.publish(trades);
    publisher.publish(trades);
    CyclicBarrier bothRead = new CyclicBarrier(2);
    LiveConsumer one = start(stream.consumer("one").batchSize(100), new Meeting(bothRead));
    LiveConsumer two = start(stream.consumer("two").batchSize(100), new Meeting(bothRead));
    await()
        .untilAsserted(
            () ->
                assertThat(one.health().counter("consumed") + two.health().counter("consumed"))
                    .isEqualTo(4_000));
    awaitNothingPending();
    assertThat(one.health().counter("consumed")).isPositive();
    assertThat(two.health().counter("consumed")).isPositive();
    assertThat(sink.trades()).isEqualTo(source.trades());
    assertThat(sink.writes()).isEqualTo(2_000);
  }

  /** Waits at its first delivery for the other consumer's, so that neither reads all alone. */
  private final class Meeting implements LiveWriter {
    private final CyclicBarrier others;
    private final AtomicBoolean met = new AtomicBoolean();

    Meeting(CyclicBarrier others) {
      this.others = others;
    }

    @Override
    public IngestResult ingest(List<Trade> trades) {
      if (!met.getAndSet(true)) {
        try {
          others.await(10, TimeUnit.SECONDS);
        } catch (Exception e) {
          throw new AssertionError("the other consumer read nothing", e);
        }
      }
      return engine.ingest(trades);
    }

    @Override
    public CatchUpResult catchUp(Collection<Hint> hints) {
      return engine.catchUp(hints);
    }

    @Override
    public void requestRun(String reason) {
      engine.requestRun(reason);
    }
  }

  @Test
  void whatARunAndTheStreamBothSawCountsOnce() {
    LiveConsumer live = stream.consumer("one").build();
    consumers.add(live);
    source.putAll(range(0, 300));
    live.prepare();
    publisher.publish(range(200, 300));
    assertThat(engine.run().success()).isTrue();
    live.start(engine);
    source.putAll(range(300, 320));
    publisher.publish(range(300, 320));
    awaitEqualSides();
    awaitNothingPending();
    assertThat(sink.writes()).isEqualTo(320);
  }

  @Test
  void anEntryThatContradictsTheSourceChangesNothing() {
    source.putAll(range(0, 2));
    engine.run();
    Trade forged =
        Trade.builder(nth(0).id(), nth(0).epochSecond(), 1, "0xother").side("Sell").build();
    publisher.publish(List.of(forged, nth(1)));
    LiveConsumer consumer = start(stream.consumer("one"), engine);
    await().untilAsserted(() -> assertThat(consumer.health().counter("consumed")).isEqualTo(2));
    assertThat(sink.trades()).isEqualTo(source.trades());
    assertThat(sink.writes()).isEqualTo(2);
  }

  @Test
  void aHintBringsTheRowOfItsTransactionAlsoIfTheRowComesLater() {
    source.putAll(range(0, 3));
    LiveConsumer consumer =
        start(
            stream.consumer("one").decoder(EntryDecoder.hints()).rereadDelay(Duration.ofMillis(50)),
            engine);
    hint(nth(0));
    hint(nth(3));
    await().untilAsserted(() -> assertThat(sink.trades()).isEqualTo(range(0, 3)));
    await().untilAsserted(() -> assertThat(consumer.health().counter("consumed")).isEqualTo(1));
    await().until(() -> stream.pending() == 1);
    source.put(nth(3));
    awaitEqualSides();
    awaitNothingPending();
    await().untilAsserted(() -> assertThat(consumer.health().counter("consumed")).isEqualTo(2));
    assertThat(sink.writes()).isEqualTo(4);
  }

  private void hint(Trade trade) {
    stream.add(
        "symbol", "mwethmusdc",
        "timestamp", Long.toString(trade.epochSecond()),
        "side", "buy",
        "tradeId", String.valueOf(trade.transactionId()),
        "chainId", "1");
  }

  @Test
  void anIdThatNoKeyCanHoldGoesToTheDeadLettersAndIsListed() {
    source.putAll(range(0, 20));
    publisher.publish(range(0, 10));
    String id = "\u20ac".repeat(342);
    stream.add("id", id, "chain_id", "1", "timestamp", "1754400000", "pool_id", "p");
    publisher.publish(range(10, 20));
    start(stream.consumer("one"), engine);
    awaitEqualSides();
    awaitNothingPending();

    assertThat(stream.dead())
        .singleElement()
        .satisfies(
            letter ->
                assertThat(letter)
                    .containsEntry("dead.reason", "the trade has no place in the key order")
                    .containsEntry("id", id));
    assertThat(engine.rowsOutsideKeyOrder(null, 10).rows())
        .singleElement()
        .satisfies(row -> assertThat(row.reason()).isEqualTo("id is over 1024 bytes long"))
        .satisfies(row -> assertThat(row.id()).isEqualTo("\u20ac".repeat(100)));
    assertThat(engine.runs(1)).isEmpty();
  }
}
