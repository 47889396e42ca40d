package io.tradesync.redis.internal.client;

import io.tradesync.InvalidSettingException;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Checks the values of settings. */
public final class SettingChecks {

  private SettingChecks() {}

  public static <T> T required(String name, @Nullable T value) {
    if (value == null) {
      throw new InvalidSettingException(name, null, "must be set");
    }
    return value;
  }

  public static String text(String name, @Nullable String value) {
    if (value == null || value.isEmpty()) {
      throw new InvalidSettingException(name, value, "must not be empty");
    }
    return value;
  }

  public static List<String> keys(String name, List<String> values) {
    boolean distinct = new HashSet<>(values).size() == values.size();
    if (values.isEmpty() || values.contains("") || !distinct) {
      throw new InvalidSettingException(
          name, values, "must be one or several keys, none empty and none twice");
    }
    return values;
  }

  public static Duration between(
      String name, Duration value, Duration min, @Nullable Duration max) {
    if (value.compareTo(min) < 0 || (max != null && value.compareTo(max) > 0)) {
      String range = max == null ? "at least " + min : "from " + min + " to " + max;
      throw new InvalidSettingException(name, value, "must be " + range);
    }
    return value;
  }
}
