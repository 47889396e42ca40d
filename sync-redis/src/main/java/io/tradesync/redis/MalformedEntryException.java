package io.tradesync.redis;

import io.tradesync.TradesyncException;
import io.tradesync.redis.internal.format.OneLine;
import org.jspecify.annotations.Nullable;

/** Says which field of a stream entry makes no sense, and what the field holds. */
public final class MalformedEntryException extends TradesyncException {

  private static final long serialVersionUID = 1L;

  private static final int SHOWN_CHARACTERS = 100;

  private final String field;
  private final @Nullable String value;

  /**
   * Creates an exception, whose message shows the beginning of the value.
   *
   * @param value the field's value; null if the field is absent
   * @param rule the rule that the field breaks, as the end of a sentence: {@code must be a whole
   *     number}
   */
  public MalformedEntryException(String field, @Nullable String value, String rule) {
    super("field " + field + " " + rule + ", but " + shown(value));
    this.field = field;
    this.value = value;
  }

  /** The name of the field in the entry. */
  public String field() {
    return field;
  }

  /** The field's value; null if the field is absent. */
  public @Nullable String value() {
    return value;
  }

  private static String shown(@Nullable String value) {
    if (value == null) {
      return "is absent";
    }
    return (value.length() > SHOWN_CHARACTERS ? "begins with: " : "is: ")
        + OneLine.of(value, SHOWN_CHARACTERS);
  }
}
