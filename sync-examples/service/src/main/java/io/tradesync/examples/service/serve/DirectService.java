package io.tradesync.examples.service.serve;

import com.zaxxer.hikari.HikariDataSource;
import io.tradesync.SyncEngine;
import io.tradesync.examples.service.http.ApiServer;
import io.tradesync.examples.service.http.Guard;
import io.tradesync.examples.service.http.RunMonitor;
import io.tradesync.examples.service.settings.DeclaredSettings;
import io.tradesync.examples.service.settings.Settings;
import io.tradesync.examples.service.settings.StartException;
import io.tradesync.spi.FeedHealth;
import java.security.SecureRandom;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A service of one command: an engine on the databases of the settings, and the API in front of it
 * on a free port of this machine, with a token that nobody else knows. It has no live feed, starts
 * no run by itself, and embeds no server.
 */
public final class DirectService implements AutoCloseable {

  private static final FeedHealth NO_FEED =
      new FeedHealth(
          "streams",
          "not part of this command",
          false,
          List.of(),
          FeedHealth.Backlog.UNKNOWN,
          Map.of(),
          Map.of());

  private final Deque<AutoCloseable> open = new ArrayDeque<>();
  private final String token;
  private int port;

  private DirectService() {
    byte[] random = new byte[32];
    new SecureRandom().nextBytes(random);
    token = HexFormat.of().formatHex(random);
  }

  /**
   * Starts a service.
   *
   * @throws StartException if it cannot start, for a reason that its user can remove
   */
  public static DirectService start(Settings settings) {
    DirectService service = new DirectService();
    try {
      service.begin(settings);
      return service;
    } catch (RuntimeException e) {
      service.close();
      throw e;
    }
  }

  private void begin(Settings settings) {
    String sourceUrl = named(DeclaredSettings.PONDER_JDBC_URL.name(), settings.ponderJdbcUrl());
    String storeUrl =
        named(DeclaredSettings.ANALYTICS_JDBC_URL.name(), settings.analyticsJdbcUrl());
    HikariDataSource source = Engines.openSource(sourceUrl, 0);
    open.push(source);
    HikariDataSource store = Engines.openStore(storeUrl, settings.parallelism());
    open.push(store);
    Engines.Pools pools = new Engines.Pools(source, store);
    RunMonitor monitor = new RunMonitor(() -> NO_FEED, null);
    SyncEngine engine =
        Engines.engine(settings, pools, pools, monitor, SyncService.Options.DEFAULT);
    open.push(engine);
    ApiServer api =
        new ApiServer(
            engine, monitor, new StoredCandles(store), new Guard("127.0.0.1", true, token, null));
    open.push(api);
    api.start("127.0.0.1", 0);
    port = api.port();
  }

  private static String named(String setting, @Nullable String url) {
    if (url == null) {
      throw new StartException(
          setting + " is not set: name both databases, or a running service by --url", null);
    }
    return url;
  }

  /** Returns the URL of the API, without a slash at its end. */
  public String url() {
    return "http://127.0.0.1:" + port;
  }

  /** Returns the token that every POST must carry. */
  public String token() {
    return token;
  }

  /** Cancels a run that is under way, and closes the engine and the databases. */
  @Override
  public synchronized void close() {
    while (!open.isEmpty()) {
      try {
        open.pop().close();
      } catch (Exception e) {
        throw new IllegalStateException(e);
      }
    }
  }
}
