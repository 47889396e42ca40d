package io.tradesync.redis;

import io.tradesync.TradesyncException;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** A stream entry that makes no sense; says which field is wrong and what it holds. */
public final class MalformedEntryException extends TradesyncException {

  private static final long serialVersionUID = 1L;

  private static final int SHOWN_CHARACTERS = 100;
  private static final Pattern CONTROL = Pattern.compile("\\p{Cntrl}");

  /** The field. */
  private final String field;

  /** The value. */
  private final @Nullable String value;

  /**
   * Makes an exception.
   *
   * @param field the field's name in the entry
   * @param value what the field holds, or null if it is absent; the message shows its beginning
   * @param rule what the field must be, as the end of a sentence: {@code must be a whole number}
   */
  public MalformedEntryException(String field, @Nullable String value, String rule) {
    super("field " + field + " " + rule + ", but " + shown(value));
    this.field = field;
    this.value = value;
  }

  /**
   * The field that is wrong.
   *
   * @return the field's name in the entry
   */
  public String field() {
    return field;
  }

  /**
   * What the field holds.
   *
   * @return the value, or null if the field is absent
   */
  public @Nullable String value() {
    return value;
  }

  private static String shown(@Nullable String value) {
    if (value == null) {
      return "is absent";
    }
    return (value.length() > SHOWN_CHARACTERS ? "begins with: " : "is: ")
        + oneLine(value, SHOWN_CHARACTERS);
  }

  /** The beginning of a text as one line in the log, whatever somebody wrote into the stream. */
  public static String oneLine(String text, int atMost) {
    return CONTROL.matcher(text.substring(0, Math.min(text.length(), atMost))).replaceAll("?");
  }
}
