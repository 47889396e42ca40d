package io.tradesync.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.tradesync.Fingerprint;
import io.tradesync.KeyRange;
import io.tradesync.Keyed;
import io.tradesync.Trade;
import io.tradesync.TradeKey;
import io.tradesync.spi.KeyFingerprint;
import io.tradesync.spi.SourceDigest;
import io.tradesync.spi.SourcePage;
import io.tradesync.spi.TradeSource;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.BiFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What {@link TradeSource} promises, as tests. To prove a source, extend this class and say how to
 * make one and how trades get into it and out of it.
 */
public abstract class TradeSourceContract {

  /** The second that the trades of these tests begin at. */
  protected static final long T = 1_754_400_000L;

  private static final BigDecimal LARGEST =
      new BigDecimal(BigInteger.TWO.pow(256).subtract(BigInteger.ONE));

  /** In the order of their bytes; U+1D11E is two units of UTF-16 below U+FFFD. */
  private static final List<String> ODD_IDS =
      List.of(
          " ",
          " a",
          "\"",
          "%s",
          "'",
          "''; --",
          "10",
          "9",
          ":x",
          "?",
          "A",
          "\\",
          "\\'",
          "a",
          "a ",
          "a\"b",
          "aa",
          "b",
          "{x}",
          "~",
          "\u00e4",
          "\u20ac",
          "\ufffd",
          "\ud834\udd1e");

  private TradeSource source;

  /** For subclasses. */
  protected TradeSourceContract() {}

  /**
   * Makes an empty source; called before each test.
   *
   * @return a source that {@link TradeSource#prepare()} was not yet called on
   * @throws Exception to fail the test
   */
  protected abstract TradeSource emptySource() throws Exception;

  /**
   * Puts trades in where the source reads from; visible when this returns.
   *
   * @param trades the trades, in any order; no id is there already
   * @throws Exception to fail the test
   */
  protected abstract void put(Collection<Trade> trades) throws Exception;

  /**
   * Takes a trade out; gone when this returns.
   *
   * @param id a trade that is there
   * @throws Exception to fail the test
   */
  protected abstract void remove(String id) throws Exception;

  @BeforeEach
  void make() throws Exception {
    source = emptySource();
    source.prepare();
  }

  /** A source that answers all but pages and ids by default. */
  private record Minimal(TradeSource source) implements TradeSource {
    @Override
    public SourcePage<Trade> page(KeyRange range, int limit) {
      return source.page(range, limit);
    }

    @Override
    public SourcePage<Trade> byIds(Collection<String> ids) {
      return source.byIds(ids);
    }
  }

  private static Trade trade(String id, long second) {
    return trade(id, second, 1);
  }

  private static Trade trade(String id, long second, long price) {
    return Trade.builder(id, second, 1, "pool")
        .price(BigDecimal.valueOf(price))
        .quantity(BigDecimal.ONE)
        .transactionId("0x" + id)
        .side("Buy")
        .build();
  }

  private static List<Trade> sorted(Collection<Trade> trades) {
    return trades.stream().sorted(Comparator.comparing(Trade::key)).toList();
  }

  /** Puts trades in, in an order of no meaning, and gives them back in key order. */
  private List<Trade> putShuffled(Stream<Trade> trades) throws Exception {
    List<Trade> shuffled = new ArrayList<>(trades.toList());
    Collections.shuffle(shuffled, new Random(7));
    put(shuffled);
    return sorted(shuffled);
  }

  private List<Trade> putRandom(int count, int seconds) throws Exception {
    Random random = new Random(count);
    return putShuffled(
        IntStream.range(0, count)
            .mapToObj(
                i -> trade("t" + random.nextInt(100) + "-" + i, T + random.nextInt(seconds), i)));
  }

