package io.tradesync.spi;

import io.tradesync.Keyed;
import io.tradesync.TradeKey;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A row of the source that has a key and is no trade. It costs only itself: the engine lists it
 * among the failed trades, counts it as an error, and leaves it alone until its hash changes. If
 * its key was processed before, the store keeps what was processed. Immutable.
 *
 * @param key the row's key
 * @param column the source's name of the first column that no trade can hold
 * @param value the column's value as text, cut to {@link #MAX_VALUE} characters; null if it is null
 * @param reason why no trade can hold the value, as the end of a sentence: {@code is null}
 * @param rowHash a hash of the whole row. The source computes it in the same way in every answer,
 *     also for {@link TradeSource#digests}, where it takes the place of the fingerprint
 */
public record UnreadableRow(
    TradeKey key, String column, @Nullable String value, String reason, long rowHash)
    implements Keyed {

  /** The maximum number of characters of {@link #value()}. */
  public static final int MAX_VALUE = 100;

  /** Cuts the value. */
  public UnreadableRow {
    Objects.requireNonNull(key, "key");
    Objects.requireNonNull(column, "column");
    Objects.requireNonNull(reason, "reason");
    if (value != null && value.codePointCount(0, value.length()) > MAX_VALUE) {
      value = value.substring(0, value.offsetByCodePoints(0, MAX_VALUE));
    }
  }

  /** Returns the column, the value and the reason in one sentence. */
  public String message() {
    return value == null ? column + " " + reason : column + " " + value + " " + reason;
  }
}
