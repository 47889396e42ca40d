package io.tradesync.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.tradesync.KeyRange;
import io.tradesync.Keyed;
import io.tradesync.Trade;
import io.tradesync.TradeKey;
import io.tradesync.spi.KeyFingerprint;
import io.tradesync.spi.SourcePage;
import io.tradesync.spi.TradeSource;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.function.BiFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.ExtendWith;

/** The base of the parts of {@link TradeSourceContract}: trades, and how ranges are read. */
@ExtendWith(BrokenRuleReport.class)
abstract class SourceContractPart {

  final RecordedCalls calls = new RecordedCalls();

  static final long T = TradeSourceContract.T;

  private final TradeSourceContract contract;
  TradeSource source;

  SourceContractPart(TradeSourceContract contract) {
    this.contract = contract;
  }

  @BeforeEach
  final void useSource() {
    source = calls.of(contract.source);
  }

  /** A source that answers all but pages and ids by default. */
  record Minimal(TradeSource source) implements TradeSource {
    @Override
    public SourcePage<Trade> page(KeyRange range, int limit) {
      return source.page(range, limit);
    }

    @Override
    public SourcePage<Trade> byIds(Collection<String> ids) {
      return source.byIds(ids);
    }
  }

  static Trade trade(String id, long second) {
    return trade(id, second, 1);
  }

  static Trade trade(String id, long second, long price) {
    return Trade.builder(id, second, 1, "pool")
        .price(BigDecimal.valueOf(price))
        .quantity(BigDecimal.ONE)
        .transactionId("0x" + id)
        .side("Buy")
        .build();
  }

  static List<Trade> sorted(Collection<Trade> trades) {
    return trades.stream().sorted(Comparator.comparing(Trade::key)).toList();
  }

  final void put(Collection<Trade> trades) throws Exception {
    contract.put(trades);
  }

  final boolean putBeside(Trade trade) throws Exception {
    return contract.putBeside(trade);
  }

  final void remove(String id) throws Exception {
    contract.remove(id);
  }

  /** Puts trades in, in an order of no meaning, and gives them back in key order. */
  final List<Trade> putShuffled(Stream<Trade> trades) throws Exception {
    List<Trade> shuffled = new ArrayList<>(trades.toList());
    Collections.shuffle(shuffled, new Random(7));
    put(shuffled);
    return sorted(shuffled);
  }

  final List<Trade> putRandom(int count, int seconds) throws Exception {
    Random random = new Random(count);
    return putShuffled(
        IntStream.range(0, count)
            .mapToObj(
                i -> trade("t" + random.nextInt(100) + "-" + i, T + random.nextInt(seconds), i)));
  }

  /** Reads ranges to their end as the engine does: each page begins after the end of the last. */
  static <T extends Keyed> List<T> read(
      BiFunction<List<KeyRange>, Integer, SourcePage<T>> source, List<KeyRange> ranges, int limit) {
    List<T> read = new ArrayList<>();
    List<KeyRange> rest = ranges;
    while (true) {
      SourcePage<T> page = source.apply(rest, limit);
      read.addAll(page.rows());
      assertThat(page.rows())
          .as("rows of a page of %d of %s", limit, rest)
          .hasSizeBetween(0, limit);
      if (page.isLast()) {
        return read;
      }
      assertThat(page.end()).as("end of a page of %s that is not the last", rest).isPresent();
      TradeKey end = page.end().orElseThrow();
      rest = rest.stream().map(range -> range.after(end)).toList();
    }
  }

  final List<Trade> trades(KeyRange range) {
    return trades(List.of(range));
  }

  final List<Trade> trades(List<KeyRange> ranges) {
    return read(source::page, ranges, TradeSource.MAX_LIMIT);
  }

  final List<KeyFingerprint> keys(List<KeyRange> ranges) {
    return read(source::keys, ranges, TradeSource.MAX_LIMIT);
  }

  static List<Trade> in(KeyRange range, List<Trade> trades) {
    return trades.stream().filter(trade -> range.contains(trade.key())).toList();
  }

  static KeyRange range(long after, String afterId, long upTo, String upToId) {
    return new KeyRange(new TradeKey(after, afterId), new TradeKey(upTo, upToId));
  }

  /** Ranges in key order: before all trades, empty, of one second, within a second, open above. */
  static List<KeyRange> severalRanges() {
    return List.of(
        KeyRange.seconds(T - 50, T - 40),
        KeyRange.seconds(T, T + 5),
        KeyRange.seconds(T + 5, T + 6),
        KeyRange.seconds(T + 10, T + 10),
        range(T + 20, "t3", T + 20, "t6"),
        range(T + 30, "t5", T + 40, "t5"),
        new KeyRange(new TradeKey(T + 90, "x"), TradeKey.MAX));
  }
}
