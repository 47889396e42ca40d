package io.tradesync.examples.howto;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.tradesync.SyncEngine;
import io.tradesync.SyncHealth;
import io.tradesync.SyncResult;
import io.tradesync.jdbc.PonderTradeSource;
import io.tradesync.jdbc.PostgresSyncLog;
import io.tradesync.jdbc.TimescaleSink;
import java.time.Duration;

/** The engine inside a service that has its own pools of connections. */
public final class CloseAGap implements AutoCloseable {

  private final HikariDataSource ponder;
  private final HikariDataSource analytics;
  private final SyncEngine engine;

  /**
   * Connects to both databases and makes the store's tables where they are not there.
   *
   * @param ponderUrl the source, of which only SELECT is needed
   * @param analyticsUrl the store
   */
  public CloseAGap(String ponderUrl, String analyticsUrl) {
    ponder = pool(ponderUrl, 3);
    analytics = pool(analyticsUrl, 7);
    engine =
        SyncEngine.builder()
            .source(PonderTradeSource.builder(ponder).schema("public").build())
            .log(PostgresSyncLog.builder(analytics).service("analytics").build())
            .sink(TimescaleSink.builder().build())
            .batchSize(50)
            .parallelism(4)
            .build();
  }

  /**
   * Closes the gap if there is one.
   *
   * @return what was done, or that there was nothing to do
   */
  public String syncIfNeeded() {
    SyncHealth health = engine.health();
    if (health.isHealthy()) {
      return "nothing to do";
    }
    SyncResult result = engine.run();
    return result.message();
  }

  /** Closes gaps by itself from now on. */
  public void syncEveryMinute() {
    engine.start(Duration.ofMinutes(1));
  }

  private static HikariDataSource pool(String url, int connections) {
    HikariConfig config = new HikariConfig();
    config.setJdbcUrl(url);
    config.setMaximumPoolSize(connections);
    return new HikariDataSource(config);
  }

  @Override
  public void close() {
    engine.close();
    analytics.close();
    ponder.close();
  }
}
