package io.tradesync.examples.service.settings;

import io.lettuce.core.RedisURI;
import io.tradesync.InvalidSettingException;
import io.tradesync.Scope;
import io.tradesync.examples.service.log.LogFormat;
import io.tradesync.examples.service.settings.Settings.StreamFormat;
import io.tradesync.jdbc.CandleStorage;
import java.net.URI;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.postgresql.Driver;

/** Reads the values of settings; each error names the setting and says what it must be. */
final class SettingParsers {

  private static final long LAST_SECOND = 100_000_000_000L;
  private static final Pattern PUBLIC_URL =
      Pattern.compile("https?://[A-Za-z0-9.-]+(?::[0-9]{1,5})?(?:/[A-Za-z0-9._~/-]*)?");
  private static final Pattern BEARER_TOKEN = Pattern.compile("[A-Za-z0-9._~+/=-]{8,}");

  private SettingParsers() {}

  static String text(String name, String value) {
    return value;
  }

  static List<String> list(String name, String value) {
    List<String> parts = Stream.of(value.split(",", -1)).map(String::strip).toList();
    if (parts.contains("") || parts.stream().distinct().count() < parts.size()) {
      throw new InvalidSettingException(
          name, value, "must be names separated by commas, each once");
    }
    return parts;
  }

  static List<Long> chains(String name, String value) {
    try {
      return list(name, value).stream().map(Long::valueOf).toList();
    } catch (NumberFormatException e) {
      throw new InvalidSettingException(name, value, "must be whole numbers separated by commas");
    }
  }

  static Setting.Parser<Integer> number(int from, int to) {
    return (name, value) -> {
      try {
        int number = Integer.parseInt(value);
        if (number >= from && number <= to) {
          return number;
        }
      } catch (NumberFormatException e) {
        // The exception below says it.
      }
      throw new InvalidSettingException(
          name, value, "must be a whole number from " + from + " to " + to);
    };
  }

  static Duration duration(String name, String value) {
    try {
      Duration duration = Duration.parse(value);
      if (duration.compareTo(Duration.ofSeconds(1)) >= 0) {
        return duration;
      }
    } catch (DateTimeException e) {
      // The exception below says it.
    }
    throw new InvalidSettingException(
        name, value, "must be an ISO duration of at least one second, such as PT10M");
  }

  static Duration period(String name, String value) {
    try {
      Duration duration = Duration.parse(value);
      if (duration.compareTo(Duration.ofHours(1)) >= 0) {
        return duration;
      }
    } catch (DateTimeException | ArithmeticException e) {
      // The exception below says it.
    }
    throw new InvalidSettingException(
        name, value, "must be an ISO duration of at least an hour, such as P30D");
  }

  static CandleStorage candles(String name, String value) {
    return switch (value.toLowerCase(Locale.ROOT)) {
      case "table" -> CandleStorage.TABLE;
      case "continuous-aggregates" -> CandleStorage.CONTINUOUS_AGGREGATES;
      default ->
          throw new InvalidSettingException(name, value, "must be table or continuous-aggregates");
    };
  }

  static Scope baseline(String name, String value) {
    try {
      Instant baseline =
          value.matches("[0-9]{1,18}")
              ? Instant.ofEpochSecond(Long.parseLong(value))
              : Instant.parse(value);
      if (baseline.getEpochSecond() >= 0 && baseline.getEpochSecond() < LAST_SECOND) {
        return Scope.since(baseline);
      }
    } catch (DateTimeException e) {
      // The exception below says it.
    }
    throw new InvalidSettingException(
        name, value, "must be epoch seconds or an ISO instant, such as 2025-08-05T00:00:00Z");
  }

  static StreamFormat format(String name, String value) {
    return switch (value.toLowerCase(Locale.ROOT)) {
      case "trade" -> StreamFormat.TRADE;
      case "hint" -> StreamFormat.HINT;
      default -> throw new InvalidSettingException(name, value, "must be trade or hint");
    };
  }

  static LogFormat logFormat(String name, String value) {
    return switch (value.toLowerCase(Locale.ROOT)) {
      case "text" -> LogFormat.TEXT;
      case "json" -> LogFormat.JSON;
      default -> throw new InvalidSettingException(name, value, "must be text or json");
    };
  }

  static Boolean bool(String name, String value) {
    return switch (value.toLowerCase(Locale.ROOT)) {
      case "true" -> true;
      case "false" -> false;
      default -> throw new InvalidSettingException(name, value, "must be true or false");
    };
  }

  static String jdbcUrl(String name, String value) {
    if (Driver.parseURL(value, null) == null) {
      throw new InvalidSettingException(
          name, SecretUrls.NOT_SHOWN, "must be like " + Settings.JDBC_URL_EXAMPLE);
    }
    return value;
  }

  static String redisUrl(String name, String value) {
    if (!isRedisUrl(value)) {
      throw new InvalidSettingException(
          name,
          SecretUrls.NOT_SHOWN,
          "must be like redis://:password@host:6379 (write %2F for / in the password, %3F for ?,"
              + " %23 for #, %40 for @)");
    }
    return value;
  }

  private static boolean isRedisUrl(String value) {
    try {
      RedisURI.create(value);
      return SecretUrls.isCertainRedisUrl(value);
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  static URI publicUrl(String name, String value) {
    if (!PUBLIC_URL.matcher(value).matches()) {
      throw new InvalidSettingException(
          name, value, "must be like https://sync.example.com or https://example.com/sync");
    }
    return URI.create(value.replaceFirst("/+$", ""));
  }

  static String token(String name, String value) {
    if (!BEARER_TOKEN.matcher(value).matches()) {
      throw new InvalidSettingException(
          name, "(not shown)", "must be at least 8 letters, digits or any of ._~+/=-");
    }
    return value;
  }
}
