package io.tradesync.spring;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.tradesync.InvalidSettingException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The pools of connections that properties name, all closed together. Closing them takes a second
 * at most: a pool whose database does not answer waits much longer, and goes on with that on a
 * daemon thread. Not thread-safe.
 */
final class EnginePools implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(EnginePools.class);

  /** The engine tries three times, so it reports an unreachable database within seconds. */
  private static final Duration WAIT_FOR_CONNECTION = Duration.ofMillis(1_200);

  private static final Duration CONNECT = Duration.ofSeconds(4);

  /** No statement of the engine lasts that long, so a server that stops answering is given up. */
  private static final Duration SILENCE = Duration.ofMinutes(2);

  private static final Duration CLOSE = Duration.ofSeconds(1);

  private final List<HikariDataSource> open = new ArrayList<>();

  /**
   * Opens a pool, which connects later.
   *
   * @param property the property that holds the URL
   */
  HikariDataSource open(
      String property, String url, @Nullable String username, @Nullable String password, int size) {
    if (!url.startsWith("jdbc:postgresql:")) {
      throw new InvalidSettingException(
          property, "not shown", "must be like jdbc:postgresql://host:5432/database");
    }
    HikariConfig config = new HikariConfig();
    config.setPoolName(property);
    config.setJdbcUrl(url);
    config.setUsername(username);
    config.setPassword(password);
    config.setMaximumPoolSize(size);
    config.setMinimumIdle(1);
    config.setConnectionTimeout(WAIT_FOR_CONNECTION.toMillis());
    config.setValidationTimeout(WAIT_FOR_CONNECTION.toMillis() / 2);
    config.setInitializationFailTimeout(-1);
    config.addDataSourceProperty("ApplicationName", "tradesync");
    config.addDataSourceProperty("connectTimeout", String.valueOf(CONNECT.toSeconds()));
    config.addDataSourceProperty("loginTimeout", String.valueOf(CONNECT.toSeconds()));
    config.addDataSourceProperty("socketTimeout", String.valueOf(SILENCE.toSeconds()));
    config.addDataSourceProperty("tcpKeepAlive", "true");
    HikariDataSource pool = new HikariDataSource(config);
    open.add(pool);
    return pool;
  }

  @Override
  public void close() {
    long end = System.nanoTime() + CLOSE.toNanos();
    List<Thread> closing = open.stream().map(EnginePools::beginToClose).toList();
    try {
      for (Thread thread : closing) {
        TimeUnit.NANOSECONDS.timedJoin(thread, end - System.nanoTime());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    if (closing.stream().anyMatch(Thread::isAlive)) {
      LOG.warn("Connections did not close within {}, and are left to end by themselves", CLOSE);
    }
  }

  private static Thread beginToClose(HikariDataSource pool) {
    Thread thread = new Thread(pool::close, "tradesync-close-" + pool.getPoolName());
    thread.setDaemon(true);
    thread.start();
    return thread;
  }
}
