package io.tradesync.spi;

import static org.assertj.core.api.Assertions.assertThat;

import io.tradesync.Trade;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The values were computed apart from the code: {@code printf %s form | sha256sum}. */
class FingerprintTest {

  private static Trade.Builder plain() {
    return Trade.builder("trade_A", 1_754_400_000L, 1, "0xpool")
        .price(new BigDecimal("3000"))
        .quantity(new BigDecimal("2"))
        .transactionId("0xabc")
        .side("Buy");
  }

  private static void assertPrint(Trade trade, String form, String print) {
    assertThat(Fingerprint.canonicalForm(trade)).isEqualTo(form);
    assertThat(Fingerprint.of(trade)).isEqualTo(Long.parseUnsignedLong(print, 16));
  }

  @Test
  void aPlainTrade() {
    assertPrint(
        plain().build(),
        "7:trade_A,1754400000,1,3000,2,5:0xabc,3:Buy,6:0xpool,",
        "76b1e67eebe15233");
  }

  @Test
  void nulls() {
    assertPrint(
        Trade.builder("trade_A", 1_754_400_000L, 1, "0xpool").build(),
        "7:trade_A,1754400000,1,,,:,:,6:0xpool,",
        "c8ab99bf20e8dd00");
  }

  @Test
  void emptyTextIsNotNullAndTrailingZerosDoNotCount() {
    for (String one : List.of("1", "1.0", "1.00", "0.1E1")) {
      assertPrint(
          plain()
              .price(new BigDecimal(one))
              .quantity(new BigDecimal("1.500"))
              .transactionId("")
              .side("")
              .build(),
          "7:trade_A,1754400000,1,1,1.5,0:,0:,6:0xpool,",
          "b4587cf91ad25610");
    }
  }

  @Test
  void textIsCountedInBytesOfUtf8() {
    for (String zero : List.of("0", "0.00", "-0", "0E+7")) {
      assertPrint(
          Trade.builder("é\"' 💱", -1, 10, "池")
              .price(new BigDecimal("1E-8"))
              .quantity(new BigDecimal(zero))
              .side("Käufer")
              .build(),
          "9:é\"' 💱,-1,10,0.00000001,0,:,7:Käufer,3:池,",
          "5a390a2e9c59b6e3");
    }
  }

  @Test
  void attributesFollowInTheirOrder() {
    assertPrint(
        plain().attribute("fee", "0.30").attribute("maker", null).attribute("note", "").build(),
        "7:trade_A,1754400000,1,3000,2,5:0xabc,3:Buy,6:0xpool,4:0.30,:,0:,",
        "4246ec71bcd7a188");
  }

  @Test
  void theLargestNumbers() {
    String most = "115792089237316195423570985008687907853269984665640564039457584007913129639935";
    assertPrint(
        Trade.builder("x", Long.MAX_VALUE - 1, 1, "p")
            .price(new BigDecimal(most))
            .quantity(new BigDecimal(most + ".000"))
            .build(),
        "1:x,9223372036854775806,1," + most + "," + most + ",:,:,1:p,",
        "1ca50c0b4de38b40");
  }

  @Test
  void thePoolsSymbolAndDecimalsAreLeftOut() {
    assertThat(Fingerprint.of(plain().pool("WETH/USDC", 18, 6).build()))
        .isEqualTo(Fingerprint.of(plain().build()));
  }

  @Test
  void everyColumnCounts() {
    List<Trade> trades =
        new ArrayList<>(
            List.of(
                plain().build(),
                plain().price(null).build(),
                plain().quantity(null).build(),
                plain().price(null).quantity(null).build(),
                plain().transactionId(null).build(),
                plain().transactionId("").build(),
                plain().transactionId("0xab").side("cBuy").build(),
                plain().side(null).build(),
                plain().transactionId("Buy").side("0xabc").build(),
                plain().attribute("a", null).build(),
                plain().attribute("a", "").build(),
                plain().attribute("a", "1").attribute("b", "2").build(),
                plain().attribute("a", "2").attribute("b", "1").build(),
                plain().attribute("a", "1,1:2").build()));
    trades.add(Trade.builder("trade_A", 1_754_400_001L, 1, "0xpool").build());
    trades.add(Trade.builder("trade_A", 1_754_400_000L, 11, "0xpool").build());
    trades.add(Trade.builder("trade_A", 1_754_400_000L, 1, "0xpoo1").build());
    trades.add(Trade.builder("trade_a", 1_754_400_000L, 1, "0xpool").build());
    Set<Long> prints = new HashSet<>();
    trades.forEach(trade -> prints.add(Fingerprint.of(trade)));
    assertThat(prints).hasSameSizeAs(trades);
  }
}
