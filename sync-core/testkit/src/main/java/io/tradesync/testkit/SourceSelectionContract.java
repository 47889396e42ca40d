package io.tradesync.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.tradesync.InvalidSettingException;
import io.tradesync.KeyRange;
import io.tradesync.Trade;
import io.tradesync.TradeKey;
import io.tradesync.TradeSelection;
import io.tradesync.spi.KeyFingerprint;
import io.tradesync.spi.TradeSource;
import java.math.BigDecimal;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Checks {@link TradeSource#only}: a part holds its trades, and nothing else, in every answer. */
abstract class SourceSelectionContract extends SourceContractPart {

  private static final List<TradeSelection> SELECTIONS =
      List.of(
          TradeSelection.ALL,
          TradeSelection.ALL.withPools("0xa"),
          TradeSelection.ALL.withPools("0xB", "it's", "none"),
          TradeSelection.ALL.withPools("0xb"),
          TradeSelection.ALL.withChains(10),
          TradeSelection.ALL.withChains(1, 10).withPools("0xa"),
          TradeSelection.ALL.withChains(7));

  SourceSelectionContract(TradeSourceContract contract) {
    super(contract);
  }

  private List<Trade> putTrades() throws Exception {
    List<String> pools = List.of("0xa", "0xB", "it's", "{0xa,:x}");
    return putShuffled(
        IntStream.range(0, 120)
            .mapToObj(
                i ->
                    Trade.builder(
                            "t" + i % 9 + "-" + i, T + i / 3, i % 7 == 0 ? 10 : 1, pools.get(i % 4))
                        .price(BigDecimal.TEN)
                        .quantity(BigDecimal.ONE)
                        .build()));
  }

  private static List<Trade> of(TradeSelection selection, List<Trade> trades) {
    return trades.stream().filter(selection::contains).toList();
  }

  @Test
  void aPartHoldsTheTradesOfItsChainsAndPools() throws Exception {
    List<Trade> all = putTrades();
    List<KeyRange> ranges =
        List.of(
            KeyRange.seconds(T, T + 5), range(T + 7, "t3", T + 20, "t6"), KeyRange.from(T + 30));
    for (TradeSelection selection : SELECTIONS) {
      TradeSource part = source.only(selection);
      List<Trade> expected = of(selection, all);
      for (int limit : List.of(1, 3, 1_000)) {
        assertThat(read(part::page, List.of(KeyRange.all()), limit))
            .as("trades of %s", selection)
            .isEqualTo(expected);
      }
      List<Trade> inRanges =
          ranges.stream().flatMap(range -> in(range, expected).stream()).toList();
      assertThat(read(part::page, ranges, 4)).as("pages of %s", selection).isEqualTo(inRanges);
      assertThat(read(part::keys, ranges, 4))
          .as("keys of %s", selection)
          .isEqualTo(inRanges.stream().map(KeyFingerprint::of).toList());
      assertThat(part.byIds(all.stream().map(Trade::id).toList()).rows())
          .as("%s by id", selection)
          .isEqualTo(expected);
    }
  }

  @Test
  void aPartCountsAndDigestsItsTradesOnly() throws Exception {
    List<Trade> all = putTrades();
    KeyRange range = KeyRange.seconds(T + 2, T + 35);
    for (TradeSelection selection : SELECTIONS) {
      TradeSource part = source.only(selection);
      List<TradeKey> keys = in(range, of(selection, all)).stream().map(Trade::key).toList();
      assertThat(part.count(range)).as("count of %s", selection).isEqualTo(keys.size());
      assertThat(part.first(range)).isEqualTo(keys.stream().findFirst());
      assertThat(part.last(range))
          .isEqualTo(keys.isEmpty() ? Optional.empty() : Optional.of(keys.get(keys.size() - 1)));
      TradeSource read = new Minimal(source).only(selection);
      assertThat(part.digests(range, 10)).isEqualTo(read.digests(range, 10));
      List<KeyRange> ranges = List.of(range, KeyRange.from(T + 35));
      assertThat(part.digests(ranges)).isEqualTo(read.digests(ranges));
    }
  }

  @Test
  void aPartOfAPartHoldsNoMore() throws Exception {
    List<Trade> all = putTrades();
    TradeSelection pools = TradeSelection.ALL.withPools("0xa", "0xB");
    TradeSource part = source.only(pools);
    TradeSelection smaller = TradeSelection.ALL.withChains(1).withPools("0xB");
    assertThat(read(part.only(smaller)::page, List.of(KeyRange.all()), 50))
        .isEqualTo(of(smaller, all));
    assertThat(
            read(part.only(TradeSelection.ALL.withChains(10))::page, List.of(KeyRange.all()), 50))
        .isEqualTo(of(pools.withChains(10), all));
    assertThatExceptionOfType(InvalidSettingException.class)
        .isThrownBy(() -> part.only(TradeSelection.ALL.withPools("0xa", "it's")))
        .satisfies(e -> assertThat(e.name()).isEqualTo("pools"));
  }
}
