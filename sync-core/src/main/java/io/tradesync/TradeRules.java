package io.tradesync;

import java.math.BigDecimal;
import java.math.MathContext;
import org.jspecify.annotations.Nullable;

/** The rules for the numbers and texts of a trade. Each error names the column and the value. */
final class TradeRules {

  static final int MAX_DIGITS = 1_000;

  private static final MathContext SHORT = new MathContext(10);

  private TradeRules() {}

  /** Returns a number that has at most {@link #MAX_DIGITS} digits before and after its point. */
  static @Nullable BigDecimal number(String name, @Nullable BigDecimal value) {
    // 1E+2000000000 is short as an object and two gigabytes as digits.
    if (value != null && Math.max(value.precision(), Math.abs((long) value.scale())) > MAX_DIGITS) {
      throw new InvalidSettingException(
          name, value.round(SHORT), "must have at most " + MAX_DIGITS + " digits");
    }
    return value;
  }

  /** Returns a text that every database can store; null stays null. */
  static @Nullable String optionalText(String name, @Nullable String value) {
    return value == null ? null : text(name, value);
  }

  /** Returns a text that every database can store. */
  static String text(String name, String value) {
    // PostgreSQL cannot store U+0000, and an unpaired surrogate has no UTF-8 form: either would
    // fail in the middle of a batch, or be stored as something else.
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (c == 0) {
        throw new InvalidSettingException(name, value, "must not hold U+0000");
      }
      if (Character.isHighSurrogate(c)
          && i + 1 < value.length()
          && Character.isLowSurrogate(value.charAt(i + 1))) {
        i++;
      } else if (Character.isSurrogate(c)) {
        throw new InvalidSettingException(name, value, "must not hold an unpaired surrogate");
      }
    }
    return value;
  }

  /** Returns a text that is not empty and that every database can store. */
  static String notEmpty(String name, String value) {
    if (value.isEmpty()) {
      throw new InvalidSettingException(name, value, "must not be empty");
    }
    return text(name, value);
  }

  /** Returns whether two numbers have the same value, so that 1.0 is 1.00. */
  static boolean sameNumber(@Nullable BigDecimal a, @Nullable BigDecimal b) {
    if (a == null || b == null) {
      return a == null && b == null;
    }
    return a.compareTo(b) == 0;
  }
}
