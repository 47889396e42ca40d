package io.tradesync.examples.service.demo;

import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.tradesync.Trade;
import io.tradesync.examples.service.embedded.EmbeddedServers;
import io.tradesync.examples.service.embedded.SampleData;
import io.tradesync.examples.service.serve.SyncService;
import io.tradesync.examples.service.settings.DeclaredSettings;
import io.tradesync.examples.service.settings.Settings;
import io.tradesync.examples.service.verify.Sql;
import io.tradesync.redis.TradePublisher;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** The servers and the service of the demo, and the faults that the scenarios cause. */
final class Stage implements AutoCloseable {

  static final String POOL = "0x00000000000000000000000000000000000000b0";
  static final long CHAIN = 31337;
  static final String STREAM = "trades";

  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private final EmbeddedServers servers = new EmbeddedServers();
  private final String sourceUrl;
  private final DemoStore demoStore;
  private final String redisUrl;
  private final Sql source;
  private final Sql store;
  private final Set<String> brokenTrades = ConcurrentHashMap.newKeySet();
  private @Nullable SyncService service;

  private Stage(Optional<String> namedStore) {
    demoStore = namedStore.map(DemoStore::on).orElseGet(() -> DemoStore.embedded(servers));
    sourceUrl = servers.postgresUrl("ponder");
    redisUrl = servers.redisUrl();
    source = new Sql(sourceUrl);
    store = demoStore.sql();
    SampleData.createTables(sourceUrl);
  }

  /**
   * Starts the servers.
   *
   * @param namedStore the JDBC URL of a database on the server of the store; empty for an embedded
   *     one
   */
  static Stage open(Optional<String> namedStore) {
    return new Stage(namedStore);
  }

  /** Says which store it is. */
  String describeStore() {
    return demoStore.description();
  }

  /** Starts the service. */
  Api startService(boolean live) {
    Map<String, String> settings =
        Map.of(
            DeclaredSettings.PONDER_JDBC_URL.name(), sourceUrl,
            DeclaredSettings.ANALYTICS_JDBC_URL.name(), demoStore.url(),
            DeclaredSettings.REDIS_URL.name(), redisUrl,
            DeclaredSettings.SYNC_STREAM.name(), STREAM,
            DeclaredSettings.SYNC_HTTP_PORT.name(), "0");
    SyncService started =
        SyncService.start(
            Settings.from(settings::get),
            new SyncService.Options(
                sink -> new FailingSink<>(sink, brokenTrades::contains),
                Duration.ofMillis(10),
                live));
    service = started;
    return new Api(started.url());
  }

  void stopService() {
    if (service != null) {
      service.close();
      service = null;
    }
  }

  /** Makes each write that contains one of these trades fail. */
  void breakNetworkFor(List<String> ids) {
    brokenTrades.addAll(ids);
  }

  void repairNetwork() {
    brokenTrades.clear();
  }

  static Trade trade(String id, long epochSecond) {
    return Trade.builder(id, epochSecond, CHAIN, POOL)
        .price(BigDecimal.valueOf(2_500_000_000L + epochSecond % 1_000 * 1_000))
        .quantity(new BigDecimal("1500000000000000000"))
        .transactionId("0x" + id)
        .side("Buy")
        .build();
  }

  /** Adds trades to the source and publishes them in the stream. */
  void happen(Trade... trades) {
    try (TradePublisher publisher =
        TradePublisher.builder(RedisURI.create(redisUrl)).stream(STREAM).build()) {
      for (Trade trade : trades) {
        source.update(
            "INSERT INTO order_book_trades VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            trade.id(),
            trade.chainId(),
            Objects.requireNonNull(trade.price()),
            Objects.requireNonNull(trade.quantity()),
            trade.epochSecond(),
            String.valueOf(trade.transactionId()),
            String.valueOf(trade.side()),
            trade.poolId());
      }
      publisher.publish(List.of(trades));
    }
  }

  /** Adds trades to the source that are not published, evenly spread over a time. */
  void happenUnseen(int count, long afterEpochSecond, long seconds) {
    source.update(
        """
        INSERT INTO order_book_trades
        SELECT encode(sha256(('trade ' || ?::bigint || ' ' || n)::bytea), 'hex'), ?,
          2500000000 + n * 7919 % 100000000, n::numeric * 1000000000000000, ? + ceil(n * ?::numeric / ?),
          '0x' || encode(sha256(n::text::bytea), 'hex'), 'Sell', ?
        FROM generate_series(1, ?) n
        """,
        afterEpochSecond, CHAIN, afterEpochSecond, seconds, count, POOL, count);
  }

  Sql source() {
    return source;
  }

  Sql store() {
    return store;
  }

  /** Returns how many entries of the stream no consumer of the group has read. */
  long unreadEntries() {
    RedisClient client = RedisClient.create(redisUrl);
    try (var connection = client.connect()) {
      List<?> group = (List<?>) connection.sync().xinfoGroups(STREAM).get(0);
      return (Long) group.get(group.indexOf("lag") + 1);
    } finally {
      client.shutdown(0, 2, TimeUnit.SECONDS);
    }
  }

  /**
   * Waits for a condition. After 20 s it returns, and the next comparison reports the difference.
   */
  static void await(BooleanSupplier condition) {
    long end = System.nanoTime() + PATIENCE.toNanos();
    try {
      while (!condition.getAsBoolean() && System.nanoTime() < end) {
        TimeUnit.MILLISECONDS.sleep(20);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    stopService();
    demoStore.close();
    servers.close();
  }
}
