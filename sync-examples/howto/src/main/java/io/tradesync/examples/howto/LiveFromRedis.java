package io.tradesync.examples.howto;

import com.zaxxer.hikari.HikariDataSource;
import io.lettuce.core.RedisURI;
import io.tradesync.SyncEngine;
import io.tradesync.jdbc.PonderTradeSource;
import io.tradesync.jdbc.PostgresSyncLog;
import io.tradesync.jdbc.TimescaleSink;
import io.tradesync.redis.LiveConsumer;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;

/** Hands over from a catch-up to a Redis stream without a gap between the two. */
public final class LiveFromRedis {

  private LiveFromRedis() {}

  /**
   * Takes the JDBC URLs of the source and of the store, the URL of Redis, and the stream; returns
   * when it is interrupted.
   */
  public static void main(String... args) throws InterruptedException {
    try (HikariDataSource ponder = new HikariDataSource();
        HikariDataSource analytics = new HikariDataSource()) {
      ponder.setJdbcUrl(args[0]);
      analytics.setJdbcUrl(args[1]);
      try (SyncEngine engine =
              SyncEngine.builder()
                  .source(PonderTradeSource.builder(ponder).build())
                  .log(PostgresSyncLog.builder(analytics).build())
                  .sink(TimescaleSink.builder().build())
                  .build();
          LiveConsumer live =
              LiveConsumer.builder(RedisURI.create(args[2]))
                  .streams(args[3])
                  .consumerName("analytics-1") // the same name after a restart
                  .build()) {
        live.prepare(); // fixes the position in the stream
        engine.run(); // closes the gap from the database
        live.start(engine); // a trade that both bring counts once
        engine.start(Duration.ofMinutes(1)); // keeps the store current while Redis is gone
        new CountDownLatch(1).await();
      }
    }
  }
}
