package io.tradesync.examples.service.settings;

import io.lettuce.core.RedisURI;
import io.tradesync.InvalidSettingException;
import io.tradesync.Scope;
import io.tradesync.SyncEngineBuilder;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.postgresql.Driver;

/**
 * The settings of the service, checked. Each is an environment variable or a system property of the
 * same name; the property wins. An empty value counts as absent.
 *
 * @param ponderJdbcUrl the database of the source; null for an embedded one
 * @param ponderSchema the schema of the source
 * @param analyticsJdbcUrl the database of the store; null for an embedded one
 * @param redisUrl the Redis of the live feed; null for an embedded one
 * @param streams the streams to consume, or patterns of their keys
 * @param streamFormat the meaning of the entries of a stream
 * @param ponderNotify whether the service also listens to Ponder's notifications
 * @param httpHost the address on which the service listens
 * @param httpPort the port on which the service listens; 0 for any free port
 * @param batchSize trades per batch
 * @param parallelism batches at the same time
 * @param autoInterval the interval of automatic runs; null for none
 * @param auditInterval the interval of audits
 * @param orphanGrace the grace period of orphans
 * @param confirmation the age at which a trade is final if Ponder's checkpoint cannot be read
 * @param scope the trades that count
 * @param extraColumns further columns of the user
 * @param healthInterval how often the gauges are refreshed
 * @param publicUrl the URL by which browsers reach the service through a reverse proxy, without a
 *     slash at its end; null if there is no proxy
 * @param apiToken the token that every POST must carry; null if none is needed
 */
