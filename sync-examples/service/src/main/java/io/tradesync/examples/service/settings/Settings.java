package io.tradesync.examples.service.settings;

import static java.util.Objects.requireNonNullElse;

import io.tradesync.InvalidSettingException;
import io.tradesync.Scope;
import io.tradesync.TradeSelection;
import io.tradesync.examples.service.log.LogFormat;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
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
 * @param kept how candles, trades and the log are kept
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
    KeptSettings kept,
    Duration healthInterval,
    LogFormat logFormat,
    @Nullable URI publicUrl,
    @Nullable String apiToken) {

  /** A JDBC URL as messages show it to users whose own one cannot be shown. */
  public static final String JDBC_URL_EXAMPLE =
      "jdbc:postgresql://host:5432/database?user=name&password=secret";

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
    String host = DeclaredSettings.SYNC_HTTP_HOST.get(source);
    String token = DeclaredSettings.SYNC_API_TOKEN.find(source);
    if (token == null && !isLoopback(host)) {
      throw new InvalidSettingException(
          DeclaredSettings.SYNC_HTTP_HOST.name(),
          host,
          "can be reached by others, so "
              + DeclaredSettings.SYNC_API_TOKEN.name()
              + " must be set, or it must be 127.0.0.1");
    }
    return new Settings(
        DeclaredSettings.PONDER_JDBC_URL.find(source),
        DeclaredSettings.PONDER_SCHEMA.get(source),
        DeclaredSettings.ANALYTICS_JDBC_URL.find(source),
        DeclaredSettings.REDIS_URL.find(source),
        DeclaredSettings.SYNC_STREAM.get(source),
        DeclaredSettings.SYNC_GROUP.find(source),
        DeclaredSettings.SYNC_STREAM_FORMAT.get(source),
        DeclaredSettings.SYNC_PONDER_NOTIFY.get(source),
        host,
        DeclaredSettings.SYNC_HTTP_PORT.get(source),
        DeclaredSettings.SYNC_BATCH_SIZE.get(source),
        DeclaredSettings.SYNC_PARALLELISM.get(source),
        DeclaredSettings.SYNC_AUTO_INTERVAL.find(source),
        DeclaredSettings.SYNC_AUDIT_INTERVAL.get(source),
        DeclaredSettings.SYNC_ORPHAN_GRACE.get(source),
        DeclaredSettings.SYNC_RETRACT_FINAL.get(source),
        DeclaredSettings.SYNC_SINK_TIMEOUT.get(source),
        DeclaredSettings.SYNC_CONFIRMATION.get(source),
        scope(source),
        requireNonNullElse(DeclaredSettings.SYNC_EXTRA_COLUMNS.find(source), List.of()),
        KeptSettings.from(source),
        DeclaredSettings.SYNC_HEALTH_INTERVAL.get(source),
        DeclaredSettings.SYNC_LOG_FORMAT.get(source),
        DeclaredSettings.SYNC_PUBLIC_URL.find(source),
        token);
  }

  private static Scope scope(UnaryOperator<@Nullable String> source) {
    return requireNonNullElse(DeclaredSettings.SYNC_BASELINE.find(source), Scope.all())
        .only(
            new TradeSelection(
                Set.copyOf(
                    requireNonNullElse(DeclaredSettings.SYNC_CHAINS.find(source), List.of())),
                Set.copyOf(
                    requireNonNullElse(DeclaredSettings.SYNC_POOLS.find(source), List.of()))));
  }

  /** Returns whether a host is a loopback address, which no other machine can reach. */
  public static boolean isLoopback(String host) {
    try {
      return InetAddress.getByName(host).isLoopbackAddress();
    } catch (UnknownHostException e) {
      throw new InvalidSettingException(
          DeclaredSettings.SYNC_HTTP_HOST.name(),
          host,
          "must be a name or an address of this machine");
    }
  }

  /** Contains no secret. */
  @Override
  public String toString() {
    return "Settings[" + httpHost + ":" + httpPort + "]";
  }
}