  /** Reads ranges to their end as the engine does: each page begins after the end of the last. */
  private static <T extends Keyed> List<T> read(
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

  private List<Trade> trades(KeyRange range) {
    return trades(List.of(range));
  }

  private List<Trade> trades(List<KeyRange> ranges) {
    return read(source::page, ranges, TradeSource.MAX_LIMIT);
  }

  private List<KeyFingerprint> keys(List<KeyRange> ranges) {
    return read(source::keys, ranges, TradeSource.MAX_LIMIT);
  }

  private static List<Trade> in(KeyRange range, List<Trade> trades) {
    return trades.stream().filter(trade -> range.contains(trade.key())).toList();
  }

  private static KeyRange range(long after, String afterId, long upTo, String upToId) {
    return new KeyRange(new TradeKey(after, afterId), new TradeKey(upTo, upToId));
  }

  // Pages

  @Test
  void aPageIsTheFirstTradesOfItsRangeInKeyOrder() throws Exception {
    List<Trade> trades = putRandom(40, 10);

    for (int limit : List.of(1, 2, 39, 40, 41, TradeSource.MAX_LIMIT)) {
      SourcePage<Trade> page = source.page(KeyRange.all(), limit);
      int rows = page.rows().size();
      assertThat(rows).as("rows of a page of %d", limit).isBetween(1, Math.min(limit, 40));
      assertThat(page.rows()).isEqualTo(trades.subList(0, rows));
      assertThat(page.end()).contains(trades.get(rows - 1).key());
      if (rows < 40) {
        assertThat(page.isLast()).as("%d of 40 trades are the last page", rows).isFalse();
      }
    }
  }

  @Test
  void pagesOneAfterTheOtherGiveEachTradeOnceAlsoWithinOneSecond() throws Exception {
    List<Trade> trades =
        putShuffled(IntStream.range(0, 50).mapToObj(i -> trade("t" + i, T + (i < 45 ? 0 : i))));

    for (int limit : List.of(1, 7, 25, 50, 51)) {
      assertThat(read(source::page, List.of(KeyRange.all()), limit)).isEqualTo(trades);
      assertThat(read(source::keys, List.of(KeyRange.all()), limit))
          .isEqualTo(trades.stream().map(KeyFingerprint::of).toList());
    }
  }

  @Test
  void aRangeLeavesItsLowerBoundOutAndHoldsItsUpperOne() throws Exception {
    List<Trade> trades =
        putShuffled(
            Stream.of("a", "m", "z")
                .flatMap(
                    id -> Stream.of(trade(id + 1, T - 1), trade(id, T), trade(id + 2, T + 1))));
    List<TradeKey> bounds =
        List.of(
            TradeKey.MIN,
            TradeKey.startOf(T),
            new TradeKey(T, "a"),
            new TradeKey(T, "b"),
            new TradeKey(T, "z"),
            TradeKey.startOf(T + 1),
            new TradeKey(T + 1, "m2"),
            TradeKey.MAX);

    for (TradeKey after : bounds) {
      for (TradeKey upTo : bounds) {
        KeyRange range = new KeyRange(after, upTo);
        List<Trade> inside = in(range, trades);
        assertThat(trades(range)).as("%s", range).isEqualTo(inside);
        assertThat(source.count(range)).as("%s", range).isEqualTo(inside.size());
        assertThat(source.first(range))
            .as("%s", range)
            .isEqualTo(inside.stream().map(Trade::key).findFirst());
        assertThat(source.last(range))
            .as("%s", range)
            .isEqualTo(inside.stream().map(Trade::key).reduce((a, b) -> b));
      }
    }
  }

  @Test
  void idsOfAnyLettersSortByTheirBytes() throws Exception {
    List<Trade> trades = putShuffled(ODD_IDS.stream().map(id -> trade(id, T)));
    assertThat(trades).extracting(Trade::id).isEqualTo(ODD_IDS);

    assertThat(trades(KeyRange.all())).isEqualTo(trades);
    assertThat(source.byIds(ODD_IDS).rows()).isEqualTo(trades);
    assertThat(keys(List.of(KeyRange.all())))
        .isEqualTo(trades.stream().map(KeyFingerprint::of).toList());
    assertThat(source.last(KeyRange.all())).contains(new TradeKey(T, "\ud834\udd1e"));
    for (int i = 0; i < ODD_IDS.size(); i++) {
      KeyRange rest = KeyRange.all().after(trades.get(i).key());
      assertThat(source.page(rest, 1).rows())
          .isEqualTo(trades.stream().skip(i + 1).limit(1).toList());
    }
  }

  @Test
  void nullsAndLargeNumbersComeAsTheyAre() throws Exception {
    List<Trade> trades =
        List.of(
            Trade.builder("all", T, 1, "pool")
                .price(LARGEST)
                .quantity(LARGEST)
                .transactionId("0x")
                .side("Sell")
                .build(),
            Trade.builder("empty", T, 2, "")
                .price(BigDecimal.ZERO)
                .quantity(BigDecimal.ZERO)
                .transactionId("")
                .side("")
                .build(),
            Trade.builder("none", T, 3, "pool").build(),
            Trade.builder("price", T, 1, "pool").price(BigDecimal.TEN).build(),
            Trade.builder("quantity", T, 1, "pool").quantity(BigDecimal.TEN).build());
    put(trades);

    assertThat(trades(KeyRange.all())).isEqualTo(trades);
    assertThat(keys(List.of(KeyRange.all())))
        .isEqualTo(trades.stream().map(KeyFingerprint::of).toList());
    assertThat(source.digests(KeyRange.seconds(T, T + 1), 1))
        .containsExactly(new SourceDigest(0, 5, trades.stream().mapToLong(Fingerprint::of).sum()));
  }

  // Ids

  @Test
  void byIdsGivesWhatExistsOnceAndInKeyOrder() throws Exception {
    Trade late = trade("a", T + 9);
    Trade early = trade("b", T - 9);
    put(List.of(late, early, trade("c", T)));

    assertThat(source.byIds(List.of("a", "nowhere", "b", "a", "")).rows())
        .containsExactly(early, late);
    assertThat(source.byIds(List.of("nowhere")).rows()).isEmpty();
    assertThat(source.byIds(List.of()).rows()).isEmpty();
  }

  @Test
  void anIdThatNoTradeCanHaveIsNotFound() throws Exception {
    put(List.of(trade("?", T), trade("\ufffd", T)));

    assertThat(source.byIds(List.of("a\0", "\ud800", "\udc00x")).rows()).isEmpty();
  }

  // Bounds and counts

  @Test
  void anEmptySourceHasNothing() throws Exception {
    KeyRange hour = KeyRange.seconds(T, T + 3_600);

    source.probe();
    assertThat(trades(KeyRange.all())).isEmpty();
    assertThat(source.first(KeyRange.all())).isEmpty();
    assertThat(source.last(KeyRange.all())).isEmpty();
    assertThat(source.count(KeyRange.all())).isZero();
    assertThat(source.digests(hour, 60)).isEmpty();
    assertThat(keys(List.of(hour))).isEmpty();
    assertThat(source.countWithoutKey()).isZero();
    assertThat(source.digests(List.of(hour, KeyRange.from(T + 3_600))))
        .containsExactly(new SourceDigest(0, 0, 0), new SourceDigest(1, 0, 0));
    assertThat(source.withPools(List.of())).isEmpty();
  }

  @Test
  void poolsAreNoPartOfTheContentAndKeepTheOrder() throws Exception {
    List<Trade> arrived = List.of(trade("b", T), trade("a", T + 1), trade("c", T - 1));
    put(List.of(trade("x", T)));

    assertThat(source.withPools(arrived)).isEqualTo(arrived);
  }

  @Test
  void moreThanAPageIsCountedAndItsLastKeyFound() throws Exception {
    List<Trade> trades = putRandom(2_100, 300);

    assertThat(source.count(KeyRange.all())).isEqualTo(2_100);
    assertThat(source.first(KeyRange.all())).contains(trades.get(0).key());
    assertThat(source.last(KeyRange.all())).contains(trades.get(2_099).key());
    assertThat(source.countWithoutKey()).isZero();
  }

  @Test
  void everyCallSeesTheSourceAsItIsAtThatMoment() throws Exception {
    KeyRange second = KeyRange.seconds(T, T + 1);
    for (int i = 1; i <= 3; i++) {
      put(List.of(trade("t" + i, T)));
      assertThat(source.count(second)).isEqualTo(i);
      assertThat(trades(second)).hasSize(i);
    }
    remove("t2");
    put(List.of(trade("t2", T + 5)));

    assertThat(trades(KeyRange.all()))
        .containsExactly(trade("t1", T), trade("t3", T), trade("t2", T + 5));
    assertThat(source.byIds(List.of("t2")).rows()).containsExactly(trade("t2", T + 5));
    assertThat(keys(List.of(second))).hasSize(2);
    assertThat(source.digests(second, 1)).extracting(SourceDigest::count).containsExactly(2L);
  }

  // Digests and keys

  @Test
  void digestsAreThoseOfTheTradesThemselves() throws Exception {
    putRandom(300, 100);
    List<KeyRange> ranges =
        List.of(
            KeyRange.seconds(T, T + 100),
            KeyRange.seconds(T - 17, T + 1_000),
            KeyRange.seconds(T + 20, T + 21),
            range(T + 20, "t5", T + 50, "t5"),
            range(T + 33, "", T + 33, "t7"),
            KeyRange.seconds(T + 500, T + 600),
            KeyRange.seconds(T + 50, T + 50),
            KeyRange.seconds(T + 60, T + 50));

    for (KeyRange range : ranges) {
      for (long width : List.of(1L, 7L, 100L, 1_000_000_000_000L)) {
        assertThat(source.digests(range, width))
            .as("%s by %d", range, width)
            .isEqualTo(new Minimal(source).digests(range, width));
      }
    }
  }

  @Test
  void bucketsAreCountedFromTheFirstSecondOfTheRangeAlsoBefore1970() throws Exception {
    Trade a = trade("a", -11);
    Trade b = trade("b", -10);
    Trade c = trade("c", 5);
    put(List.of(c, b, a));

    assertThat(source.digests(KeyRange.seconds(-15, 100), 5))
        .containsExactly(
            new SourceDigest(0, 1, Fingerprint.of(a)),
            new SourceDigest(1, 1, Fingerprint.of(b)),
            new SourceDigest(4, 1, Fingerprint.of(c)));
    assertThat(trades(KeyRange.from(-10))).containsExactly(b, c);
  }

  @Test
  void rangesAreDigestedEachAsAWhole() throws Exception {
    List<Trade> trades = putRandom(200, 100);
    List<KeyRange> ranges =
        List.of(
            KeyRange.seconds(T - 50, T - 40),
            KeyRange.seconds(T, T + 5),
            KeyRange.seconds(T + 5, T + 6),
            KeyRange.seconds(T + 10, T + 10),
            range(T + 20, "t3", T + 20, "t6"),
            range(T + 30, "t5", T + 40, "t5"),
            new KeyRange(new TradeKey(T + 90, "x"), TradeKey.MAX));
    List<SourceDigest> digests = new ArrayList<>();
    for (KeyRange range : ranges) {
      List<Trade> inside = in(range, trades);
      long sum = inside.stream().mapToLong(Fingerprint::of).sum();
      digests.add(new SourceDigest(digests.size(), inside.size(), sum));
    }
    assertThat(digests).extracting(SourceDigest::count).contains(0L).anyMatch(count -> count > 3);

    assertThat(source.digests(ranges)).isEqualTo(digests);
    assertThat(source.digests(List.of(KeyRange.all())))
        .containsExactly(
            new SourceDigest(0, 200, trades.stream().mapToLong(Fingerprint::of).sum()));
    assertThat(source.digests(List.of())).isEmpty();
  }

  @Test
  void aSumOfFingerprintsWrapsRound() throws Exception {
    List<Trade> trades =
        IntStream.range(0, 10_000)
            .mapToObj(i -> trade("t" + i, T))
            .filter(trade -> Fingerprint.of(trade) > Long.MAX_VALUE / 2)
            .limit(9)
            .toList();
    put(trades);

    assertThat(source.digests(KeyRange.seconds(T, T + 1), 1))
        .containsExactly(new SourceDigest(0, 9, trades.stream().mapToLong(Fingerprint::of).sum()));
    assertThat(source.digests(List.of(KeyRange.all())))
        .containsExactly(new SourceDigest(0, 9, trades.stream().mapToLong(Fingerprint::of).sum()));
  }

  @Test
  void pagesAndKeysAreTheFirstOverAllRanges() throws Exception {
    List<Trade> trades = putRandom(200, 100);
    List<KeyRange> ranges =
        List.of(
            KeyRange.seconds(T - 50, T - 40),
            KeyRange.seconds(T, T + 5),
            KeyRange.seconds(T + 5, T + 6),
            KeyRange.seconds(T + 10, T + 10),
            range(T + 20, "t3", T + 20, "t6"),
            range(T + 30, "t5", T + 40, "t5"),
            new KeyRange(new TradeKey(T + 90, "x"), TradeKey.MAX));
    List<Trade> all =
        trades.stream()
            .filter(trade -> ranges.stream().anyMatch(range -> range.contains(trade.key())))
            .toList();
    assertThat(all).hasSizeGreaterThan(30);

    TradeSource minimal = new Minimal(source);
    List<KeyFingerprint> keys = all.stream().map(KeyFingerprint::of).toList();
    for (int limit : List.of(1, 2, 11, all.size() - 1, all.size(), all.size() + 1, 10_000)) {
      assertThat(read(source::page, ranges, limit)).as("%d", limit).isEqualTo(all);
      assertThat(read(minimal::page, ranges, limit)).as("%d", limit).isEqualTo(all);
      assertThat(read(source::keys, ranges, limit)).as("%d", limit).isEqualTo(keys);
      assertThat(read(minimal::keys, ranges, limit)).as("%d", limit).isEqualTo(keys);
    }
    List<KeyRange> empty = List.of(KeyRange.seconds(T, T));
    assertThat(trades(List.of())).isEmpty();
    assertThat(trades(empty)).isEmpty();
    assertThat(keys(List.of())).isEmpty();
    assertThat(keys(empty)).isEmpty();
  }

  // Everything

  @Test
  void manyThreadsCanAskAtOnce() throws Exception {
    List<Trade> trades = putRandom(100, 10);
    List<SourceDigest> digests = source.digests(KeyRange.seconds(T, T + 10), 3);
    Callable<Boolean> ask =
        () -> {
          for (int i = 0; i < 5; i++) {
            assertThat(trades(KeyRange.all())).isEqualTo(trades);
            assertThat(keys(List.of(KeyRange.all()))).hasSize(100);
            assertThat(source.digests(KeyRange.seconds(T, T + 10), 3)).isEqualTo(digests);
            assertThat(source.digests(List.of(KeyRange.all()))).hasSize(1);
            assertThat(source.byIds(List.of(trades.get(i).id())).rows())
                .containsExactly(trades.get(i));
          }
          return true;
        };
    ExecutorService threads = Executors.newFixedThreadPool(8);
    try {
      for (Future<Boolean> asked : threads.invokeAll(Collections.nCopies(8, ask))) {
        assertThat(asked.get()).isTrue();
      }
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void whatItCannotTellIsEmptyAndNeverNull() {
    source
        .finality()
        .ifPresent(
            finality ->
                assertThat(finality.epochSecond().orElse(0))
                    .as("seconds, not milliseconds")
                    .isLessThan(100_000_000_000L));
    assertThat(source.classify(new IllegalStateException("no kind of mine"))).isEmpty();
  }
}
