package io.tradesync.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

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
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Checks pages, keys and reading by id. */
abstract class SourcePageContract extends SourceContractPart {

  SourcePageContract(TradeSourceContract contract) {
    super(contract);
  }

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

  private static final BigDecimal LARGEST =
      new BigDecimal(BigInteger.TWO.pow(256).subtract(BigInteger.ONE));

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
        .containsExactly(
            new SourceDigest(0, 5, trades.stream().mapToLong(Trade::fingerprint).sum()));
  }

  @Test
  void pagesAndKeysAreTheFirstOverAllRanges() throws Exception {
    List<Trade> trades = putRandom(200, 100);
    List<KeyRange> ranges = severalRanges();
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

  /** The next page begins after the key of the last row, so a row that was put off is lost. */
  @TestFactory
  Stream<DynamicTest> rowsOfOneKeyAreNeverDividedBetweenPages() throws Exception {
    List<Trade> trades = putShuffled(IntStream.range(0, 6).mapToObj(i -> trade("t" + i, T + i)));
    Trade beside = trade("t2", T + 2, 2);
    return putBeside(beside) && putBeside(trade("t2", T + 2, 3))
        ? Stream.of(dynamicTest("three rows of " + beside.key(), () -> assertWhole(trades, beside)))
        : Stream.empty();
  }

  private void assertWhole(List<Trade> trades, Trade beside) {
    List<TradeKey> due = new ArrayList<>(trades.stream().map(Trade::key).toList());
    due.addAll(List.of(beside.key(), beside.key()));
    due.sort(null);
    for (int limit = 3; limit <= due.size() + 1; limit++) {
      for (List<? extends Keyed> rows :
          List.of(
              read(source::page, List.of(KeyRange.all()), limit),
              read(source::keys, List.of(KeyRange.all()), limit))) {
        assertThat(rows.stream().map(Keyed::key).toList())
            .as(
                "the source has three rows of %s; due is that a page of %d holds all of them or"
                    + " none, since the next page begins after its last key",
                beside.key(), limit)
            .isEqualTo(due);
      }
    }
  }

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
}
