package io.tradesync;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class KeyRangeTest {

  @Provide
  Arbitrary<TradeKey> keys() {
    Arbitrary<TradeKey> few =
        Combinators.combine(Arbitraries.longs().between(-2, 2), Arbitraries.of("", "a", "b", "c"))
            .as(TradeKey::new);
    return Arbitraries.oneOf(few, Arbitraries.of(TradeKey.MIN, TradeKey.MAX));
  }

  @Provide
  Arbitrary<KeyRange> ranges() {
    return Combinators.combine(keys(), keys()).as(KeyRange::new);
  }

  @Property
  void containsWhatLiesAfterOneBoundAndUpToTheOther(
      @ForAll("ranges") KeyRange range, @ForAll("keys") TradeKey key) {
    assertThat(range.contains(key))
        .isEqualTo(key.compareTo(range.after()) > 0 && key.compareTo(range.upTo()) <= 0);
  }

  @Property
  void anEmptyRangeContainsNothing(@ForAll("ranges") KeyRange r, @ForAll("keys") TradeKey key) {
    if (r.isEmpty()) {
      assertThat(r.contains(key)).isFalse();
    } else {
      assertThat(r.contains(r.upTo())).isTrue();
    }
  }

  @Property
  void theIntersectionContainsWhatBothContain(
      @ForAll("ranges") KeyRange a, @ForAll("ranges") KeyRange b, @ForAll("keys") TradeKey key) {
    assertThat(a.intersect(b).contains(key)).isEqualTo(a.contains(key) && b.contains(key));
    assertThat(a.intersect(b)).isEqualTo(b.intersect(a));
  }

  @Property
  void aKeyCutsARangeInTwo(
      @ForAll("ranges") KeyRange range, @ForAll("keys") TradeKey cut, @ForAll("keys") TradeKey k) {
    boolean below = range.upTo(cut).contains(k);
    boolean above = range.after(cut).contains(k);
    assertThat(below && above).isFalse();
    assertThat(below || above).isEqualTo(range.contains(k));
  }

  @Example
  void secondsReachFromTheFirstToBeforeTheLast() {
    KeyRange range = KeyRange.seconds(10, 20);
    assertThat(range.contains(new TradeKey(9, "z"))).isFalse();
    assertThat(range.contains(new TradeKey(10, "a"))).isTrue();
    assertThat(range.contains(new TradeKey(19, "z"))).isTrue();
    assertThat(range.contains(new TradeKey(20, "a"))).isFalse();
    assertThat(KeyRange.seconds(10, 10).isEmpty()).isTrue();
  }

  @Example
  void fromASecondIncludesIt() {
    assertThat(KeyRange.from(10).contains(new TradeKey(10, "a"))).isTrue();
    assertThat(KeyRange.from(10).contains(new TradeKey(9, "z"))).isFalse();
    assertThat(KeyRange.from(Long.MIN_VALUE)).isEqualTo(KeyRange.all());
  }
}
