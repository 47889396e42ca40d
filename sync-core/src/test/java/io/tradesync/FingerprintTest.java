package io.tradesync;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Forms and values were computed apart from the code, with Python's struct and hashlib. */
class FingerprintTest {

  private static Trade.Builder plain() {
    return Trade.builder("trade_A", 1_754_400_000L, 1, "0xpool")
        .price(new BigDecimal("3000"))
        .quantity(new BigDecimal("2"))
        .transactionId("0xabc")
        .side("Buy");
  }

  private static void assertPrint(Trade trade, String form, String print) {
    assertThat(HexFormat.of().formatHex(trade.canonicalForm())).isEqualTo(form.replace(" ", ""));
    assertThat(trade.fingerprint()).isEqualTo(Long.parseUnsignedLong(print, 16));
  }

  @Test
  void aPlainTrade() {
    assertPrint(
        plain().build(),
        "0000000068920500 0000000000000001 0001000000000000 0bb8 0001000000000000 0002"
            + "00000007 00000005 00000003 00000006 74726164655f41 3078616263 427579 3078706f6f6c",
        "72f7559a9ddb602d");
  }

  @Test
  void nulls() {
    assertPrint(
        Trade.builder("trade_A", 1_754_400_000L, 1, "0xpool").build(),
        "0000000068920500 0000000000000001 ffff ffff"
            + "00000007 ffffffff ffffffff 00000006 74726164655f41 3078706f6f6c",
        "93bb1d8c2c10c578");
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
          "0000000068920500 0000000000000001 0001000000000000 0001 0002000000000001 0001 1388"
              + "00000007 00000000 00000000 00000006 74726164655f41 3078706f6f6c",
          "7cc57caae724ef5b");
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
          "ffffffffffffffff 000000000000000a 0001fffe00000008 0001 0000000000000000"
              + "00000009 ffffffff 00000007 00000003 c3a9222720f09f92b1 4bc3a475666572 e6b1a0",
          "73f8fdcd21274c47");
    }
  }

  @Test
  void attributesFollowInTheirOrder() {
    assertPrint(
        plain().attribute("fee", "0.30").attribute("maker", null).attribute("note", "").build(),
        "0000000068920500 0000000000000001 0001000000000000 0bb8 0001000000000000 0002"
            + "00000007 00000005 00000003 00000006 00000004 ffffffff 00000000"
            + "74726164655f41 3078616263 427579 3078706f6f6c 302e3330",
        "51733202f9df12a3");
  }

  @Test
  void theLargestNumbers() {
    String most = "115792089237316195423570985008687907853269984665640564039457584007913129639935";
    String digits =
        "0014001300000000 000b16a0037c0e931833108b1bba1390"
            + "1adf03110cc5267619a40234018a167e0fa723ab0b9326cf";
    assertPrint(
        Trade.builder("x", Long.MAX_VALUE - 1, 1, "p")
            .price(new BigDecimal(most))
            .quantity(new BigDecimal(most + ".000"))
            .build(),
        "7ffffffffffffffe 0000000000000001"
            + digits
            + digits
            + "00000001 ffffffff ffffffff 00000001 78 70",
        "578d0f453b9f557e");
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0000000000000000",
    "-0.000, 0000000000000000",
    "9999, 0001000000000000 270f",
    "10000, 0001000100000000 0001",
    "-1E+4, 0001000140000000 0001",
    "1E+40, 0001000a00000000 0001",
    "12345678901234567890, 0005000400000000 04d2162e23340d801ed2",
    "100000000.50, 0004000200000001 0001000000001388",
    "12345.000012, 0004000100000006 00010929000004b0",
    "0.3, 0001ffff00000001 0bb8",
    "0.00010, 0001ffff00000004 0001",
    "-0.00012, 0002ffff40000005 000107d0",
    "1E-20, 0001fffb00000014 0001",
    "1E-1000, 0001ff06000003e8 0001"
  })
  void aNumberIsItsDigitsInGroupsOfFour(BigDecimal number, String form) {
    assertThat(HexFormat.of().formatHex(plain().price(number).build().canonicalForm()))
        .startsWith("00000000689205000000000000000001" + form.replace(" ", "") + "0001");
  }

  @Test
  void thePoolsSymbolAndDecimalsAreLeftOut() {
    assertThat(plain().pool("WETH/USDC", 18, 6).build().fingerprint())
        .isEqualTo(plain().build().fingerprint());
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
    trades.forEach(trade -> prints.add(trade.fingerprint()));
    assertThat(prints).hasSameSizeAs(trades);
  }
}
