package io.tradesync.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.tradesync.KeyRange;
import io.tradesync.Trade;
import io.tradesync.spi.SourceDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Checks digests. */
abstract class SourceDigestContract extends SourceContractPart {

  SourceDigestContract(TradeSourceContract contract) {
    super(contract);
  }

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
            new SourceDigest(0, 1, a.fingerprint()),
            new SourceDigest(1, 1, b.fingerprint()),
            new SourceDigest(4, 1, c.fingerprint()));
    assertThat(trades(KeyRange.from(-10))).containsExactly(b, c);
  }

  @Test
  void rangesAreDigestedEachAsAWhole() throws Exception {
    List<Trade> trades = putRandom(200, 100);
    List<KeyRange> ranges = severalRanges();
    List<SourceDigest> digests = new ArrayList<>();
    for (KeyRange range : ranges) {
      List<Trade> inside = in(range, trades);
      long sum = inside.stream().mapToLong(Trade::fingerprint).sum();
      digests.add(new SourceDigest(digests.size(), inside.size(), sum));
    }
    assertThat(digests).extracting(SourceDigest::count).contains(0L).anyMatch(count -> count > 3);

    assertThat(source.digests(ranges)).isEqualTo(digests);
    assertThat(source.digests(List.of(KeyRange.all())))
        .containsExactly(
            new SourceDigest(0, 200, trades.stream().mapToLong(Trade::fingerprint).sum()));
    assertThat(source.digests(List.of())).isEmpty();
  }

  @Test
  void aSumOfFingerprintsWrapsRound() throws Exception {
    List<Trade> trades =
        IntStream.range(0, 10_000)
            .mapToObj(i -> trade("t" + i, T))
            .filter(trade -> trade.fingerprint() > Long.MAX_VALUE / 2)
            .limit(9)
            .toList();
    put(trades);

    assertThat(source.digests(KeyRange.seconds(T, T + 1), 1))
        .containsExactly(
            new SourceDigest(0, 9, trades.stream().mapToLong(Trade::fingerprint).sum()));
    assertThat(source.digests(List.of(KeyRange.all())))
        .containsExactly(
            new SourceDigest(0, 9, trades.stream().mapToLong(Trade::fingerprint).sum()));
  }
}