public record Settings(
    @Nullable String ponderJdbcUrl,
    String ponderSchema,
    @Nullable String analyticsJdbcUrl,
    @Nullable String redisUrl,
    List<String> streams,
    StreamFormat streamFormat,
    boolean ponderNotify,
    String httpHost,
    int httpPort,
    int batchSize,
    int parallelism,
    @Nullable Duration autoInterval,
    Duration auditInterval,
    Duration orphanGrace,
    Duration confirmation,
    Scope scope,
    List<String> extraColumns,
    Duration healthInterval,
    @Nullable URI publicUrl,
    @Nullable String apiToken) {

  /** The default of {@link #SYNC_HEALTH_INTERVAL}. */
  public static final Duration DEFAULT_HEALTH_INTERVAL = Duration.ofSeconds(30);

  /** The source's database. */
  public static final String PONDER_JDBC_URL = "PONDER_JDBC_URL";

  /** The source's schema. */
  public static final String PONDER_SCHEMA = "PONDER_SCHEMA";

  /** The store's database. */
  public static final String ANALYTICS_JDBC_URL = "ANALYTICS_JDBC_URL";

  /** The live path's Redis. */
  public static final String REDIS_URL = "REDIS_URL";

  /** The streams to consume. */
  public static final String SYNC_STREAM = "SYNC_STREAM";

  /** The meaning of the entries of a stream. */
  public static final String SYNC_STREAM_FORMAT = "SYNC_STREAM_FORMAT";

  /** Whether the service also listens to Ponder's notifications. */
  public static final String SYNC_PONDER_NOTIFY = "SYNC_PONDER_NOTIFY";

  /** The address on which the service listens. */
  public static final String SYNC_HTTP_HOST = "SYNC_HTTP_HOST";

  /** The port on which the service listens. */
  public static final String SYNC_HTTP_PORT = "SYNC_HTTP_PORT";

  /** Trades a batch. */
  public static final String SYNC_BATCH_SIZE = "SYNC_BATCH_SIZE";

  /** Batches at the same time. */
  public static final String SYNC_PARALLELISM = "SYNC_PARALLELISM";

  /** The interval of automatic runs. */
  public static final String SYNC_AUTO_INTERVAL = "SYNC_AUTO_INTERVAL";

  /** The interval of audits. */
  public static final String SYNC_AUDIT_INTERVAL = "SYNC_AUDIT_INTERVAL";

  /** The grace period of orphans. */
  public static final String SYNC_ORPHAN_GRACE = "SYNC_ORPHAN_GRACE";

  /** The age at which a trade is final if Ponder's checkpoint cannot be read. */
  public static final String SYNC_CONFIRMATION = "SYNC_CONFIRMATION";

  /** The time from which trades count. */
  public static final String SYNC_BASELINE = "SYNC_BASELINE";

  /** Further columns of the user. */
  public static final String SYNC_EXTRA_COLUMNS = "SYNC_EXTRA_COLUMNS";

  /** How often the gauges are refreshed. */
  public static final String SYNC_HEALTH_INTERVAL = "SYNC_HEALTH_INTERVAL";

  /** The URL by which browsers reach the service through a reverse proxy. */
  public static final String SYNC_PUBLIC_URL = "SYNC_PUBLIC_URL";

  /** The token that every POST must carry. */
  public static final String SYNC_API_TOKEN = "SYNC_API_TOKEN";

  /** A JDBC URL as messages show it to users whose own one cannot be shown. */
  public static final String JDBC_URL_EXAMPLE =
      "jdbc:postgresql://host:5432/database?user=name&password=secret";

  private static final long LAST_SECOND = 100_000_000_000L;
  private static final Pattern PUBLIC_URL =
      Pattern.compile("https?://[A-Za-z0-9.-]+(?::[0-9]{1,5})?(?:/[A-Za-z0-9._~/-]*)?");
  private static final Pattern BEARER_TOKEN = Pattern.compile("[A-Za-z0-9._~+/=-]{8,}");

  /** The meaning of the entries of a stream. */
  public enum StreamFormat {
    /** Each entry is a whole trade. */
    TRADE,
    /** Each entry says that there is something new at the source. */
    HINT
  }

  /**
   * Reads the settings of this process.
   *
   * @throws InvalidSettingException if one cannot be used
   */
  public static Settings fromEnvironment() {
    return from(
        name -> {
          String property = System.getProperty(name);
          return property != null ? property : System.getenv(name);
        });
  }

  /**
   * Reads settings.
   *
   * @param source returns the value of a setting, or null
   * @throws InvalidSettingException if one cannot be used
   */
  public static Settings from(UnaryOperator<@Nullable String> source) {
    Reader reader = new Reader(source);
    String host = reader.text(SYNC_HTTP_HOST, "127.0.0.1");
    String token = reader.token(SYNC_API_TOKEN);
    if (token == null && !isLoopback(host)) {
      throw new InvalidSettingException(
          SYNC_HTTP_HOST,
          host,
          "can be reached by others, so "
              + SYNC_API_TOKEN
              + " must be set, or it must be 127.0.0.1");
    }
    return new Settings(
        reader.jdbcUrl(PONDER_JDBC_URL),
        reader.text(PONDER_SCHEMA, "public"),
        reader.jdbcUrl(ANALYTICS_JDBC_URL),
        reader.redisUrl(REDIS_URL),
        reader.list(SYNC_STREAM, "trades"),
        reader.format(SYNC_STREAM_FORMAT),
        reader.bool(SYNC_PONDER_NOTIFY),
        host,
        reader.number(SYNC_HTTP_PORT, 42091, 0, 65_535),
        reader.number(SYNC_BATCH_SIZE, 50, 1, 10_000),
        reader.number(SYNC_PARALLELISM, 4, 1, 64),
        reader.duration(SYNC_AUTO_INTERVAL),
        reader.duration(SYNC_AUDIT_INTERVAL, SyncEngineBuilder.DEFAULT_AUDIT_INTERVAL),
        reader.duration(SYNC_ORPHAN_GRACE, SyncEngineBuilder.DEFAULT_ORPHAN_GRACE),
        reader.duration(SYNC_CONFIRMATION, SyncEngineBuilder.DEFAULT_CONFIRMATION),
        reader.scope(SYNC_BASELINE),
        reader.list(SYNC_EXTRA_COLUMNS, ""),
        reader.duration(SYNC_HEALTH_INTERVAL, DEFAULT_HEALTH_INTERVAL),
        reader.publicUrl(SYNC_PUBLIC_URL),
        token);
  }

  /** Returns whether a host is a loopback address, which no other machine can reach. */
  public static boolean isLoopback(String host) {
    try {
      return InetAddress.getByName(host).isLoopbackAddress();
    } catch (UnknownHostException e) {
      throw new InvalidSettingException(
          SYNC_HTTP_HOST, host, "must be a name or an address of this machine");
    }
  }

  /** Contains no secret. */
  @Override
  public String toString() {
    return "Settings[" + httpHost + ":" + httpPort + "]";
  }

  private record Reader(UnaryOperator<@Nullable String> source) {

    @Nullable String optional(String name) {
      String value = source.apply(name);
      return value == null || value.isBlank() ? null : value.strip();
    }

    String text(String name, String defaultValue) {
      String value = optional(name);
      return value == null ? defaultValue : value;
    }

    List<String> list(String name, String defaultValue) {
      String value = text(name, defaultValue);
      List<String> parts = Stream.of(value.split(",", -1)).map(String::strip).toList();
      if (value.isEmpty()) {
        return List.of();
      }
      if (parts.contains("") || parts.stream().distinct().count() < parts.size()) {
        throw new InvalidSettingException(
            name, value, "must be names separated by commas, each once");
      }
      return parts;
    }

    int number(String name, int defaultValue, int from, int to) {
      String value = optional(name);
      if (value == null) {
        return defaultValue;
      }
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
    }

    @Nullable Duration duration(String name) {
      String value = optional(name);
      if (value == null) {
        return null;
      }
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

    Duration duration(String name, Duration defaultValue) {
      Duration value = duration(name);
      return value == null ? defaultValue : value;
    }

    Scope scope(String name) {
      String value = optional(name);
      if (value == null) {
        return Scope.all();
      }
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

    StreamFormat format(String name) {
      String value = text(name, "trade");
      return switch (value.toLowerCase(Locale.ROOT)) {
        case "trade" -> StreamFormat.TRADE;
        case "hint" -> StreamFormat.HINT;
        default -> throw new InvalidSettingException(name, value, "must be trade or hint");
      };
    }

    boolean bool(String name) {
      String value = text(name, "false");
      return switch (value.toLowerCase(Locale.ROOT)) {
        case "true" -> true;
        case "false" -> false;
        default -> throw new InvalidSettingException(name, value, "must be true or false");
      };
    }

    @Nullable String jdbcUrl(String name) {
      String value = optional(name);
      if (value != null && Driver.parseURL(value, null) == null) {
        throw new InvalidSettingException(
            name, SecretUrls.NOT_SHOWN, "must be like " + JDBC_URL_EXAMPLE);
      }
      return value;
    }

    @Nullable String redisUrl(String name) {
      String value = optional(name);
      if (value != null && !isRedisUrl(value)) {
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

    @Nullable URI publicUrl(String name) {
      String value = optional(name);
      if (value == null) {
        return null;
      }
      if (!PUBLIC_URL.matcher(value).matches()) {
        throw new InvalidSettingException(
            name, value, "must be like https://sync.example.com or https://example.com/sync");
      }
      return URI.create(value.replaceFirst("/+$", ""));
    }

    @Nullable String token(String name) {
      String value = optional(name);
      if (value != null && !BEARER_TOKEN.matcher(value).matches()) {
        throw new InvalidSettingException(
            name, "(not shown)", "must be at least 8 letters, digits or any of ._~+/=-");
      }
      return value;
    }
  }
}
