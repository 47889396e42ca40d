package io.tradesync.spi;

import static org.assertj.core.api.Assertions.assertThat;

import io.tradesync.KeyRange;
import io.tradesync.MinimalSource;
import io.tradesync.SampleTrades;
import io.tradesync.Trade;
import io.tradesync.TradeKey;
import io.tradesync.inmemory.InMemoryTradeSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** What a source answers that implements nothing but page and byIds. */
class TradeSourceDefaultsTest {

  private final InMemoryTradeSource trades = new InMemoryTradeSource();
  private final TradeSource source = new MinimalSource(trades);

  @Property(tries = 300)
  void answersAreThoseOfTheTradesThemselves(@ForAll long seed) {
    Random random = new Random(seed);
    trades.clear();
    int count = random.nextInt(20) == 0 ? 2_500 : random.nextInt(60);
    long from = random.nextInt(100) - 50;
    for (int i = 0; i < count; i++) {
      trades.put(SampleTrades.nth(random.nextInt(9) * 10_000 + i, from + random.nextInt(100)));
    }
    long first = from + random.nextInt(60) - 10;
    KeyRange range = KeyRange.seconds(first, first + random.nextInt(100));
    List<Trade> in = trades.trades().stream().filter(trade -> range.contains(trade.key())).toList();

    assertThat(source.count(range)).isEqualTo(in.size());
    assertThat(source.first(range)).isEqualTo(in.stream().findFirst().map(Trade::key));
    assertThat(source.last(range))
        .isEqualTo(
            in.isEmpty() ? source.first(range) : in.stream().reduce((a, b) -> b).map(Trade::key));
    assertThat(trades.last(range)).isEqualTo(source.last(range));

    long width = 1 + random.nextInt(20);
    Map<Long, SourceDigest> digests = new TreeMap<>();
    for (Trade trade : in) {
      long bucket = Math.floorDiv(trade.epochSecond() - first, width);
      SourceDigest sofar = digests.getOrDefault(bucket, new SourceDigest(bucket, 0, 0));
      digests.put(
          bucket,
          new SourceDigest(bucket, sofar.count() + 1, sofar.fingerprints() + trade.fingerprint()));
    }
    assertThat(source.digests(range, width)).containsExactlyElementsOf(digests.values());

    KeyRange later = KeyRange.seconds(range.upTo().epochSecond() + 5, from + 200);
    List<KeyFingerprint> keys = new ArrayList<>();
    trades.trades().stream()
        .filter(trade -> range.contains(trade.key()) || later.contains(trade.key()))
        .forEach(trade -> keys.add(KeyFingerprint.of(trade)));
    int limit = 1 + random.nextInt(80);
    assertThat(source.keys(List.of(range, later), limit).rows())
        .isEqualTo(keys.subList(0, Math.min(limit, keys.size())));
  }

  @Example
  void aPlainSourceHasNoRowsWithoutAKeyAndDoesNotTellWhatIsFinal() throws Exception {
    assertThat(source.countWithoutKey()).isZero();
    assertThat(source.finality()).isEmpty();
    assertThat(source.classify(new Exception("x"))).isEmpty();
    source.prepare();
    source.probe();
  }

  @Example
  void anIdIsUniqueInMemory() {
    trades.put(SampleTrades.trade("a", 1), SampleTrades.trade("b", 1));
    trades.put(SampleTrades.trade("a", 5));
    assertThat(SampleTrades.keys(trades.trades()))
        .containsExactly(new TradeKey(1, "b"), new TradeKey(5, "a"));
    assertThat(source.byIds(List.of("a", "x", "b", "a")).rows()).isEqualTo(trades.trades());
    assertThat(trades.remove("a")).isTrue();
    assertThat(trades.remove("a")).isFalse();
    assertThat(trades.trades()).hasSize(1);
  }
}
