package io.tradesync.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.tradesync.InvalidSettingException;
import io.tradesync.Trade;
import io.tradesync.spi.Hint;
import java.math.BigDecimal;
import java.util.AbstractMap.SimpleEntry;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EntryDecoderTest {

  private final Map<String, String> body = new LinkedHashMap<>();

  private static Decoded decode(EntryDecoder decoder, Map<String, String> body) {
    return decoder.decode("trades", "1-1", body);
  }

  private Trade trade(String... extraColumns) {
    return ((Decoded.Whole) decode(EntryDecoder.trades(extraColumns), body)).trade();
  }

  private void fillTrade() {
    body.put("id", "0xa-1");
    body.put("chain_id", "8453");
    body.put("timestamp", "1754400000");
    body.put("pool_id", "0xpool");
  }

  private void fillHint() {
    body.putAll(
        Map.of(
            "symbol", "mwethmusdc",
            "price", "3000",
            "quantity", "2",
            "timestamp", "1754400000",
            "userId", "0xuser",
            "side", "buy",
            "tradeId", "0xhash",
            "orderId", "7",
            "makerOrderId", "6",
            "chainId", "31337"));
  }

  private void assertRefused(EntryDecoder decoder, String message) {
    assertThatExceptionOfType(MalformedEntryException.class)
        .isThrownBy(() -> decode(decoder, body))
        .withMessage(message);
  }

  @Test
  void aTradeHasItsColumnsFromTheFieldsOfTheirNames() {
    fillTrade();
    body.put("price", "3000.25");
    body.put("quantity", "2");
    body.put("transaction_id", "0xtx");
    body.put("side", "Buy");
    body.put("unknown", "left aside");
    assertThat(trade())
        .isEqualTo(
            Trade.builder("0xa-1", 1_754_400_000L, 8453, "0xpool")
                .price(new BigDecimal("3000.25"))
                .quantity(new BigDecimal("2"))
                .transactionId("0xtx")
                .side("Buy")
                .build());
  }

  @Test
  void whatIsAbsentIsNull() {
    fillTrade();
    assertThat(trade()).isEqualTo(Trade.builder("0xa-1", 1_754_400_000L, 8453, "0xpool").build());
  }

  @Test
  void extraColumnsAreAttributesInTheOrderInWhichTheyWereNamed() {
    fillTrade();
    body.put("maker", "0xm");
    body.put("fee", "3");
    assertThat(trade("fee", "rebate", "maker").attributes())
        .containsExactly(
            Map.entry("fee", "3"), new SimpleEntry<>("rebate", null), Map.entry("maker", "0xm"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"price", "id", "pool_id"})
  void anExtraColumnIsNotOneThatEveryTradeHas(String column) {
    assertThatExceptionOfType(InvalidSettingException.class)
        .isThrownBy(() -> EntryDecoder.trades(column))
        .withMessageContaining("extraColumns")
        .withMessageContaining(column);
  }

  @Test
  void anExtraColumnIsNamedOnce() {
    assertThatExceptionOfType(InvalidSettingException.class)
        .isThrownBy(() -> EntryDecoder.trades("fee", "fee"))
        .withMessageContaining("fee");
  }

  @ParameterizedTest
  @ValueSource(strings = {"id", "chain_id", "timestamp", "pool_id"})
  void aTradeWithoutWhatItNeedsIsRefused(String field) {
    fillTrade();
    body.remove(field);
    assertRefused(EntryDecoder.trades(), "field " + field + " must be there, but is absent");
  }

  @ParameterizedTest
  @CsvSource({
    "id, '', 'must not be empty, but is: '",
    "chain_id, one, 'must be a whole number of 64 bits, but is: one'",
    "chain_id, 9223372036854775808, 'must be a whole number of 64 bits, but is:"
        + " 9223372036854775808'",
    "timestamp, 1754400000000, 'must be seconds since 1970, not milliseconds, but is:"
        + " 1754400000000'",
    "timestamp, -1, 'must be seconds since 1970, not milliseconds, but is: -1'",
    "timestamp, 1754400000.5, 'must be a whole number of 64 bits, but is: 1754400000.5'",
    "price, '', 'must be a plain decimal number, or absent where there is none, but is: '",
    "price, null, 'must be a plain decimal number, or absent where there is none, but is: null'",
    "price, 1e3, 'must be a plain decimal number, or absent where there is none, but is: 1e3'",
    "quantity, NaN, 'must be a plain decimal number, or absent where there is none, but is: NaN'",
    "quantity, ' 1', 'must be a plain decimal number, or absent where there is none, but is:  1'",
  })
  void aRefusalNamesTheFieldAndTheValue(String field, String value, String rule) {
    fillTrade();
    body.put(field, value);
    assertRefused(EntryDecoder.trades(), "field " + field + " " + rule);
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "-5", "0.10", "-0.5", "007.50"})
  void aPlainDecimalNumberIsTakenAsItIs(String number) {
    fillTrade();
    body.put("price", number);
    assertThat(trade().price()).isEqualTo(new BigDecimal(number));
  }

  @ParameterizedTest
  @ValueSource(strings = {"-", ".", "5.", ".5", "+5", "--5", "5-", "1.2.3", "1,5", "0x1", "\u0665"})
  void anyOtherNumberIsRefused(String number) {
    fillTrade();
    body.put("price", number);
    assertRefused(
        EntryDecoder.trades(),
        "field price must be a plain decimal number, or absent where there is none, but is: "
            + number);
  }

  @ParameterizedTest
  @ValueSource(strings = {"-", "+1", "1.0", "1 ", "00000000000000000001", "\u0665"})
  void aWholeNumberHasDigitsOnly(String number) {
    fillTrade();
    body.put("chain_id", number);
    assertRefused(
        EntryDecoder.trades(),
        "field chain_id must be a whole number of 64 bits, but is: " + number);
  }

  @ParameterizedTest
  @ValueSource(strings = {"\uD83D", "\uDE00", "a\uDE00\uD83D", "\uD83Dx", "\uD83D\uD83D\uDE00"})
  void aTextThatIsNotUtf8IsRefused(String text) {
    fillTrade();
    body.put("side", text);
    assertThatExceptionOfType(MalformedEntryException.class)
        .isThrownBy(this::trade)
        .withMessageStartingWith("field side must be UTF-8");
  }

  @Test
  void aTextMayHoldAnyOtherCharacter() {
    fillTrade();
    body.put("side", "\uD83D\uDE00 \uFFFD\u00E4");
    assertThat(trade().side()).isEqualTo("\uD83D\uDE00 \uFFFD\u00E4");
  }

  @Test
  void aRefusalIsOneShortLineWhateverTheValue() {
    fillTrade();
    body.put("price", "1\nERROR forged" + "9".repeat(5_000));
    assertThatExceptionOfType(MalformedEntryException.class)
        .isThrownBy(this::trade)
        .satisfies(e -> assertThat(e.getMessage()).hasSizeLessThan(250).hasLineCount(1))
        .satisfies(e -> assertThat(e.field()).isEqualTo("price"))
        .satisfies(e -> assertThat(e.value()).isEqualTo(body.get("price")));
  }

  @Test
  void aNumberOfAnyLengthDoesNotKeepTheParserBusy() {
    fillTrade();
    body.put("price", "9".repeat(1_000_000));
    assertThatExceptionOfType(MalformedEntryException.class).isThrownBy(this::trade);
  }

  @Test
  void whatNoDatabaseHoldsIsRefused() {
    fillTrade();
    body.put("side", "B\0y");
    assertRefused(EntryDecoder.trades(), "field side must not hold U+0000, but is: B?y");
  }

  @Test
  void aHintIsTheTimeAndTheTransactionOfWhatTheIndexerPublishes() {
    fillHint();
    assertThat(decode(EntryDecoder.hints(), body))
        .isEqualTo(new Decoded.Hinted(new Hint(1_754_400_000L, "0xhash")));
  }

  @Test
  void aHintInMillisecondsIsRefused() {
    fillHint();
    body.put("timestamp", "1754400000000");
    assertRefused(
        EntryDecoder.hints(),
        "field timestamp must be seconds since 1970, not milliseconds, but is: 1754400000000");
  }

  @ParameterizedTest
  @ValueSource(strings = {"timestamp", "tradeId"})
  void aHintWithoutWhatItNeedsIsRefused(String field) {
    fillHint();
    body.remove(field);
    assertRefused(EntryDecoder.hints(), "field " + field + " must be there, but is absent");
  }

  @Test
  void aHintOfAnEmptyTransactionIsRefusedAtOnceAndNotWaitedFor() {
    fillHint();
    body.put("tradeId", "");
    assertRefused(EntryDecoder.hints(), "field tradeId must not be empty, but is: ");
  }
}
