package io.tradesync;

import static io.tradesync.SampleTrades.T0;
import static org.assertj.core.api.Assertions.assertThat;

import io.tradesync.inmemory.InMemoryTradeSource;
import io.tradesync.internal.rows.TextSize;
import io.tradesync.spi.Hint;
import io.tradesync.spi.SourcePage;
import io.tradesync.spi.TradeBatch;
import io.tradesync.spi.TradeSource;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Trades of a MiB of text each, which share that text here. However many of them there are, no
 * answer of the source that is used, no batch and no transaction holds more than a bounded number.
 */
class LargeTradesTest {

  private static final int TRADES = 60;
  private static final String MIB = "x".repeat(1 << 20);

  /** The trade that fills a batch or an answer is part of it. */
  private static final long MAX = TextSize.MAX + MIB.length();

  private final EngineFixture fixture = new EngineFixture();
  private final AtomicLong largestBatch = new AtomicLong();
  private final AtomicLong largestAnswer = new AtomicLong();
  private final AtomicInteger refused = new AtomicInteger();

  /** Bounds the text of its pages and of its answers by id, as a database's source does. */
  private class BoundedSource implements TradeSource {

    final InMemoryTradeSource trades = fixture.source;

    @Override
    public SourcePage<Trade> page(KeyRange range, int limit) {
      List<Trade> rows = trades.page(range, limit).rows();
      int fitting = fitting(rows);
      return fitting == rows.size()
          ? trades.page(range, limit)
          : SourcePage.notLast(rows.subList(0, fitting));
    }

    @Override
    public SourcePage<Trade> byIds(Collection<String> ids) {
      SourcePage<Trade> all = trades.byIds(ids);
      int fitting = fitting(all.rows());
      if (fitting < all.rows().size()) {
        refused.incrementAndGet();
        return SourcePage.notLast(all.rows().subList(0, fitting));
      }
      largestAnswer.accumulateAndGet(text(all.rows()), Math::max);
      return all;
    }

    private int fitting(List<Trade> rows) {
      long text = 0;
      for (int i = 0; i < rows.size(); i++) {
        if (text > TextSize.MAX) {
          return i;
        }
        text += TextSize.of(rows.get(i));
      }
      return rows.size();
    }
  }

  private static long text(List<Trade> trades) {
    return trades.stream().mapToLong(TextSize::of).sum();
  }

  private static Trade large(int i, long second, long price) {
    return Trade.builder("t" + i, second, 1, "pool")
        .price(BigDecimal.valueOf(price))
        .quantity(BigDecimal.ONE)
        .transactionId("0xtx-" + i)
        .attribute("note", MIB)
        .build();
  }

  private void put(long shift, long price) {
    IntStream.range(0, TRADES).forEach(i -> fixture.source.put(large(i, T0 + shift + i, price)));
  }

  @BeforeEach
  void measureBatches() {
    fixture.sink.hook = batch -> largestBatch.accumulateAndGet(text(batch), Math::max);
  }

  private static long text(TradeBatch batch) {
    return text(batch.changes().stream().flatMap(change -> change.after().stream()).toList());
  }

  private SyncEngineBuilder builder() {
    return fixture.builder().source(new BoundedSource());
  }

  private void assertBounded() {
    assertThat(largestBatch.get()).as("a batch").isBetween(1L, MAX);
    assertThat(largestAnswer.get()).as("an answer by id").isLessThanOrEqualTo(MAX);
    fixture.assertSameTrades();
  }

  @ParameterizedTest
  @CsvSource({"1000, 1", "50, 4", "1, 2"})
  void aRunWritesThemInBatchesOfBoundedText(int batchSize, int parallelism) {
    put(0, 1);
    SyncResult result = builder().batchSize(batchSize).parallelism(parallelism).build().run();

    assertThat(result.processed()).isEqualTo(TRADES);
    assertBounded();
    RunProgress last = fixture.listener.progress.get(fixture.listener.progress.size() - 1);
    assertThat(last.batch()).isEqualTo(last.batches());
    assertThat(last.processed()).isEqualTo(TRADES);
  }

