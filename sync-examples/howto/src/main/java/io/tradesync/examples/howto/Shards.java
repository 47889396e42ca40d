package io.tradesync.examples.howto;

import static java.util.concurrent.TimeUnit.SECONDS;

import io.tradesync.GapCounts;
import io.tradesync.SyncHealth;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** One service over several stores, a pool each. A store that is down holds up no other one. */
public final class Shards implements AutoCloseable {

  /** The gaps of the shards that answered, the greatest lag, and the pools of the others. */
  public record Health(GapCounts gaps, long lagMinutes, List<String> down) {
    boolean isHealthy() {
      return gaps.total() == 0 && down.isEmpty();
    }
  }

  private final Map<String, Shard> shards = new LinkedHashMap<>();
  private final ExecutorService threads = Executors.newCachedThreadPool();

  /** Takes the URL of each pool's store. */
  Shards(String ponderUrl, String redis, String stream, Map<String, String> stores) {
    stores.forEach((pool, url) -> shards.put(pool, new Shard(pool, ponderUrl, url, redis, stream)));
  }

  /** Asks all shards at once, and waits a few seconds at most. */
  Health health() {
    Map<String, CompletableFuture<SyncHealth>> asked = new LinkedHashMap<>();
    shards.forEach((pool, shard) -> asked.put(pool, shard.health(threads)));
    asked.values().forEach(answer -> answer.orTimeout(5, SECONDS));
    GapCounts gaps = GapCounts.NONE;
    long lagMinutes = 0;
    List<String> down = new ArrayList<>();
    for (var shard : asked.entrySet()) {
      try {
        SyncHealth health = shard.getValue().join();
        gaps = gaps.plus(health.gaps());
        lagMinutes = Math.max(lagMinutes, health.lagMinutes());
      } catch (CompletionException e) {
        down.add(shard.getKey());
      }
    }
    return new Health(gaps, lagMinutes, down);
  }

  @Override
  public void close() {
    shards.values().parallelStream().forEach(Shard::close);
    threads.shutdown();
  }

  /**
   * Takes the JDBC URL of the source, Redis, the stream, and then each pool and its store's URL.
   */
  public static void main(String... args) throws InterruptedException {
    Map<String, String> stores = new LinkedHashMap<>();
    for (int i = 3; i < args.length; i += 2) {
      stores.put(args[i], args[i + 1]);
    }
    try (Shards all = new Shards(args[0], args[1], args[2], stores)) {
      while (true) {
        Health health = all.health();
        System.out.println(health.isHealthy() ? "healthy" : health.toString());
        Thread.sleep(1_000);
      }
    }
  }
}
