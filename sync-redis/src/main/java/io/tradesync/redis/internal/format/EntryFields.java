package io.tradesync.redis.internal.format;

import io.tradesync.redis.MalformedEntryException;
import java.math.BigDecimal;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads values from an entry's fields. An exception names the field that is wrong. */
final class EntryFields {

  /** A larger time can only be milliseconds; the engine has the same limit. */
  static final long MAX_EPOCH_SECOND = 100_000_000_000L;

  /** Far more digits than a trade needs, and too few to keep a parser busy. */
  static final int MAX_NUMBER_LENGTH = 1_000;

  private static final Pattern WHOLE = Pattern.compile("-?[0-9]{1,19}");
  private static final Pattern DECIMAL = Pattern.compile("-?[0-9]+(\\.[0-9]+)?");

  private EntryFields() {}

  static String requiredText(Map<String, String> body, String field) {
    String value = text(body, field);
    if (value == null) {
      throw new MalformedEntryException(field, null, "must be there");
    }
    return value;
  }

  static String nonEmptyText(Map<String, String> body, String field) {
    String value = requiredText(body, field);
    if (value.isEmpty()) {
      throw new MalformedEntryException(field, value, "must not be empty");
    }
    return value;
  }

  static @Nullable String text(Map<String, String> body, String field) {
    String value = body.get(field);
    if (value != null && value.indexOf('\0') >= 0) {
      throw new MalformedEntryException(field, value, "must not hold U+0000");
    }
    // Bytes that are not UTF-8 were read as unpaired surrogates.
    if (value != null && value.codePoints().anyMatch(EntryFields::isUnpairedSurrogate)) {
      throw new MalformedEntryException(field, value, "must be UTF-8");
    }
    return value;
  }

  private static boolean isUnpairedSurrogate(int codePoint) {
    return codePoint >= Character.MIN_SURROGATE && codePoint <= Character.MAX_SURROGATE;
  }

  static long wholeNumber(Map<String, String> body, String field) {
    String value = requiredText(body, field);
    if (WHOLE.matcher(value).matches()) {
      try {
        return Long.parseLong(value);
      } catch (NumberFormatException e) {
        // Nineteen digits can exceed 64 bits; the exception below says so.
      }
    }
    throw new MalformedEntryException(field, value, "must be a whole number of 64 bits");
  }

  static long epochSecond(Map<String, String> body, String field) {
    long second = wholeNumber(body, field);
    if (second < 0 || second > MAX_EPOCH_SECOND) {
      throw new MalformedEntryException(
          field, String.valueOf(second), "must be seconds since 1970, not milliseconds");
    }
    return second;
  }

  static @Nullable BigDecimal decimal(Map<String, String> body, String field) {
    String value = body.get(field);
    if (value == null) {
      return null;
    }
    if (value.length() > MAX_NUMBER_LENGTH || !DECIMAL.matcher(value).matches()) {
      throw new MalformedEntryException(
          field, value, "must be a plain decimal number, or absent where there is none");
    }
    return new BigDecimal(value);
  }
}
