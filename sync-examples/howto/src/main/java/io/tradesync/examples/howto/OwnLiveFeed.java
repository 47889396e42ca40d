package io.tradesync.examples.howto;

import io.tradesync.SyncEngine;
import io.tradesync.inmemory.InMemorySyncLog;
import io.tradesync.spi.FeedHealth;
import io.tradesync.spi.Hint;
import io.tradesync.spi.LiveFeed;
import io.tradesync.spi.LiveWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import org.jspecify.annotations.Nullable;

/** A live feed for a channel of your own that announces the second of each new trade. */
public final class OwnLiveFeed implements LiveFeed {

  private final LinkedBlockingQueue<Hint> announced = new LinkedBlockingQueue<>();
  private final Thread thread = new Thread(this::deliver, "own-live-feed");
  private final CompletableFuture<LiveWriter> writer = new CompletableFuture<>();
  private volatile @Nullable String reason;

  /** Takes a file for {@link CsvTradeSource} and the second of a trade; runs until interrupted. */
  public static void main(String... args) throws InterruptedException {
    try (SyncEngine engine =
            SyncEngine.builder()
                .source(new CsvTradeSource(Path.of(args[0])))
                .log(new InMemorySyncLog())
                .sink(LambdaSink.printingTo(System.out))
                .build();
        OwnLiveFeed live = new OwnLiveFeed()) {
      live.start(engine);
      live.announced.add(new Hint(Long.parseLong(args[1]), null)); // your channel does this
      Thread.currentThread().join();
    }
  }

  @Override
  public void start(LiveWriter liveWriter) {
    if (!writer.complete(liveWriter)) {
      throw new IllegalStateException("the feed was started before");
    }
    thread.start();
  }

  private void deliver() {
    try {
      for (Hint hint = announced.take(); ; hint = announced.take()) {
        try {
          writer.join().catchUp(List.of(hint));
          reason = null;
        } catch (RuntimeException e) {
          reason = e.getMessage();
          writer.join().requestRun("an announced trade was not read"); // it finds the trade
        }
      }
    } catch (InterruptedException e) {
      // The feed is closed.
    }
  }

  @Override
  public FeedHealth health() {
    return new FeedHealth(
        "own", reason, false, List.of(), FeedHealth.Backlog.UNKNOWN, Map.of(), Map.of());
  }

  @Override
  public void close(Duration timeout) {
    thread.interrupt();
    try {
      thread.join(timeout.toMillis() + 1); // zero would wait without end
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
