package io.tradesync.examples.flink;

import com.zaxxer.hikari.HikariDataSource;
import io.tradesync.SyncEngine;
import io.tradesync.SyncEngineBuilder;
import io.tradesync.jdbc.PonderTradeSource;
import io.tradesync.jdbc.PostgresSyncLog;
import io.tradesync.jdbc.TimescaleSink;
import io.tradesync.spi.TradeSource;
import java.time.Duration;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * Creates the engines of a coordinator and of its workers, with the same settings: an example to
 * copy. The URLs travel in the job: leave the passwords to the {@code .pgpass} file of each
 * machine, which the JDBC driver reads.
 */
public final class PostgresEngines implements EngineFactory {

  private static final int PARALLELISM = 2;

  // A worker that is stopped in a transaction holds locks. The server ends it soon after this time.
  private static final Duration LONGEST_TRANSACTION = Duration.ofSeconds(10);

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
        .source(source())
        .log(log(store()))
        .sink(TimescaleSink.builder().build())
        .sinkTimeout(LONGEST_TRANSACTION)
        .parallelism(PARALLELISM);
  }

  TradeSource source() {
    return PonderTradeSource.builder(ponder()).build();
  }

  private static PostgresSyncLog log(DataSource store) {
    return PostgresSyncLog.builder(store).statementTimeout(LONGEST_TRANSACTION).build();
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
    // Not by the DriverManager, which does not see drivers of jars that travel with a job.
    PGSimpleDataSource server = new PGSimpleDataSource();
    server.setUrl(url);
    pool.setDataSource(server);
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
