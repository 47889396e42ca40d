package io.tradesync.redis.internal.format;

import io.tradesync.redis.MalformedEntryException;
import java.math.BigDecimal;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads values from an entry's fields. An exception names the field that is wrong. */
final class EntryFields {

  /** A larger time can only be milliseconds; the engine has the same limit. */
  static final long MAX_EPOCH_SECOND = 100_000_000_000L;

  /** Far more digits than a trade needs, and too few to keep a parser busy. */
  static final int MAX_NUMBER_LENGTH = 1_000;

  private static final int MAX_WHOLE_DIGITS = 19;

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
    if (value == null) {
      return null;
    }
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (c == '\0') {
        throw new MalformedEntryException(field, value, "must not hold U+0000");
      }
      if (Character.isSurrogate(c)) {
        // Bytes that are not UTF-8 were read as unpaired surrogates.
        if (!Character.isSurrogatePair(c, i + 1 < value.length() ? value.charAt(i + 1) : c)) {
          throw new MalformedEntryException(field, value, "must be UTF-8");
        }
        i++;
      }
    }
    return value;
  }

  static long wholeNumber(Map<String, String> body, String field) {
    String value = requiredText(body, field);
    if (isWhole(value)) {
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
    if (value.length() > MAX_NUMBER_LENGTH || !isDecimal(value)) {
      throw new MalformedEntryException(
          field, value, "must be a plain decimal number, or absent where there is none");
    }
    return new BigDecimal(value);
  }

  private static boolean isWhole(String value) {
    int first = firstDigit(value);
    int end = endOfDigits(value, first);
    return end == value.length() && end > first && end - first <= MAX_WHOLE_DIGITS;
  }

  private static boolean isDecimal(String value) {
    int first = firstDigit(value);
    int point = endOfDigits(value, first);
    if (point == first || point == value.length()) {
      return point > first;
    }
    int end = endOfDigits(value, point + 1);
    return value.charAt(point) == '.' && end == value.length() && end > point + 1;
  }

  private static int firstDigit(String value) {
    return value.startsWith("-") ? 1 : 0;
  }

  private static int endOfDigits(String value, int from) {
    int end = from;
    while (end < value.length() && value.charAt(end) >= '0' && value.charAt(end) <= '9') {
      end++;
    }
    return end;
  }
}
