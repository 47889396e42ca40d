package io.tradesync.examples.service.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.XTrimArgs;
import io.lettuce.core.api.StatefulRedisConnection;
import io.tradesync.Trade;
import io.tradesync.TradesyncException;
import io.tradesync.examples.service.embedded.EmbeddedServers;
import io.tradesync.examples.service.verify.Candles;
import io.tradesync.examples.service.verify.Sql;
import io.tradesync.redis.TradePublisher;
import io.tradesync.redis.fixture.RedisServer;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * 200,000 trades while everything around them breaks: three processes consume and recover by
 * themselves, and nobody else does anything about it.
 */
@Tag("long")
class LivePathUnderFireTest {

  private static final int TRADES = 200_000;
  private static final int MAX_A_BLOCK = 200;
  private static final int WORKERS = 3;
  private static final int KILLS = 20;
  private static final String STREAM = "trades";
  private static final String UP = "WORKER UP";
  private static final long T0 = 1_754_400_000L;

  private static final String TABLE =
      """
      CREATE TABLE order_book_trades (
        id text PRIMARY KEY, chain_id integer NOT NULL, price numeric(78, 0),
        quantity numeric(78, 0), "timestamp" integer, transaction_id text, side varchar,
        pool_id text NOT NULL);
      CREATE INDEX ON order_book_trades ("timestamp");
      """;

  private static final String INSERT =
      """
      INSERT INTO order_book_trades
      SELECT 'fire-' || n, 1, 1000 + n % 997, 1 + n % 13, 1754400000 + n / 50, '0x' || n,
        CASE n % 2 WHEN 0 THEN 'Buy' ELSE 'Sell' END, 'pool-' || n % 7
      FROM generate_series(?::int, ?::int) n
      ON CONFLICT DO NOTHING
      """;

  /** A process of a {@link LiveWorker}. */
  private record Worker(Process process, Path output) {
    boolean isUp() {
      return read(output).contains(UP);
    }
  }

  @TempDir private Path directory;

  private final long seed = Long.getLong("tradesync.seed", System.nanoTime());
  private final Random random = new Random(seed);
  private final EmbeddedServers servers = new EmbeddedServers();
  private final RedisServer redis = RedisServer.startPrivate();
  private final List<Worker> workers = new ArrayList<>();
  private final List<Path> outputs = new ArrayList<>();
  private String ponderUrl;
  private String storeUrl;
  private Sql ponder;
  private Sql store;
  private TradePublisher publisher;
  private int lostByPublisher;

  @BeforeEach
  void start() {
    ponderUrl = servers.postgresUrl("ponder");
    storeUrl = servers.postgresUrl("analytics");
    ponder = new Sql(ponderUrl);
    store = new Sql(storeUrl);
    ponder.update(TABLE);
    publisher = TradePublisher.builder(RedisURI.create(redis.uri())).stream(STREAM).build();
  }

  @AfterEach
  void stop() {
    workers.forEach(worker -> worker.process.destroyForcibly());
    publisher.close();
    redis.close();
    servers.close();
  }

  private void launchMissing() throws IOException {
    workers.removeIf(worker -> !worker.process.isAlive());
    while (workers.size() < WORKERS) {
      Path output = directory.resolve("worker-" + outputs.size() + ".txt");
      outputs.add(output);
      String classPath =
          System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
      Process process =
          new ProcessBuilder(
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  "-Xmx128m",
                  "-cp",
                  classPath,
                  LiveWorker.class.getName(),
                  ponderUrl,
                  storeUrl,
                  redis.uri(),
                  STREAM)
              .redirectErrorStream(true)
              .redirectOutput(output.toFile())
              .start();
      workers.add(new Worker(process, output));
    }
  }

  /** What is not up yet cannot be hit. */
  private void awaitAllUp() {
    await()
        .atMost(Duration.ofMinutes(2))
        .until(
            () -> {
              launchMissing();
              return workers.stream().allMatch(Worker::isUp);
            });
  }

  private void killOne() throws IOException {
    awaitAllUp();
    workers.get(random.nextInt(workers.size())).process.destroyForcibly();
    launchMissing();
  }

  private void killAll() throws InterruptedException {
    for (Worker worker : workers) {
      worker.process.destroyForcibly().waitFor();
    }
  }

  private static Trade trade(int n) {
    return Trade.builder("fire-" + n, T0 + n / 50, 1, "pool-" + n % 7)
        .price(BigDecimal.valueOf(1000 + n % 997))
        .quantity(BigDecimal.valueOf(1 + n % 13))
        .transactionId("0x" + n)
        .side(n % 2 == 0 ? "Buy" : "Sell")
        .build();
  }

  /** A block reaches the source for certain, and the stream if Redis is there just now. */
  private int block(int from, int upTo) {
    int to = Math.min(upTo, from + 1 + random.nextInt(MAX_A_BLOCK));
    boolean streamFirst = random.nextBoolean();
    if (streamFirst) {
      publish(from, to);
    }
    insert(from, to);
    if (!streamFirst) {
      publish(from, to);
    }
    return to;
  }

  private void insert(int from, int to) {
    await()
        .atMost(Duration.ofMinutes(1))
        .ignoreExceptions()
        .until(
            () -> {
              ponder.update(INSERT, from, to - 1);
              return true;
            });
  }

