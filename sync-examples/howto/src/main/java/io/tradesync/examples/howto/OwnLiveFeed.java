package io.tradesync.examples.howto;

import com.zaxxer.hikari.HikariDataSource;
import io.tradesync.SyncEngine;
import io.tradesync.TradesyncException;
import io.tradesync.jdbc.PonderTradeSource;
import io.tradesync.jdbc.PostgresSyncLog;
import io.tradesync.jdbc.TimescaleSink;
import io.tradesync.spi.Hint;
import io.tradesync.spi.LiveFeed;
import io.tradesync.spi.LiveWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Scanner;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** A live feed for a channel of your own that announces the second of each new trade. */
public final class OwnLiveFeed implements LiveFeed {

  private final ExecutorService thread = Executors.newSingleThreadExecutor();
  private final CompletableFuture<LiveWriter> writer = new CompletableFuture<>();

  /** Takes the JDBC URLs of the source and of the store, and reads seconds from standard input. */
  public static void main(String... args) {
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
          OwnLiveFeed live = new OwnLiveFeed()) {
        live.start(engine);
        new Scanner(System.in, StandardCharsets.UTF_8)
            .forEachRemaining(second -> live.announce(Long.parseLong(second)));
      }
    }
  }

  /** Announces that trades happened in a second. They are read from the source after the start. */
  public void announce(long epochSecond) {
    thread.execute(() -> deliver(writer.join(), epochSecond));
  }

  private static void deliver(LiveWriter writer, long epochSecond) {
    try {
      writer.catchUp(List.of(new Hint(epochSecond, null)));
    } catch (TradesyncException e) {
      // The announcement is lost, and a run finds its trades.
      writer.requestRun("an announced trade could not be written: " + e.getMessage());
    }
  }

  @Override
  public void start(LiveWriter liveWriter) {
    if (!writer.complete(liveWriter)) {
      throw new IllegalStateException("the feed was started before");
    }
  }

  /** Stops after the announced trades are written. */
  @Override
  public void close() {
    if (!thread.isShutdown()) {
      writer.cancel(false); // does nothing after the start
      CompletableFuture.runAsync(thread::shutdown, thread).join();
    }
  }
}
