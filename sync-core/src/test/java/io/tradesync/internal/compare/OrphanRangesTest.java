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
    for (int i = 0; i < 3 * OrphanRanges.MOST; i++) {
      ranges.add(range(2 * i, 2 * i + 1));
    }
    assertThat(ranges.all())
        .hasSize(OrphanRanges.MOST)
        .contains(range(0, 1))
        .last()
        .isEqualTo(new KeyRange(key(2 * OrphanRanges.MOST - 2), TradeKey.MAX));
  }

  @Test
  void partsAreAppendedAndStayBounded() {
    ranges.add(range(1, 2));
    OrphanRanges behind = new OrphanRanges();
    for (int i = 1; i <= OrphanRanges.MOST; i++) {
      behind.add(range(2 * i, 2 * i + 1));
    }
    ranges.append(behind);
    assertThat(ranges.all()).hasSize(OrphanRanges.MOST).startsWith(range(1, 3));
    assertThat(ranges.all().get(OrphanRanges.MOST - 1).upTo()).isEqualTo(TradeKey.MAX);
    ranges.append(behind);
    assertThat(ranges.all()).hasSize(OrphanRanges.MOST);
  }

  @Test
  void whatWasNotedSinceACopyIsForgotten() {
    ranges.add(range(1, 2));
    OrphanRanges copy = ranges.copy();
    ranges.add(range(2, 4));
    ranges.restore(copy);
    assertThat(ranges.all()).containsExactly(range(1, 2));
  }
}