  private void publish(int from, int to) {
    try {
      publisher.publish(IntStream.range(from, to).mapToObj(LivePathUnderFireTest::trade).toList());
    } catch (TradesyncException e) {
      lostByPublisher++;
    }
  }

  private void flush() {
    RedisClient client = RedisClient.create(redis.uri());
    try (StatefulRedisConnection<String, String> connection = client.connect()) {
      connection.sync().flushall();
    } finally {
      client.shutdown();
    }
  }

  /** Trims away what was published while nobody consumed. */
  private int trimUnread(int from) throws Exception {
    killAll();
    int at = from;
    while (at < from + 3_000) {
      at = block(at, TRADES);
    }
    RedisClient client = RedisClient.create(redis.uri());
    try (StatefulRedisConnection<String, String> connection = client.connect()) {
      assertThat(connection.sync().xtrim(STREAM, XTrimArgs.Builder.maxlen(100))).isPositive();
    } finally {
      client.shutdown();
    }
    launchMissing();
    return at;
  }

  // As in a crash: nobody is told, and connections break.
  private void restartPostgres() throws IOException, InterruptedException {
    Path data = Path.of(ponder.texts("SHOW data_directory").get(0));
    List<String> command = new ArrayList<>();
    if (Files.getAttribute(data, "unix:uid").equals(0)) {
      command.addAll(List.of("unshare", "--user"));
    }
    command.addAll(
        List.of(
            data.resolveSibling("programs").resolve("bin").resolve("pg_ctl").toString(),
            "restart",
            "-w",
            "-m",
            "immediate",
            "-D",
            data.toString(),
            "-l",
            data + "/log.txt"));
    Path said = directory.resolve("pg_ctl.txt");
    Process process =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(said.toFile()).start();
    assertThat(process.waitFor()).as(() -> read(said)).isZero();
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void atTheEndBothSidesAreEqualAndNothingIsTwice() throws Exception {
    System.out.println("seed " + seed);
    long began = System.nanoTime();
    launchMissing();
    int published = 0;
    int killed = 0;
    boolean trimmed = false;
    List<Runnable> blows =
        new ArrayList<>(List.of(redis::restart, this::flush, redis::restart, this::crashPostgres));
    int blowEvery = TRADES / (blows.size() + 1);
    int nextBlow = blowEvery;
    while (published < TRADES) {
      published = block(published, TRADES);
      if (published >= (killed + 1) * (TRADES / (KILLS + 1)) && killed < KILLS) {
        killOne();
        killed++;
      }
      if (published >= nextBlow && !blows.isEmpty()) {
        awaitAllUp();
        blows.remove(0).run();
        nextBlow += blowEvery;
      }
      if (!trimmed && published >= TRADES / 2) {
        trimmed = true;
        published = trimUnread(published);
      }
      launchMissing();
    }
    long publishedAfter = millisSince(began);
    await()
        .atMost(Duration.ofMinutes(5))
        .pollInterval(Duration.ofSeconds(1))
        .until(() -> processed() == TRADES);
    long equalAfter = millisSince(began);

    assertThat(store.number("SELECT count(*) FROM analytics_trades")).isEqualTo(TRADES);
    assertThat(store.number("SELECT count(DISTINCT trade_id) FROM analytics_trades"))
        .isEqualTo(TRADES);
    assertThat(store.number("SELECT count(*) FROM sync_log")).isEqualTo(TRADES);
    assertThat(store.texts(Candles.STORED)).isEqualTo(ponder.texts(Candles.RECOMPUTED));
    assertThat(killed).isEqualTo(KILLS);
    assertThat(blows).isEmpty();
    awaitNothingPending();
    List<String> losses =
        outputs.stream()
            .flatMap(output -> read(output).lines())
            .filter(line -> line.contains("stream data may be lost"))
            .toList();
    System.out.printf(
        "seed %d: %,d trades published in %,d ms, equal after %,d ms; %d workers killed and %d"
            + " started, %d blocks that Redis refused, %d losses noticed; runs: %s, by runs: %s%n",
        seed,
        TRADES,
        publishedAfter,
        equalAfter,
        killed + WORKERS,
        outputs.size(),
        lostByPublisher,
        losses.size(),
        store.texts("SELECT count(*) FROM sync_run").get(0),
        store.texts("SELECT count(*) FROM sync_log WHERE run_id <> ''").get(0));
    assertThat(losses).anyMatch(line -> line.contains("were never delivered"));
    // Who made the group anew says the first, unless it was just started; the others say the
    // second.
    assertThat(losses).anyMatch(line -> line.contains("was gone") || line.contains("went back"));
    assertThat(losses).anyMatch(line -> line.contains("is another one, or was restarted"));
  }

  private void crashPostgres() {
    try {
      restartPostgres();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static long millisSince(long nanos) {
    return Duration.ofNanos(System.nanoTime() - nanos).toMillis();
  }

  private long processed() {
    return store.number("SELECT count(*) FROM sync_log WHERE status = 'processed'");
  }

  private void awaitNothingPending() {
    RedisClient client = RedisClient.create(redis.uri());
    try (StatefulRedisConnection<String, String> connection = client.connect()) {
      await()
          .atMost(Duration.ofMinutes(1))
          .until(() -> connection.sync().xpending(STREAM, "analytics").getCount() == 0);
    } finally {
      client.shutdown();
    }
  }
}
