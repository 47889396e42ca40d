package io.tradesync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TradeTest {

  private static final BigInteger UINT256 = BigInteger.TWO.pow(256).subtract(BigInteger.ONE);

  private static Trade.Builder full() {
    return Trade.builder("trade_A", 1_754_400_000L, 1, "0xpool")
        .price(new BigDecimal("1.0"))
        .quantity(new BigDecimal("2"))
        .transactionId("0xabc")
        .side("Buy")
        .attribute("fee", "0.3");
  }

  @Test
  void holdsWhatItWasBuiltWith() {
    Trade trade = full().pool("WETH/USDC", 18, 6).build();
    assertThat(trade.key()).isEqualTo(new TradeKey(1_754_400_000L, "trade_A"));
    assertThat(trade.id()).isEqualTo("trade_A");
    assertThat(trade.epochSecond()).isEqualTo(1_754_400_000L);
    assertThat(trade.chainId()).isEqualTo(1);
    assertThat(trade.poolId()).isEqualTo("0xpool");
    assertThat(trade.price()).isEqualTo("1.0");
    assertThat(trade.quantity()).isEqualTo("2");
    assertThat(trade.transactionId()).isEqualTo("0xabc");
    assertThat(trade.side()).isEqualTo("Buy");
    assertThat(trade.attributes()).containsExactly(Map.entry("fee", "0.3"));
    assertThat(trade.symbol()).isEqualTo("WETH/USDC");
    assertThat(trade.baseDecimals()).isEqualTo(18);
    assertThat(trade.quoteDecimals()).isEqualTo(6);
  }

  @Test
  void theVolumeOfTheLargestNumbersIsExact() {
    Trade trade = full().price(new BigDecimal(UINT256)).quantity(new BigDecimal(UINT256)).build();
    assertThat(trade.volume())
        .isEqualTo(
            new BigDecimal(
                "1340780792994259709957402499820584612747936582059239337772356144372176"
                    + "4030073315392623399665776056285720014482370779510884422601683867654778"
                    + "417822746804225"));
    assertThat(trade.volume().unscaledValue()).isEqualTo(UINT256.multiply(UINT256));
  }

  @Test
  void theVolumeNeedsPriceAndQuantity() {
    assertThat(full().price(null).build().volume()).isNull();
    assertThat(full().quantity(null).build().volume()).isNull();
    assertThat(full().quantity(null).pool("X", 18, 6).build().scaledVolume()).isNull();
  }

  @Test
  void theScaledVolumeIsInUnitsOfTheQuoteCurrency() {
    Trade trade =
        full()
            .price(new BigDecimal("3000000000"))
            .quantity(new BigDecimal("2500000000000000000"))
            .pool("WETH/USDC", 18, 6)
            .build();
    assertThat(trade.scaledVolume()).isEqualByComparingTo("7500000000");
    assertThat(full().quantity(BigDecimal.ONE).pool("X", 18, null).build().scaledVolume())
        .isEqualByComparingTo("0.000000000000000001");
    assertThat(full().pool("X", null, 6).build().scaledVolume()).isNull();
    assertThat(full().build().scaledVolume()).isNull();
  }

  @Test
  void tradesAreEqualIfAllColumnsAre() {
    Trade trade = full().build();
    assertThat(full().build()).isEqualTo(trade).hasSameHashCodeAs(trade);
    assertThat(
            List.of(
                full().price(null).build(),
                full().price(new BigDecimal("1.1")).build(),
                full().quantity(null).build(),
                full().quantity(BigDecimal.ONE).build(),
                full().transactionId(null).build(),
                full().side("Sell").build(),
                full().attribute("fee", null).build(),
                full().attribute("maker", null).build(),
                Trade.builder("trade_B", 1_754_400_000L, 1, "0xpool").build(),
                Trade.builder("trade_A", 1_754_400_001L, 1, "0xpool").build()))
        .allSatisfy(other -> assertThat(other).isNotEqualTo(trade));
    assertThat(Trade.builder("a", 1, 1, "p").build())
        .isNotEqualTo(Trade.builder("a", 1, 2, "p").build())
        .isNotEqualTo(Trade.builder("a", 1, 1, "q").build())
        .isNotEqualTo(null)
        .isNotEqualTo("a");
  }

  @Test
  void numbersAreEqualByValue() {
    Trade other = full().price(new BigDecimal("1.000")).quantity(new BigDecimal("0.2E1")).build();
    assertThat(other).isEqualTo(full().build()).hasSameHashCodeAs(full().build());
  }

  @Test
  void whatBelongsToThePoolIsNotCompared() {
    assertThat(full().pool("WETH/USDC", 18, 6).build()).isEqualTo(full().build());
  }

  @Test
  void attributesKeepTheirOrderAndCannotBeChanged() {
    Trade.Builder builder = Trade.builder("a", 1, 1, "p").attribute("z", "1").attribute("a", null);
    Trade trade = builder.build();
    builder.attribute("m", "2");
    assertThat(trade.attributes().keySet()).containsExactly("z", "a");
    assertThatExceptionOfType(UnsupportedOperationException.class)
        .isThrownBy(() -> trade.attributes().put("b", "2"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"\u0000", "a\u0000b", "\ud800", "\udc00", "a\ud83d", "\ud83da", "\udcb1\ud83d"})
  void textThatNoDatabaseHoldsIsRefusedByName(String text) {
    assertRefused("id", () -> Trade.builder(text, 1, 1, "p"));
    assertRefused("poolId", () -> Trade.builder("a", 1, 1, text));
    assertRefused("transactionId", () -> full().transactionId(text));
    assertRefused("side", () -> full().side(text));
    assertRefused("maker", () -> full().attribute("maker", text));
  }

  private static void assertRefused(String name, ThrowingCallable call) {
    assertThatExceptionOfType(InvalidSettingException.class)
        .isThrownBy(call)
        .satisfies(e -> assertThat(e.name()).isEqualTo(name))
        .withMessageStartingWith(name + " must not hold ");
  }

  @Test
  void anyOtherTextIsTaken() {
    String text = "it's \"quoted\", 100 % \\ ünï-cödé 池 💱\n";
    assertThat(Trade.builder(text, 1, 1, text).side(text).build().id()).isEqualTo(text);
    assertThat(Trade.builder("a", 1, 1, "").transactionId("").build().poolId()).isEmpty();
  }

  @Test
  void anIdIsNeeded() {
    assertThatExceptionOfType(InvalidSettingException.class)
        .isThrownBy(() -> Trade.builder("", 1, 1, "p"))
        .withMessage("id must not be empty, but is: ");
    assertThatNullPointerException()
        .isThrownBy(() -> Trade.builder(null, 1, 1, "p"))
        .withMessage("id");
    assertThatNullPointerException()
        .isThrownBy(() -> Trade.builder("a", 1, 1, null))
        .withMessage("poolId");
  }

  @Test
  void aNumberOfGigabytesIsRefused() {
    Trade.Builder builder = Trade.builder("a", 0, 1, "p");
    assertThatExceptionOfType(InvalidSettingException.class)
        .isThrownBy(() -> builder.price(new BigDecimal("1E+2000000000")))
        .withMessageContaining("price")
        .withMessageContaining("1E+2000000000");
    assertThatExceptionOfType(InvalidSettingException.class)
        .isThrownBy(() -> builder.quantity(new BigDecimal("1E-1001")))
        .withMessageContaining("quantity");
    assertThat(builder.quantity(new BigDecimal("1E-1000")).build().quantity()).isNotNull();
  }
}
