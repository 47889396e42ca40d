package io.tradesync;

import java.time.Duration;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Checks the values of settings and arguments. Each error names the setting and the value. */
final class SettingChecks {

  private static final Pattern NOT_STORABLE = Pattern.compile("[\\x{0}\\p{Cs}]");

  private SettingChecks() {}

  static <T> T required(String name, @Nullable T value) {
    if (value == null) {
      throw new InvalidSettingException(name, null, "must be set");
    }
    return value;
  }

  /** Checks a text that is stored for people to read. */
  static String text(String name, int max, @Nullable String value) {
    String text = required(name, value);
    check(
        !text.isBlank() && text.length() <= max,
        name,
        text,
        "must have 1 to " + max + " characters");
    storable(name, text);
    return text;
  }

  /** Checks that PostgreSQL can hold a text. */
  static void storable(String name, String text) {
    check(
        !NOT_STORABLE.matcher(text).find(),
        name,
        text,
        "must not contain U+0000 or an unpaired surrogate");
  }

  static int between(String name, int min, int max, int value) {
    check(min <= value && value <= max, name, value, "must be from " + min + " to " + max);
    return value;
  }

  static int atLeast(String name, int min, int value) {
    check(value >= min, name, value, "must be at least " + min);
    return value;
  }

  static Duration atLeast(String name, Duration min, Duration value) {
    check(value.compareTo(min) >= 0, name, value, "must be at least " + min);
    return value;
  }

  static long notNegative(String name, long value) {
    check(value >= 0, name, value, "must not be negative");
    return value;
  }

  static Duration notNegative(String name, Duration value) {
    check(!value.isNegative(), name, value, "must not be negative");
    return value;
  }

  static Duration positive(String name, Duration value) {
    check(!value.isNegative() && !value.isZero(), name, value, "must be positive");
    return value;
  }

  private static void check(boolean valid, String name, Object value, String rule) {
    if (!valid) {
      throw new InvalidSettingException(name, value, rule);
    }
  }
}
