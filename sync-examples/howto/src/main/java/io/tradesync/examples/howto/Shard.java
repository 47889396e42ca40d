package io.tradesync.examples.howto;

import com.zaxxer.hikari.HikariDataSource;
import io.lettuce.core.RedisURI;
import io.tradesync.Scope;
import io.tradesync.SyncEngine;
import io.tradesync.SyncHealth;
import io.tradesync.TradesyncException;
import io.tradesync.jdbc.PonderTradeSource;
import io.tradesync.jdbc.PostgresSyncLog;
import io.tradesync.jdbc.TimescaleSink;
import io.tradesync.redis.LiveConsumer;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** One store of several, with the trades of a pool. Begins by itself once the store is there. */
public final class Shard implements AutoCloseable {

  private final HikariDataSource ponder = new HikariDataSource();
  private final HikariDataSource store = new HikariDataSource();
  private final ScheduledExecutorService starter = Executors.newSingleThreadScheduledExecutor();
  private final LiveConsumer live;
  private final String pool;
  private final CompletableFuture<SyncEngine> engine = new CompletableFuture<>();

  Shard(String pool, String ponderUrl, String storeUrl, String redis, String stream) {
    this.pool = pool;
    ponder.setJdbcUrl(ponderUrl);
    store.setJdbcUrl(storeUrl);
    store.setInitializationFailTimeout(-1); // the store may be down
    store.setConnectionTimeout(5_000);
    live = LiveConsumer.builder(RedisURI.create(redis)).streams(stream).group(pool).build();
    var unused = starter.scheduleWithFixedDelay(this::begin, 0, 1, TimeUnit.SECONDS);
  }

  private void begin() {
    try {
      SyncEngine built =
          SyncEngine.builder()
              .source(PonderTradeSource.builder(ponder).build())
              .log(PostgresSyncLog.builder(store).build())
              .sink(TimescaleSink.builder().build())
              .scope(Scope.all().pools(pool))
              .build();
      starter.shutdown();
      engine.complete(built);
      built.start(Duration.ofSeconds(1));
      live.start(built);
    } catch (TradesyncException e) {
      System.err.println("shard " + pool + ": " + e.getMessage());
    }
  }

  /** Completes once this shard has begun and its store answers. */
  CompletableFuture<SyncHealth> health(Executor threads) {
    return engine.thenApplyAsync(SyncEngine::health, threads);
  }

  @Override
  public void close() {
    starter.shutdownNow();
    live.close();
    var unused = engine.thenAccept(SyncEngine::close);
    store.close();
    ponder.close();
  }

  /** Takes the pool, the JDBC URLs of the source and of the store, Redis, and the stream. */
  public static void main(String... args) throws InterruptedException {
    try (Shard shard = new Shard(args[0], args[1], args[2], args[3], args[4])) {
      System.out.println("shard " + shard.pool + " begins");
      Thread.sleep(Long.MAX_VALUE);
    }
  }
}
