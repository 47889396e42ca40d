package io.tradesync.redis;

import io.tradesync.spi.Hint;
import java.util.Map;

/** The entry format "hint": what order-book indexers publish of a trade. */
final class HintFields {

  private static final String TIMESTAMP = "timestamp";
  private static final String TRANSACTION = "tradeId";

  private HintFields() {}

  static Hint read(Map<String, String> body) {
    return new Hint(Fields.epochSecond(body, TIMESTAMP), Fields.nonEmptyText(body, TRANSACTION));
  }
}
