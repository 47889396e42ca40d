package io.tradesync.examples.service.serve;

import com.zaxxer.hikari.HikariDataSource;
import io.javalin.util.JavalinBindException;
import io.lettuce.core.RedisURI;
import io.tradesync.SyncEngine;
import io.tradesync.SyncEngineBuilder;
import io.tradesync.TradesyncException;
import io.tradesync.examples.service.embedded.EmbeddedServers;
import io.tradesync.examples.service.embedded.SampleData;
import io.tradesync.examples.service.http.ApiServer;
import io.tradesync.examples.service.http.Guard;
import io.tradesync.examples.service.http.HealthSchedule;
import io.tradesync.examples.service.http.RunMonitor;
import io.tradesync.examples.service.settings.DeclaredSettings;
import io.tradesync.examples.service.settings.Settings;
import io.tradesync.examples.service.settings.StartException;
import io.tradesync.jdbc.PonderNotifyListener;
import io.tradesync.jdbc.PostgresSyncLog;
import io.tradesync.redis.EntryDecoder;
import io.tradesync.redis.LiveConsumer;
import io.tradesync.redis.LiveConsumerBuilder;
import io.tradesync.spi.LiveFeed;
import io.tradesync.spi.TransactionalSink;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.sql.Connection;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The running service: an engine between a source and a store, live feeds, and an HTTP API. It
 * starts an embedded server for each one that no setting names. {@link #close()} stops the parts in
 * the opposite order.
 */
public final class SyncService implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(SyncService.class);

  private static final Predicate<String> PATTERN = Pattern.compile("[*?\\[]").asPredicate();

  private static final Duration LIVE_BLOCK_TIME = Duration.ofMillis(500);

  /** From the name of a setting in sync-redis to its name in the service. */
  private static final Map<String, String> REDIS_SETTINGS =
      Map.of(
          "stream", DeclaredSettings.SYNC_STREAM.name(),
          "streams", DeclaredSettings.SYNC_STREAM.name(),
          "group", DeclaredSettings.SYNC_GROUP.name(),
          "streamPatterns", DeclaredSettings.SYNC_STREAM.name(),
          "extraColumns", DeclaredSettings.SYNC_EXTRA_COLUMNS.name(),
          "redisUri", DeclaredSettings.REDIS_URL.name());

  private final Settings settings;
  private final Deque<AutoCloseable> open = new ArrayDeque<>();
  private final EmbeddedServers servers = new EmbeddedServers();
  private int port;

  /**
   * The differences between the demo and the service.
   *
   * @param sink wraps the sink
   * @param retryDelay the pause before the second attempt
   * @param live whether the live feeds are started
   */
  public record Options(
      UnaryOperator<TransactionalSink<Connection>> sink, Duration retryDelay, boolean live) {

    /** The options of the service. */
    public static final Options DEFAULT =
        new Options(sink -> sink, SyncEngineBuilder.DEFAULT_RETRY_DELAY, true);
  }

  private SyncService(Settings settings) {
    this.settings = settings;
  }

  /**
   * Starts a service; it answers when this method returns.
   *
   * @throws StartException if it cannot start, for a reason that its user can remove
   */
  public static SyncService start(Settings settings, Options options) {
    SyncService service = new SyncService(settings);
    try {
      service.start(options);
      return service;
    } catch (RuntimeException e) {
      service.close();
      throw e;
    }
  }

  /** Returns the URL of the API, without a slash at its end. */
  public String url() {
    String host = settings.httpHost();
    return "http://" + (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
  }

  private void start(Options options) {
    requireServers();
    open.push(servers);
    HikariDataSource source =
        keep(Engines.openSource(ponderUrl(), settings.ponderNotify() ? 1 : 0));
    HikariDataSource store = keep(Engines.openStore(analyticsUrl(), settings.parallelism()));
    Engines.Pools pools = new Engines.Pools(source, store);
    LiveConsumer live =
        keep(
            Engines.namingSetting(
                DeclaredSettings.REDIS_URL.name(),
                REDIS_SETTINGS,
                () -> liveConsumer(store.getJdbcUrl())));
    Engines.namingSetting(DeclaredSettings.REDIS_URL.name(), REDIS_SETTINGS, () -> prepared(live));
    PonderNotifyListener notifications =
        settings.ponderNotify()
            ? PonderNotifyListener.builder(source).schema(settings.ponderSchema()).build()
            : null;
    RunMonitor monitor =
        new RunMonitor(live::health, notifications == null ? null : notifications::health);
    Engines.Pools ofHealth = keep(pools.openForHealth());
    SyncEngine engine = keep(Engines.engine(settings, pools, ofHealth, monitor, options));
    List<LiveFeed> livePaths = new ArrayList<>(List.of(live));
    if (notifications != null) {
      notifications.prepare();
      livePaths.add(notifications);
    }
    // The consumer is in the stack twice: feeds are closed before the engine that they call.
    livePaths.forEach(open::push);
    keep(new HealthSchedule(monitor, engine::health, settings.healthInterval()));
    ApiServer api =
        keep(new ApiServer(engine, monitor, new StoredCandles(ofHealth.store()), guard()));
    listen(api);
    Thread handOff =
        new Thread(() -> goLive(engine, options.live() ? livePaths : List.of()), "go-live");
    handOff.setDaemon(true);
    handOff.start();
    LOG.info("The service listens on {}", url());
  }

  /**
   * Hands over from the catch-up to the live feeds. Their positions are fixed already. A run closes
   * the gap from the database, if automatic runs are configured, and then the feeds start.
   */
  private void goLive(SyncEngine engine, List<LiveFeed> livePaths) {
    Duration interval = settings.autoInterval();
    try {
      if (interval != null) {
        catchUp(engine);
      }
      livePaths.forEach(path -> path.start(engine));
      if (interval != null) {
        engine.start(interval);
      }
    } catch (IllegalStateException e) {
      LOG.debug("The service was closed before the live feeds started", e);
    }
  }

  private static void catchUp(SyncEngine engine) {
    try {
      engine.run();
    } catch (TradesyncException e) {
      // The automatic recovery tries again; the live feeds do not wait for it.
      LOG.warn("The first run failed, and the live feeds start without it: {}", e.getMessage());
    }
  }

  // All at once: a user without the second jar names all servers.
  private void requireServers() {
    Map<String, @Nullable String> urls = new LinkedHashMap<>();
    urls.put(DeclaredSettings.PONDER_JDBC_URL.name(), settings.ponderJdbcUrl());
    urls.put(DeclaredSettings.ANALYTICS_JDBC_URL.name(), settings.analyticsJdbcUrl());
    urls.put(DeclaredSettings.REDIS_URL.name(), settings.redisUrl());
    urls.values().removeIf(Objects::nonNull);
    if (!urls.isEmpty() && !EmbeddedServers.areAvailable()) {
      throw new StartException(
          "%s must be set: %s, which embeds a server for each that is not named, is not there"
              .formatted(String.join(" and ", urls.keySet()), EmbeddedServers.JAR),
          null);
    }
    if (settings.ponderJdbcUrl() == null && settings.analyticsJdbcUrl() != null) {
      throw new StartException(
          "%s must be set, since %s is: trades of an embedded source would be written there"
              .formatted(
                  DeclaredSettings.PONDER_JDBC_URL.name(),
                  DeclaredSettings.ANALYTICS_JDBC_URL.name()),
          null);
    }
    if (!urls.isEmpty()) {
      LOG.info(
          "Not set: {}. Servers of this process take their place, and end with all their data when"
              + " it ends",
          String.join(", ", urls.keySet()));
    }
  }

  private String ponderUrl() {
    String named = settings.ponderJdbcUrl();
    if (named != null) {
      return named;
    }
    String embedded = servers.postgresUrl("ponder");
    SampleData.createTables(embedded);
    SampleData.addTrades(embedded);
    return embedded;
  }

  private String analyticsUrl() {
    String named = settings.analyticsJdbcUrl();
    return named != null ? named : servers.postgresUrl("analytics");
  }

  private String redisUrl() {
    String named = settings.redisUrl();
    return named != null ? named : servers.redisUrl();
  }

  private LiveConsumer liveConsumer(String storeUrl) {
    String service = PostgresSyncLog.Builder.DEFAULT_SERVICE;
    String group = settings.group();
    String[] extraColumns = settings.extraColumns().toArray(String[]::new);
    EntryDecoder decoder =
        switch (settings.streamFormat()) {
          case TRADE -> EntryDecoder.trades(extraColumns);
          case HINT -> EntryDecoder.hints();
        };
    LiveConsumerBuilder live =
        LiveConsumer.builder(RedisURI.create(redisUrl()))
            .group(group != null ? group : service)
            .service(service + "@" + storeTag(storeUrl))
            .consumerName(consumerName())
            .decoder(decoder)
            .blockTime(LIVE_BLOCK_TIME);
    String[] patterns = streams(PATTERN);
    if (patterns.length > 0) {
      live.streamPatterns(patterns);
    }
    String[] names = streams(PATTERN.negate());
    return names.length > 0 ? live.streams(names).build() : live.build();
  }

  private String[] streams(Predicate<String> wanted) {
    return settings.streams().stream().filter(wanted).toArray(String[]::new);
  }

  private static LiveConsumer prepared(LiveConsumer live) {
    live.prepare();
    return live;
  }

  /**
   * Distinguishes the stores of two services of the same name, which must not share the entries of
   * a group.
   */
  private static String storeTag(String jdbcUrl) {
    return Integer.toHexString(jdbcUrl.split("\\?", 2)[0].hashCode());
  }

  // The name is the same after a restart, so that unacknowledged entries are delivered again.
  private String consumerName() {
    String machine;
    try {
      machine = InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      machine = "unknown";
    }
    return machine + ":" + settings.httpPort();
  }

  private Guard guard() {
    return new Guard(
        settings.httpHost(),
        Settings.isLoopback(settings.httpHost()),
        settings.apiToken(),
        settings.publicUrl());
  }

  private void listen(ApiServer api) {
    try {
      api.start(settings.httpHost(), settings.httpPort());
      port = api.port();
    } catch (JavalinBindException e) {
      throw new StartException(
          "%s cannot be used: port %s of %s is taken, or not for this user; name another one"
              .formatted(
                  DeclaredSettings.SYNC_HTTP_PORT.name(), settings.httpPort(), settings.httpHost()),
          e);
    }
  }

  private <C extends AutoCloseable> C keep(C closeable) {
    open.push(closeable);
    return closeable;
  }

  /** Stops all parts; the part that started last is stopped first. Can be called twice. */
  @Override
  public synchronized void close() {
    while (!open.isEmpty()) {
      AutoCloseable part = open.pop();
      try {
        part.close();
      } catch (Exception e) {
        LOG.warn("{} could not be closed", part.getClass().getSimpleName(), e);
      }
    }
  }
}
