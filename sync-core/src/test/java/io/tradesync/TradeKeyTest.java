package io.tradesync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class TradeKeyTest {

  @Provide
  Arbitrary<String> ids() {
    // Few different code points, so that common prefixes are frequent.
    return Arbitraries.of(
            0x61, 0x62, 0x7f, 0x80, 0x7ff, 0x800, 0xd7ff, 0xe000, 0xfffd, 0xffff, 0x10000, 0x1f4b1,
            0x1f4b2, 0x10ffff)
        .list()
        .ofMaxSize(6)
        .map(
            points -> {
              StringBuilder text = new StringBuilder();
              points.forEach(text::appendCodePoint);
              return text.toString();
            });
  }

  @Property(tries = 5_000)
  void idsSortAsTheirBytesInUtf8(@ForAll("ids") String a, @ForAll("ids") String b) {
    int bytes =
        Arrays.compareUnsigned(
            a.getBytes(StandardCharsets.UTF_8), b.getBytes(StandardCharsets.UTF_8));
    assertThat(Integer.signum(new TradeKey(1, a).compareTo(new TradeKey(1, b))))
        .isEqualTo(Integer.signum(bytes));
  }

  @Property(tries = 500)
  void orderAgreesWithEquality(
      @ForAll long s, @ForAll long t, @ForAll("ids") String a, @ForAll("ids") String b) {
    TradeKey x = new TradeKey(s, a);
    TradeKey y = new TradeKey(t, b);
    assertThat(x.compareTo(y) == 0).isEqualTo(x.equals(y));
    assertThat(x.isBefore(y)).isEqualTo(x.compareTo(y) < 0);
    assertThat(Integer.signum(y.compareTo(x))).isEqualTo(-Integer.signum(x.compareTo(y)));
    assertThat(TradeKey.min(x, y)).isLessThanOrEqualTo(TradeKey.max(x, y));
  }

  @Example
  void theTimestampDecidesFirst() {
    assertThat(new TradeKey(-5, "z")).isLessThan(new TradeKey(3, "a"));
    assertThat(new TradeKey(Long.MIN_VALUE, "z")).isLessThan(new TradeKey(Long.MAX_VALUE, "a"));
  }

  @Example
  void boundsSortBeforeEveryTradeOfTheirSecond() {
    assertThat(TradeKey.startOf(7)).isLessThan(new TradeKey(7, "\u0001"));
    assertThat(TradeKey.startOf(7)).isGreaterThan(new TradeKey(6, "\udbff\udfff"));
    assertThat(TradeKey.MIN).isLessThan(new TradeKey(Long.MIN_VALUE, "a"));
    assertThat(TradeKey.MAX).isGreaterThan(new TradeKey(Long.MAX_VALUE - 1, "a"));
  }

  @Example
  void isShownReadably() {
    assertThat(new TradeKey(7, "a")).hasToString("(7, a)");
    assertThat(TradeKey.startOf(7)).hasToString("(7)");
  }

  @Example
  void needsAnId() {
    assertThatNullPointerException().isThrownBy(() -> new TradeKey(1, null)).withMessage("id");
  }
}
