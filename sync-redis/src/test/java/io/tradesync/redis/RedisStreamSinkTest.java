package io.tradesync.redis;

import static io.tradesync.redis.TestTrades.T0;
import static io.tradesync.redis.TestTrades.nth;
import static io.tradesync.redis.TestTrades.range;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.lettuce.core.KillArgs;
import io.lettuce.core.Range;
import io.lettuce.core.RedisURI;
import io.lettuce.core.StreamMessage;
import io.lettuce.core.XAddArgs;
import io.tradesync.InvalidSettingException;
import io.tradesync.RunOutcome;
import io.tradesync.Side;
import io.tradesync.SideUnavailableException;
import io.tradesync.SyncEngine;
import io.tradesync.SyncResult;
import io.tradesync.Trade;
import io.tradesync.TradeKey;
import io.tradesync.inmemory.InMemorySyncLog;
import io.tradesync.inmemory.InMemoryTradeSource;
import io.tradesync.redis.fixture.RedisServer;
import io.tradesync.spi.AnalyticsSink;
import io.tradesync.spi.SinkCapability;
import io.tradesync.spi.TradeBatch;
import io.tradesync.spi.TradeChange;
import java.io.IOException;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class RedisStreamSinkTest {

  private final TestStream stream = new TestStream(RedisServer.get());
  private final RedisStreamSink sink =
      RedisStreamSink.builder(stream.uri()).stream(stream.key).build();
  private final InMemoryTradeSource source = new InMemoryTradeSource();

  @AfterEach
  void close() {
    sink.close();
    stream.close();
  }

  private SyncEngine engine(AnalyticsSink to) {
    return engine(to, new InMemorySyncLog());
  }

  private SyncEngine engine(AnalyticsSink to, InMemorySyncLog log) {
    return SyncEngine.builder()
        .source(source)
        .log(log)
        .sink(to)
        .batchSize(10)
        .retryDelay(Duration.ofMillis(1))
        .orphanGrace(Duration.ZERO)
        .build();
  }

  private List<Map<String, String>> entries() {
    return entries(stream);
  }

  private static List<Map<String, String>> entries(TestStream stream) {
    return stream.redis().xrange(stream.key, Range.unbounded()).stream()
        .map(StreamMessage::getBody)
        .toList();
  }

  private static TradeBatch batch(boolean forced, TradeChange... changes) {
    return new TradeBatch("analytics", "batch-1", forced, List.of(changes));
  }

  private static String key(Trade trade) {
    return String.format(
        Locale.ROOT, "%d:%s:%016x", trade.epochSecond(), trade.id(), trade.fingerprint());
  }

  private static Trade priced(int i, String price) {
    return Trade.builder(nth(i).id(), T0 + i, 1, "0xpool").price(new BigDecimal(price)).build();
  }

  private Downstream consumer() {
    Downstream consumer = new Downstream();
    entries().forEach(consumer::consume);
    return consumer;
  }

  @Test
  void anInsertHasTheFieldsOfTheTradeAndItsKey() {
    Trade trade =
        Trade.builder("0xa-1", T0, 8453, "0xpool")
            .price(new BigDecimal("3000"))
            .side("Buy")
            .attribute("fee", "3")
            .build();
    sink.write(batch(false, new TradeChange.Insert(trade, 41)));
    assertThat(entries())
        .containsExactly(
            Map.ofEntries(
                Map.entry("service", "analytics"),
                Map.entry("op", "insert"),
                Map.entry("id", "0xa-1"),
                Map.entry("chain_id", "8453"),
                Map.entry("price", "3000"),
                Map.entry("timestamp", Long.toString(T0)),
                Map.entry("side", "Buy"),
                Map.entry("pool_id", "0xpool"),
                Map.entry("fee", "3"),
                Map.entry("revision", "41"),
                Map.entry("key", key(trade))));
    assertThat(
            ((Decoded.Whole) EntryDecoder.trades("fee").decode("s", "1-1", entries().get(0)))
                .trade())
        .isEqualTo(trade);
  }

  @Test
  void replacementsAndRetractionsSayWhatTheyTakeAway() {
    Trade now = nth(5);
    sink.write(
        batch(
            false,
            new TradeChange.Retract(new TradeKey(T0, "gone"), 7),
            new TradeChange.Replace(now.key(), now, 8),
            new TradeChange.Replace(new TradeKey(T0 + 1, now.id()), now, Long.MAX_VALUE)));
    assertThat(entries())
        .extracting(entry -> entry.get("revision"))
        .containsExactly("7", "8", Long.toString(Long.MAX_VALUE));
    assertThat(entries())
        .extracting(entry -> entry.get("op"))
        .containsExactly("retract", "replace", "replace");
    assertThat(entries().get(0))
        .isEqualTo(
            Map.of(
                "service", "analytics",
                "op", "retract",
                "id", "gone",
                "timestamp", Long.toString(T0),
                "revision", "7",
                "key", T0 + ":gone:retracted"));
    assertThat(entries().get(1)).containsEntry("key", key(now)).doesNotContainKey("old_id");
    assertThat(entries().get(2))
        .containsEntry("key", key(now))
        .containsEntry("old_id", now.id())
        .containsEntry("old_timestamp", Long.toString(T0 + 1));
  }

  @Test
  void aForcedBatchIsToldApartFromTheFirstWriting() {
    sink.write(batch(false, new TradeChange.Insert(nth(0), 1)));
    TradeChange again = new TradeChange.Replace(nth(0).key(), nth(0), 2);
    TradeBatch forced = batch(true, again);
    sink.write(forced);
    sink.write(forced);
    sink.write(new TradeBatch("analytics", "batch-2", true, forced.changes()));
    sink.write(new TradeBatch("analytics", "batch-3", true, List.of(again.withRevision(3))));
    assertThat(entries())
        .extracting(entry -> entry.get("key"))
        .containsExactly(
            key(nth(0)),
            key(nth(0)) + ":batch-1",
            key(nth(0)) + ":batch-1",
            key(nth(0)) + ":batch-2",
            key(nth(0)) + ":batch-3");
    assertThat(consumer().changes()).hasSize(3);
  }

  @Test
  void aRunPublishesEverythingOnceAndInOrder() {
    source.putAll(range(0, 100));
    try (SyncEngine engine = engine(sink)) {
      assertThat(engine.run().processed()).isEqualTo(100);
      assertThat(engine.run().processed()).isZero();
    }
    assertThat(entries())
        .extracting(entry -> entry.get("id"))
        .containsExactlyElementsOf(range(0, 100).stream().map(Trade::id).toList());
    assertThat(entries()).extracting(entry -> entry.get("op")).containsOnly("insert");
  }

  @Test
  void changesOfATradeCanBeFollowedAlsoBackToWhatItWas() {
    try (SyncEngine engine = engine(sink)) {
      for (String price : List.of("1", "2", "1")) {
        source.put(priced(0, price));
        engine.run();
      }
      engine.forceFromEpochSecond(T0 - 1);
    }
    Downstream consumer = consumer();
    String trade = T0 + ":" + nth(0).id();
    assertThat(consumer.changes())
        .containsExactly(
            "insert " + trade, "replace " + trade, "replace " + trade, "replace " + trade);
    assertThat(consumer.trades()).containsExactly(priced(0, "1"));
  }

  @Test
  void aTradeThatMovesAndComesBackIsFollowed() {
    Trade first = nth(0);
    Trade moved = Trade.builder(first.id(), T0 + 30, 1, "0xpool").build();
    try (SyncEngine engine = engine(sink)) {
      for (Trade now : List.of(first, moved, first, moved, first)) {
        source.remove(first.id());
        source.put(now);
        engine.run();
        assertThat(consumer().trades()).containsExactly(now);
      }
    }
    // Each one again changes nothing.
    Downstream consumer = new Downstream();
    for (Map<String, String> entry : entries()) {
      consumer.consume(entry);
      consumer.consume(entry);
    }
    assertThat(consumer.changes()).hasSize(5);
    assertThat(consumer.trades()).containsExactly(first);
  }

  @Test
  void entriesThatComeAgainAndOutOfOrderChangeNothing() {
    Trade moved = Trade.builder(nth(0).id(), T0 + 30, 1, "0xpool").build();
    try (SyncEngine engine = engine(sink)) {
      for (Trade now : List.of(priced(0, "1"), priced(0, "2"), moved, priced(0, "1"))) {
        source.put(now, nth(1));
        engine.run();
      }
      source.remove(nth(1).id());
      engine.run();
    }
    Downstream consumer = consumer();
    List<Map<String, String>> late = new ArrayList<>(entries());
    Collections.shuffle(late, new Random(1));
    assertThat(consumer.trades()).isEqualTo(source.trades());

    late.forEach(consumer::consume);
    assertThat(consumer.trades()).isEqualTo(source.trades());
    Downstream lateOnly = new Downstream();
    late.forEach(lateOnly::consume);
    assertThat(lateOnly.trades()).isEqualTo(source.trades());
  }

  @Test
  void aTradeWithoutAFormInTheStreamCostsOnlyItself() {
    source.putAll(range(0, 30));
    source.put(Trade.builder("before 1970", -5, 1, "0xpool").build());
    try (SyncEngine engine = engine(sink)) {
      SyncResult result = engine.run();
      assertThat(result.processed()).isEqualTo(30);
      assertThat(engine.failedTrades(TradeKey.MIN, 10))
          .singleElement()
          .satisfies(failed -> assertThat(failed.key().id()).isEqualTo("before 1970"))
          .satisfies(failed -> assertThat(failed.reason()).contains("timestamp"));
    }
    assertThat(consumer().trades()).containsExactlyElementsOf(range(0, 30));
  }

  @Test
  void connectionsThatBreakWhileARunPublishesLoseNothing() {
    source.putAll(range(0, 500));
    try (RedisServer server = RedisServer.startPrivate();
        TestStream own = new TestStream(server);
        RedisStreamSink out = RedisStreamSink.builder(own.uri()).stream(own.key).build()) {
      AtomicInteger batches = new AtomicInteger();
      AnalyticsSink cut =
          batch -> {
            if (batches.incrementAndGet() % 5 == 0) {
              own.redis().clientKill(KillArgs.Builder.typeNormal().skipme());
            }
            out.write(batch);
          };
      try (SyncEngine engine = engine(cut)) {
        engine.run();
        assertThat(engine.run().errors()).isZero();
        assertThat(engine.health().isHealthy()).isTrue();
      }
      Downstream consumer = new Downstream();
      entries(own).forEach(consumer::consume);
      assertThat(consumer.trades()).containsExactlyElementsOf(range(0, 500));
      assertThat(consumer.changes()).hasSize(500);
    }
  }

  @Test
  void whatIsWrittenAgainAfterACrashIsKnownByItsRevision() {
    source.putAll(range(0, 100));
    AtomicInteger written = new AtomicInteger();
    AnalyticsSink dying =
        batch -> {
          sink.write(batch);
          if (written.incrementAndGet() % 3 == 0) {
            throw new IOException("died after the entries were published");
          }
        };
    InMemorySyncLog log = new InMemorySyncLog();
    try (SyncEngine engine = engine(dying, log)) {
      engine.run();
    }
    // Another process with the same log, and with other batches.
    try (SyncEngine again =
        SyncEngine.builder().source(source).log(log).sink(sink).batchSize(7).build()) {
      again.run();
    }
    assertThat(entries()).hasSizeGreaterThan(100);
    Downstream consumer = consumer();
    assertThat(consumer.trades()).containsExactlyElementsOf(range(0, 100));
    assertThat(consumer.changes()).hasSize(100);
  }

  @Test
  void onlySoManyOrSoOldEntriesAreKept() {
    List<TradeChange> inserts = new ArrayList<>();
    range(0, 2_000).forEach(trade -> inserts.add(new TradeChange.Insert(trade)));
    TradeChange[] many = inserts.toArray(TradeChange[]::new);
    try (RedisStreamSink byLength =
        RedisStreamSink.builder(stream.uri()).stream(stream.key).maxLength(100).build()) {
      byLength.write(batch(false, many));
      assertThat(stream.redis().xlen(stream.key)).isBetween(100L, 400L);
    }
    stream.redis().del(stream.key);
    // Entries of long ago, and then those of now.
    for (int i = 1; i <= 500; i++) {
      stream.redis().xadd(stream.key, new XAddArgs().id(i + "-0"), Map.of("a", "b"));
    }
    try (RedisStreamSink byAge =
        RedisStreamSink.builder(stream.uri()).stream(stream.key)
            .maxAge(Duration.ofHours(1))
            .build()) {
      byAge.write(batch(false, many));
      assertThat(stream.redis().xlen(stream.key)).isBetween(2_000L, 2_200L);
    }
    assertThatExceptionOfType(InvalidSettingException.class)
        .isThrownBy(
            () ->
                RedisStreamSink.builder(stream.uri())
                    .maxAge(Duration.ofHours(1))
                    .maxLength(1)
                    .build());
    assertThatExceptionOfType(InvalidSettingException.class)
        .isThrownBy(() -> RedisStreamSink.builder(stream.uri()).maxAge(Duration.ZERO));
  }

  @Test
  void aRedisThatIsGoneEndsTheRunAndMarksNothing() {
    source.putAll(range(0, 30));
    try (RedisServer server = RedisServer.startPrivate();
        RedisStreamSink own =
            RedisStreamSink.builder(RedisURI.create(server.uri())).stream("out").build();
        SyncEngine engine = engine(own)) {
      own.probe();
      server.stop();
      assertThatExceptionOfType(SideUnavailableException.class)
          .isThrownBy(own::probe)
          .satisfies(e -> assertThat(e.side()).isEqualTo(Side.SINK));
      SyncResult down = engine.run();
      assertThat(down.outcome()).isEqualTo(RunOutcome.FAILED);
      assertThat(engine.failedTrades(TradeKey.MIN, 10)).isEmpty();
      server.start();
      assertThat(engine.run().processed()).isEqualTo(30);
    }
  }

  @Test
  void aKeyThatIsNoStreamAndAColumnThatClashesAreNamed() {
    stream.redis().set(stream.key, "text");
    assertThatExceptionOfType(InvalidSettingException.class)
        .isThrownBy(() -> sink.write(batch(false, new TradeChange.Insert(nth(0)))))
        .withMessageContaining(stream.key);
    Trade clashing = Trade.builder("x", 1, 1, "p").attribute("op", "1").build();
    assertThatExceptionOfType(InvalidSettingException.class)
        .isThrownBy(() -> sink.write(batch(false, new TradeChange.Insert(clashing))))
        .withMessageContaining("op");
    Trade numbered = Trade.builder("x", 1, 1, "p").attribute("revision", "1").build();
    assertThatExceptionOfType(InvalidSettingException.class)
        .isThrownBy(() -> sink.write(batch(false, new TradeChange.Insert(numbered))))
        .withMessageContaining("revision");
  }

  @Test
  void itHasAllAbilitiesAndCanBeClosedTwice() {
    assertThat(sink.capabilities())
        .containsExactlyInAnyOrder(
            SinkCapability.INSERT, SinkCapability.REPLACE, SinkCapability.RETRACT);
    sink.close();
    sink.close();
    assertThatIllegalStateException()
        .isThrownBy(() -> sink.write(batch(false, new TradeChange.Insert(nth(0)))));
    assertThatIllegalStateException().isThrownBy(sink::probe);
  }
}