  @Test
  void aForceWritesThemAgainInBatchesOfBoundedText() {
    put(0, 1);
    SyncEngine engine = builder().batchSize(1_000).build();
    engine.run();
    largestBatch.set(0);

    assertThat(engine.forceFromEpochSecond(T0 - 1).processed()).isEqualTo(TRADES);
    assertBounded();
  }

  /** All of them are asked for by id, both to compare them and to repair them. */
  @Test
  void changedOnesAreAskedForInAnswersOfBoundedText() {
    put(0, 1);
    SyncEngine engine = builder().batchSize(1_000).build();
    engine.run();
    put(0, 2);
    largestBatch.set(0);

    assertThat(engine.health().gaps().changed()).isEqualTo(TRADES);
    assertThat(engine.run().processed()).isEqualTo(TRADES);
    assertThat(refused).hasPositiveValue();
    assertBounded();
  }

  @Test
  void onesThatChangeAfterAPageWasReadAreNotAllKept() {
    put(0, 1);
    builder().build().run();
    put(0, 2);
    AtomicInteger pages = new AtomicInteger();
    TradeSource changing =
        new BoundedSource() {
          @Override
          public SourcePage<Trade> page(KeyRange range, int limit) {
            // Small when the page is read, and large when it is asked for by id.
            SourcePage<Trade> page = fixture.source.page(range, limit);
            List<Trade> small = new ArrayList<>();
            page.rows().forEach(trade -> small.add(withoutText(trade)));
            pages.incrementAndGet();
            return page.isLast() ? SourcePage.last(small) : SourcePage.notLast(small);
          }
        };
    largestBatch.set(0);

    SyncEngine engine = fixture.builder().source(changing).batchSize(1_000).build();
    assertThat(engine.run().processed()).isEqualTo(TRADES);
    assertThat(refused).hasPositiveValue();
    assertThat(pages).as("the page was read again in smaller parts").hasValueGreaterThan(2);
    assertBounded();
  }

  private static Trade withoutText(Trade trade) {
    return Trade.builder(trade.id(), trade.epochSecond(), trade.chainId(), trade.poolId())
        .price(trade.price())
        .quantity(trade.quantity())
        .transactionId(trade.transactionId())
        .attribute("note", "")
        .build();
  }

  @Test
  void movedOnesAreWrittenInBatchesOfBoundedText() {
    put(0, 1);
    SyncEngine engine = builder().batchSize(1_000).orphanGrace(Duration.ZERO).build();
    engine.run();
    put(1_000, 1);
    largestBatch.set(0);

    engine.run();
    engine.run();
    assertThat(refused).hasPositiveValue();
    assertBounded();
  }

  @Test
  void onesThatALiveFeedBringsAreWrittenInBatchesOfBoundedText() {
    put(0, 1);
    SyncEngine engine = builder().batchSize(1_000).build();

    assertThat(engine.ingest(fixture.source.trades()).written()).hasSize(TRADES);
    assertBounded();
  }

  /** The log has other content, so that the source decides about each. */
  @Test
  void onesThatContradictTheLogAreAskedForInAnswersOfBoundedText() {
    put(0, 1);
    SyncEngine engine = builder().batchSize(1_000).build();
    engine.run();
    put(0, 2);
    largestBatch.set(0);

    assertThat(engine.ingest(fixture.source.trades()).written()).hasSize(TRADES);
    assertBounded();
  }

  @Test
  void onesThatAHintNamesAreWrittenInBatchesOfBoundedText() {
    put(0, 1);
    SyncEngine engine = builder().batchSize(1_000).build();

    assertThat(engine.catchUp(List.of(new Hint(T0, "0xtx-0"))).processed()).isEqualTo(TRADES);
    assertBounded();
  }
}
