package io.tradesync.examples.service.settings;

import static java.util.Objects.requireNonNullElse;

import io.tradesync.InvalidSettingException;
import io.tradesync.Scope;
import io.tradesync.SyncEngineBuilder;
import io.tradesync.examples.service.log.LogFormat;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The settings of the service, checked. Each is an environment variable, a system property of the
 * same name, or a line of a file; the property wins over the variable, and both win over the file.
 * An empty value counts as absent.
 *
 * @param ponderJdbcUrl the database of the source; null for an embedded one
 * @param ponderSchema the schema of the source
 * @param analyticsJdbcUrl the database of the store; null for an embedded one
 * @param redisUrl the Redis of the live feed; null for an embedded one
 * @param streams the streams to consume, or patterns of their keys
 * @param group the consumer group of the streams; null for the name of the service
 * @param streamFormat the meaning of the entries of a stream
 * @param ponderNotify whether the service also listens to Ponder's notifications
 * @param httpHost the address on which the service listens
 * @param httpPort the port on which the service listens; 0 for any free port
 * @param batchSize trades per batch
 * @param parallelism batches at the same time
 * @param autoInterval the interval of automatic runs; null for none
 * @param auditInterval the interval of audits
 * @param orphanGrace the grace period of orphans
 * @param retractFinal whether final trades that left the source are retracted
 * @param sinkTimeout how long one call of the sink may take
 * @param confirmation the age at which a trade is final if Ponder's checkpoint cannot be read
 * @param scope the trades that count
 * @param extraColumns further columns of the user
 * @param healthInterval how often the gauges are refreshed
 * @param logFormat how log lines are written
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
    @Nullable String group,
    StreamFormat streamFormat,
    boolean ponderNotify,
    String httpHost,
    int httpPort,
    int batchSize,
    int parallelism,
    @Nullable Duration autoInterval,
    Duration auditInterval,
    Duration orphanGrace,
    boolean retractFinal,
    Duration sinkTimeout,
    Duration confirmation,
    Scope scope,
    List<String> extraColumns,
    Duration healthInterval,
    LogFormat logFormat,
    @Nullable URI publicUrl,
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

  /** The consumer group of the streams. */
  public static final String SYNC_GROUP = "SYNC_GROUP";

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

  /** Whether final trades that left the source are retracted. */
  public static final String SYNC_RETRACT_FINAL = "SYNC_RETRACT_FINAL";

  /** How long one call of the sink may take. */
  public static final String SYNC_SINK_TIMEOUT = "SYNC_SINK_TIMEOUT";

  /** The age at which a trade is final if Ponder's checkpoint cannot be read. */
  public static final String SYNC_CONFIRMATION = "SYNC_CONFIRMATION";

  /** The time from which trades count. */
  public static final String SYNC_BASELINE = "SYNC_BASELINE";

  /** Further columns of the user. */
  public static final String SYNC_EXTRA_COLUMNS = "SYNC_EXTRA_COLUMNS";

  /** How often the gauges are refreshed. */
  public static final String SYNC_HEALTH_INTERVAL = "SYNC_HEALTH_INTERVAL";

  /** How log lines are written. */
  public static final String SYNC_LOG_FORMAT = "SYNC_LOG_FORMAT";

  /** The URL by which browsers reach the service through a reverse proxy. */
  public static final String SYNC_PUBLIC_URL = "SYNC_PUBLIC_URL";

  /** The token that every POST must carry. */
  public static final String SYNC_API_TOKEN = "SYNC_API_TOKEN";

  /** A JDBC URL as messages show it to users whose own one cannot be shown. */
  public static final String JDBC_URL_EXAMPLE =
      "jdbc:postgresql://host:5432/database?user=name&password=secret";

  private static final Setting<String> PONDER =
      Setting.optional(
              PONDER_JDBC_URL,
              "embedded",
              "the source; a role with SELECT alone is enough",
              SettingParsers::jdbcUrl)
          .asSecret();

  private static final Setting<String> SCHEMA =
      Setting.of(
          PONDER_SCHEMA,
          "public",
          "the schema of Ponder's tables, or of its views",
          SettingParsers::text);

  private static final Setting<String> ANALYTICS =
      Setting.optional(
              ANALYTICS_JDBC_URL,
              "embedded",
              "the store; PostgreSQL 13 or newer, with TimescaleDB or without",
              SettingParsers::jdbcUrl)
          .asSecret();

  private static final Setting<String> REDIS =
      Setting.optional(REDIS_URL, "embedded", "the live feed", SettingParsers::redisUrl).asSecret();

  private static final Setting<List<String>> STREAMS =
      Setting.of(
          SYNC_STREAM,
          "trades",
          "the streams, or patterns such as `chain:*:trades`, separated by commas",
          SettingParsers::list);

  private static final Setting<String> GROUP =
      Setting.optional(
          SYNC_GROUP,
          "analytics",
          "the Redis consumer group; the default is the service's name. Each service that reads the"
              + " same streams needs a group of its own",
          SettingParsers::text);

  private static final Setting<StreamFormat> FORMAT =
      Setting.of(
          SYNC_STREAM_FORMAT,
          "trade",
          "`trade` or `hint`: the meaning of the entries of a stream",
          SettingParsers::format);

  private static final Setting<Boolean> NOTIFY =
      Setting.of(
          SYNC_PONDER_NOTIFY,
          "false",
          "`true`: also listen to Ponder's own notifications, for which no Redis is needed",
          SettingParsers::bool);

  private static final Setting<String> HOST =
      Setting.of(
          SYNC_HTTP_HOST,
          "127.0.0.1",
          "the address on which the service listens; one that is not loopback needs a token",
          SettingParsers::text);

  private static final Setting<Integer> PORT =
      Setting.of(
          SYNC_HTTP_PORT,
          "42091",
          "the port; 0 for any free one",
          SettingParsers.number(0, 65_535));

  private static final Setting<Integer> BATCH_SIZE =
      Setting.of(SYNC_BATCH_SIZE, "50", "trades a batch", SettingParsers.number(1, 10_000));

  private static final Setting<Integer> PARALLELISM =
      Setting.of(SYNC_PARALLELISM, "4", "batches at the same time", SettingParsers.number(1, 64));

  private static final Setting<Duration> AUTO_INTERVAL =
      Setting.optional(
          SYNC_AUTO_INTERVAL,
          "none",
          "ISO duration between automatic runs, the first of which ends before the live feeds"
              + " begin; absent: runs on request, and when a live feed lost something",
          SettingParsers::duration);

  private static final Setting<Duration> AUDIT_INTERVAL =
      Setting.of(
          SYNC_AUDIT_INTERVAL,
          SyncEngineBuilder.DEFAULT_AUDIT_INTERVAL.toString(),
          "between two audits of the automatic recovery",
          SettingParsers::duration);

  private static final Setting<Duration> ORPHAN_GRACE =
      Setting.of(
          SYNC_ORPHAN_GRACE,
          SyncEngineBuilder.DEFAULT_ORPHAN_GRACE.toString(),
          "how long a trade must be gone before it is retracted",
          SettingParsers::duration);

  private static final Setting<Boolean> RETRACT_FINAL =
      Setting.of(
          SYNC_RETRACT_FINAL,
          "true",
          "`false` if old rows are deleted from the source on purpose: trades that leave it after"
              + " they were final are kept",
          SettingParsers::bool);

  private static final Setting<Duration> SINK_TIMEOUT =
      Setting.of(
          SYNC_SINK_TIMEOUT,
          SyncEngineBuilder.DEFAULT_SINK_TIMEOUT.toString(),
          "how long one call of the sink may take",
          SettingParsers::duration);

  private static final Setting<Duration> CONFIRMATION =
      Setting.of(
          SYNC_CONFIRMATION,
          SyncEngineBuilder.DEFAULT_CONFIRMATION.toString(),
          "the age at which a trade is final if Ponder's checkpoint cannot be read",
          SettingParsers::duration);

  private static final Setting<Scope> BASELINE =
      Setting.optional(
          SYNC_BASELINE,
          "everything",
          "epoch seconds or ISO instant; older trades do not count",
          SettingParsers::baseline);

  private static final Setting<List<String>> EXTRA_COLUMNS =
      Setting.optional(
          SYNC_EXTRA_COLUMNS,
          "none",
          "further columns that travel with each trade, such as `fee,maker`",
          SettingParsers::list);

  private static final Setting<Duration> HEALTH_INTERVAL =
      Setting.of(
          SYNC_HEALTH_INTERVAL,
          "PT30S",
          "how often the gauges of lag and gaps are refreshed",
          SettingParsers::duration);

  private static final Setting<LogFormat> LOG_FORMAT =
      Setting.of(
          SYNC_LOG_FORMAT,
          "text",
          "`text` or `json`: log lines for people or for programs",
          SettingParsers::logFormat);

  private static final Setting<URI> PUBLIC_URL =
      Setting.optional(
          SYNC_PUBLIC_URL,
          "none",
          "the URL by which browsers reach the service through a reverse proxy, such as"
              + " `https://example.com/sync`",
          SettingParsers::publicUrl);

  private static final Setting<String> TOKEN =
      Setting.optional(
              SYNC_API_TOKEN,
              "none",
              "then every POST needs `Authorization: Bearer` and this token",
              SettingParsers::token)
          .asSecret();

  /** All settings, in the order in which they are shown. */
  public static final List<Setting<?>> ALL =
      List.of(
          PONDER,
          SCHEMA,
          ANALYTICS,
          REDIS,
          STREAMS,
          FORMAT,
          GROUP,
          NOTIFY,
          HOST,
          PORT,
          TOKEN,
          BATCH_SIZE,
          PARALLELISM,
          AUTO_INTERVAL,
          AUDIT_INTERVAL,
          ORPHAN_GRACE,
          RETRACT_FINAL,
          SINK_TIMEOUT,
          CONFIRMATION,
          BASELINE,
          EXTRA_COLUMNS,
          HEALTH_INTERVAL,
          LOG_FORMAT,
          PUBLIC_URL);

  /** The meaning of the entries of a stream. */
  public enum StreamFormat {
    /** Each entry is a whole trade. */
    TRADE,
    /** Each entry says that there is something new at the source. */
    HINT
  }

  /**
   * Reads the settings of this process, and those of a file.
   *
   * @param file null for none
   * @throws InvalidSettingException if one cannot be used
   * @throws StartException if the file cannot be used
   */
  public static Settings fromEnvironment(@Nullable Path file) {
    return from(source(file));
  }

  /**
   * Returns the values of this process and of a file, not checked.
   *
   * @param file null for none
   * @throws StartException if the file cannot be used
   */
  public static UnaryOperator<@Nullable String> source(@Nullable Path file) {
    if (file == null) {
      return Settings::ofProcess;
    }
    Map<String, String> lines = SettingsFile.read(file);
    return name -> {
      String value = ofProcess(name);
      return value == null ? lines.get(name) : value;
    };
  }

  private static @Nullable String ofProcess(String name) {
    String property = System.getProperty(name);
    return property != null ? property : System.getenv(name);
  }

  /**
   * Reads settings.
   *
   * @param source returns the value of a setting, or null
   * @throws InvalidSettingException if one cannot be used
   */
  public static Settings from(UnaryOperator<@Nullable String> source) {
    String host = HOST.get(source);
    String token = TOKEN.find(source);
    if (token == null && !isLoopback(host)) {
      throw new InvalidSettingException(
          SYNC_HTTP_HOST,
          host,
          "can be reached by others, so "
              + SYNC_API_TOKEN
              + " must be set, or it must be 127.0.0.1");
    }
    return new Settings(
        PONDER.find(source),
        SCHEMA.get(source),
        ANALYTICS.find(source),
        REDIS.find(source),
        STREAMS.get(source),
        GROUP.find(source),
        FORMAT.get(source),
        NOTIFY.get(source),
        host,
        PORT.get(source),
        BATCH_SIZE.get(source),
        PARALLELISM.get(source),
        AUTO_INTERVAL.find(source),
        AUDIT_INTERVAL.get(source),
        ORPHAN_GRACE.get(source),
        RETRACT_FINAL.get(source),
        SINK_TIMEOUT.get(source),
        CONFIRMATION.get(source),
        requireNonNullElse(BASELINE.find(source), Scope.all()),
        requireNonNullElse(EXTRA_COLUMNS.find(source), List.of()),
        HEALTH_INTERVAL.get(source),
        LOG_FORMAT.get(source),
        PUBLIC_URL.find(source),
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
}
