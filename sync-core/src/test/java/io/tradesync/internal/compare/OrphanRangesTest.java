package io.tradesync.internal.compare;

import static org.assertj.core.api.Assertions.assertThat;

import io.tradesync.KeyRange;
import io.tradesync.TradeKey;
import org.junit.jupiter.api.Test;

class OrphanRangesTest {

  private final OrphanRanges ranges = new OrphanRanges();

  private static TradeKey key(int second) {
    return new TradeKey(second, "a");
  }

  private static KeyRange range(int after, int upTo) {
    return new KeyRange(key(after), key(upTo));
  }

  @Test
  void neighboursAreJoinedAndWhatLiesBetweenIsLeftOut() {
    ranges.add(range(1, 2));
    ranges.add(range(2, 3));
    ranges.add(range(4, 5));
    assertThat(ranges.all()).containsExactly(range(1, 3), range(4, 5));
  }

  @Test
  void theLastThatFitsGoesOnToTheEnd() {
    for (int i = 0; i < 3 * OrphanRanges.MAX_RANGES; i++) {
      ranges.add(range(2 * i, 2 * i + 1));
    }
    assertThat(ranges.all())
        .hasSize(OrphanRanges.MAX_RANGES)
        .contains(range(0, 1))
        .last()
        .isEqualTo(new KeyRange(key(2 * OrphanRanges.MAX_RANGES - 2), TradeKey.MAX));
  }

  @Test
  void partsAreAppendedAndStayBounded() {
    ranges.add(range(1, 2));
    OrphanRanges part = new OrphanRanges();
    for (int i = 1; i <= OrphanRanges.MAX_RANGES; i++) {
      part.add(range(2 * i, 2 * i + 1));
    }
    ranges.append(part);
    assertThat(ranges.all()).hasSize(OrphanRanges.MAX_RANGES).startsWith(range(1, 3));
    assertThat(ranges.all().get(OrphanRanges.MAX_RANGES - 1).upTo()).isEqualTo(TradeKey.MAX);
    ranges.append(part);
    assertThat(ranges.all()).hasSize(OrphanRanges.MAX_RANGES);
  }
}
