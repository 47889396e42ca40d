package io.tradesync.examples.flink;

import com.zaxxer.hikari.HikariDataSource;
import io.tradesync.SyncEngine;
import io.tradesync.SyncEngineBuilder;
import io.tradesync.jdbc.PonderTradeSource;
import io.tradesync.jdbc.PostgresSyncLog;
import io.tradesync.jdbc.TimescaleSink;
import java.time.Duration;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * Creates the engines of a coordinator and of its workers, with the same settings: an example to
 * copy. The URLs travel in the job; take passwords from the environment of the workers instead if
 * others may read it.
 */
public final class PostgresEngines implements EngineFactory {

  private static final int PARALLELISM = 2;

  private final String ponderUrl;
  private final String storeUrl;
  private transient @Nullable HikariDataSource ponder;
  private transient @Nullable HikariDataSource store;

  /** Takes the JDBC URLs of the source and of the store. */
  public PostgresEngines(String ponderUrl, String storeUrl) {
    this.ponderUrl = ponderUrl;
    this.storeUrl = storeUrl;
  }

  /** What coordinator and workers have in common. */
  public SyncEngineBuilder builder() {
    return SyncEngine.builder()
        .source(PonderTradeSource.builder(ponder()).build())
        .log(log(store()))
        .sink(TimescaleSink.builder().build())
        .parallelism(PARALLELISM);
  }

  // A worker that was stopped in a transaction holds locks: the server ends it after this time.
  private static PostgresSyncLog log(DataSource store) {
    return PostgresSyncLog.builder(store).statementTimeout(Duration.ofSeconds(10)).build();
  }

  private DataSource ponder() {
    HikariDataSource pool = ponder == null ? pool(ponderUrl) : ponder;
    ponder = pool;
    return pool;
  }

  private DataSource store() {
    HikariDataSource pool = store == null ? pool(storeUrl) : store;
    store = pool;
    return pool;
  }

  private static HikariDataSource pool(String url) {
    HikariDataSource pool = new HikariDataSource();
    pool.setJdbcUrl(url);
    // Connections for the batches, for the question about the lease, and one to spare.
    pool.setMaximumPoolSize(PARALLELISM + 2);
    pool.setMinimumIdle(0);
    return pool;
  }

  @Override
  public SyncEngine create() {
    return builder().build();
  }

  @Override
  public void close() {
    if (ponder != null) {
      ponder.close();
    }
    if (store != null) {
      store.close();
    }
  }
}
