package io.tradesync.redis.internal.format;

import io.tradesync.InvalidSettingException;
import io.tradesync.Trade;
import java.math.BigDecimal;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads and writes the entry format "trade": flat fields named like the columns of the source. */
public final class TradeFields {

  /** The setting that names the columns beside those of every trade. */
  public static final String EXTRA_COLUMNS = "extraColumns";

  private static final String ID = "id";
  private static final String CHAIN_ID = "chain_id";
  private static final String PRICE = "price";
  private static final String QUANTITY = "quantity";
  private static final String TIMESTAMP = "timestamp";
  private static final String TRANSACTION_ID = "transaction_id";
  private static final String SIDE = "side";
  private static final String POOL_ID = "pool_id";

  private static final Set<String> COLUMNS =
      Set.of(ID, CHAIN_ID, PRICE, QUANTITY, TIMESTAMP, TRANSACTION_ID, SIDE, POOL_ID);

  private TradeFields() {}

  public static List<String> checkExtraColumns(List<String> extraColumns) {
    Set<String> taken = new HashSet<>(COLUMNS);
    for (String column : extraColumns) {
      if (!taken.add(column)) {
        throw new InvalidSettingException(
            EXTRA_COLUMNS, column, "must be columns beside those of every trade, each once");
      }
    }
    return extraColumns;
  }

  public static Trade read(Map<String, String> body, List<String> extraColumns) {
    Trade.Builder trade =
        Trade.builder(
                EntryFields.nonEmptyText(body, ID),
                EntryFields.epochSecond(body, TIMESTAMP),
                EntryFields.wholeNumber(body, CHAIN_ID),
                EntryFields.requiredText(body, POOL_ID))
            .price(EntryFields.decimal(body, PRICE))
            .quantity(EntryFields.decimal(body, QUANTITY))
            .transactionId(EntryFields.text(body, TRANSACTION_ID))
            .side(EntryFields.text(body, SIDE));
    extraColumns.forEach(column -> trade.attribute(column, EntryFields.text(body, column)));
    return trade.build();
  }

  /** Refuses a trade that {@link #read} would not accept. */
  public static Map<String, String> write(Trade trade) {
    if (trade.epochSecond() < 0 || trade.epochSecond() > EntryFields.MAX_EPOCH_SECOND) {
      throw new InvalidSettingException(
          TIMESTAMP, trade.epochSecond(), "must be seconds since 1970, not milliseconds");
    }
    Map<String, String> body = new LinkedHashMap<>();
    body.put(ID, trade.id());
    body.put(CHAIN_ID, Long.toString(trade.chainId()));
    putNumber(body, PRICE, trade.price());
    putNumber(body, QUANTITY, trade.quantity());
    body.put(TIMESTAMP, Long.toString(trade.epochSecond()));
    putText(body, TRANSACTION_ID, trade.transactionId());
    putText(body, SIDE, trade.side());
    body.put(POOL_ID, trade.poolId());
    checkExtraColumns(List.copyOf(trade.attributes().keySet()));
    trade.attributes().forEach((column, value) -> putText(body, column, value));
    return body;
  }

  private static void putNumber(
      Map<String, String> body, String field, @Nullable BigDecimal value) {
    if (value == null) {
      return;
    }
    // A number with a huge exponent must be refused before it is written out.
    long length = (long) value.precision() + Math.abs((long) value.scale());
    if (length > EntryFields.MAX_NUMBER_LENGTH - 3) {
      throw new InvalidSettingException(
          field,
          value,
          "must have a plain form of less than " + EntryFields.MAX_NUMBER_LENGTH + " digits");
    }
    body.put(field, value.toPlainString());
  }

  private static void putText(Map<String, String> body, String field, @Nullable String value) {
    if (value != null) {
      body.put(field, value);
    }
  }
}
