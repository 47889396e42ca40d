package io.tradesync.redis.internal.format;

import io.tradesync.spi.Hint;
import java.util.Map;

/** Reads the entry format "hint", which order-book indexers publish. */
public final class HintFields {

  private static final String TIMESTAMP = "timestamp";
  private static final String TRANSACTION = "tradeId";

  private HintFields() {}

  public static Hint read(Map<String, String> body) {
    return new Hint(
        EntryFields.epochSecond(body, TIMESTAMP), EntryFields.nonEmptyText(body, TRANSACTION));
  }
}
