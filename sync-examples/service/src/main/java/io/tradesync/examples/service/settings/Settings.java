package io.tradesync.examples.service.settings;

import io.lettuce.core.RedisURI;
import io.tradesync.InvalidSettingException;
import io.tradesync.Scope;
import io.tradesync.SyncEngineBuilder;
import java.net.InetAddress;
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
 * What the service is told from outside, checked. Each is an environment variable or a system
 * property of the same name; the property wins. An empty value counts as absent.
 *
 * @param ponderJdbcUrl the source's database; null: an embedded one
 * @param ponderSchema the source's schema
 * @param analyticsJdbcUrl the store's database; null: an embedded one
 * @param redisUrl the live path's Redis; null: an embedded one
 * @param streams the streams to consume, or patterns of their keys
 * @param streamFormat what a stream's entries mean
 * @param ponderNotify whether to listen to Ponder's own notifications too
 * @param httpHost where to listen
 * @param httpPort where to listen; 0 for any free port
 * @param batchSize trades a batch
 * @param parallelism batches at the same time
 * @param autoInterval how often to recover by itself; null: never
 * @param auditInterval how often the recovery compares everything
 * @param orphanGrace how long a trade has to be gone before it is retracted
 * @param confirmation the age at which a trade is final where Ponder does not tell
 * @param scope which trades count
 * @param extraColumns columns of the user's own
 * @param apiToken what every POST has to show; null: nothing
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
    @Nullable String apiToken) {

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

  /** What a stream's entries mean. */
  public static final String SYNC_STREAM_FORMAT = "SYNC_STREAM_FORMAT";

  /** Whether to listen to Ponder's own notifications too. */
  public static final String SYNC_PONDER_NOTIFY = "SYNC_PONDER_NOTIFY";

  /** Where to listen. */
  public static final String SYNC_HTTP_HOST = "SYNC_HTTP_HOST";

  /** Where to listen. */
  public static final String SYNC_HTTP_PORT = "SYNC_HTTP_PORT";

  /** Trades a batch. */
  public static final String SYNC_BATCH_SIZE = "SYNC_BATCH_SIZE";

  /** Batches at the same time. */
  public static final String SYNC_PARALLELISM = "SYNC_PARALLELISM";

  /** How often to recover by itself. */
  public static final String SYNC_AUTO_INTERVAL = "SYNC_AUTO_INTERVAL";

  /** How often the recovery compares everything. */
  public static final String SYNC_AUDIT_INTERVAL = "SYNC_AUDIT_INTERVAL";

  /** How long a trade has to be gone before it is retracted. */
  public static final String SYNC_ORPHAN_GRACE = "SYNC_ORPHAN_GRACE";

  /** The age at which a trade is final where Ponder does not tell. */
  public static final String SYNC_CONFIRMATION = "SYNC_CONFIRMATION";

  /** Since when trades count. */
  public static final String SYNC_BASELINE = "SYNC_BASELINE";

  /** Columns of the user's own. */
  public static final String SYNC_EXTRA_COLUMNS = "SYNC_EXTRA_COLUMNS";

  /** What every POST has to show. */
  public static final String SYNC_API_TOKEN = "SYNC_API_TOKEN";

  private static final long LAST_SECOND = 100_000_000_000L;
  private static final Pattern CREDENTIALS = Pattern.compile("//[^/?#]*@");
  private static final Pattern BEARER_TOKEN = Pattern.compile("[A-Za-z0-9._~+/=-]{8,}");

  /** What a stream's entries mean. */
  public enum StreamFormat {
    /** Each entry is a whole trade. */
    TRADE,
    /** Each entry says that there is something new at the source. */
    HINT
  }

  /**
   * Reads the settings of this process.
   *
   * @return the settings
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
   * @param source gives a setting's value, or null
   * @return the settings
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
        reader.yesOrNo(SYNC_PONDER_NOTIFY),
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
        token);
  }

  /**
   * A URL as it may be shown: without user, password and parameters.
   *
   * @param url the URL
   * @return what is no secret
   */
  public static String withoutSecrets(String url) {
    int parameters = url.indexOf('?');
    String shown = parameters < 0 ? url : url.substring(0, parameters);
    return CREDENTIALS.matcher(shown).replaceAll("//***@");
  }

  /** Tells whether a host is this machine's own, so that nobody else can reach it. */
  public static boolean isLoopback(String host) {
    try {
      return InetAddress.getByName(host).isLoopbackAddress();
    } catch (UnknownHostException e) {
      throw new InvalidSettingException(
          SYNC_HTTP_HOST, host, "must be a name or an address of this machine");
    }
  }

  /** Shows no secret. */
  @Override
  public String toString() {
    return "Settings[" + httpHost + ":" + httpPort + "]";
  }

  private record Reader(UnaryOperator<@Nullable String> source) {

    @Nullable String optional(String name) {
      String value = source.apply(name);
      return value == null || value.isBlank() ? null : value.strip();
    }

    String text(String name, String byDefault) {
      String value = optional(name);
      return value == null ? byDefault : value;
    }

    List<String> list(String name, String byDefault) {
      String value = text(name, byDefault);
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

    int number(String name, int byDefault, int from, int to) {
      String value = optional(name);
      if (value == null) {
        return byDefault;
      }
      try {
        int number = Integer.parseInt(value);
        if (number >= from && number <= to) {
          return number;
        }
      } catch (NumberFormatException e) {
        // Said below.
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
        // Said below.
      }
      throw new InvalidSettingException(
          name, value, "must be an ISO duration of at least one second, such as PT10M");
    }

    Duration duration(String name, Duration byDefault) {
      Duration value = duration(name);
      return value == null ? byDefault : value;
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
        // Said below.
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

    boolean yesOrNo(String name) {
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
            name,
            withoutSecrets(value),
            "must be like jdbc:postgresql://host:5432/database?user=name&password=secret");
      }
      return value;
    }

    @Nullable String redisUrl(String name) {
      String value = optional(name);
      if (value == null) {
        return null;
      }
      try {
        RedisURI.create(value);
        return value;
      } catch (IllegalArgumentException e) {
        throw new InvalidSettingException(
            name, withoutSecrets(value), "must be like redis://:password@host:6379");
      }
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
