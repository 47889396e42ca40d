package io.tradesync.examples.service.fault;

import com.zaxxer.hikari.HikariDataSource;
import io.lettuce.core.RedisURI;
import io.tradesync.SyncEngine;
import io.tradesync.examples.service.serve.Databases;
import io.tradesync.jdbc.PonderTradeSource;
import io.tradesync.jdbc.PostgresSyncLog;
import io.tradesync.jdbc.TimescaleSink;
import io.tradesync.redis.LiveConsumer;
import java.io.IOException;
import java.time.Duration;

/**
 * A process that consumes and recovers by itself, made to be killed. It ends when its standard
 * input does, so that it does not outlive who started it.
 */
final class LiveWorker {

  private LiveWorker() {}

  /** Takes the URLs of the source, the store and Redis, and the stream. */
  public static void main(String[] args) throws IOException {
    try (HikariDataSource source = Databases.open("source", args[0], 3);
        HikariDataSource store = Databases.open("store", args[1], 4);
        LiveConsumer live =
            LiveConsumer.builder(RedisURI.create(args[2]))
                .streams(args[3])
                .rereadLimit(Duration.ofSeconds(2))
                .claimAfter(Duration.ofSeconds(4))
                .maxRetryDelay(Duration.ofSeconds(1))
                .build()) {
      SyncEngine engine =
          SyncEngine.builder()
              .source(PonderTradeSource.builder(source).build())
              .log(PostgresSyncLog.builder(store).build())
              .sink(TimescaleSink.builder().build())
              .batchSize(500)
              .build();
      live.prepare();
      live.start(engine);
      engine.start(Duration.ofSeconds(5));
      System.out.println("WORKER UP");
      while (System.in.read() >= 0) {
        // Nothing is ever sent.
      }
    }
  }
}
