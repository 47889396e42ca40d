package io.tradesync.examples.flink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.tradesync.GapCounts;
import io.tradesync.SyncEngine;
import io.tradesync.SyncEngineBuilder;
import io.tradesync.SyncResult;
import io.tradesync.jdbc.TimescaleSink;
import io.tradesync.jdbc.fixture.PostgresServer;
import io.tradesync.spi.ForwardingSink;
import io.tradesync.spi.TradeBatch;
import io.tradesync.spi.WorkOrder;
import io.tradesync.spi.WorkUnit;
import java.net.URI;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.flink.api.common.JobStatus;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.RestOptions;
import org.apache.flink.runtime.client.JobStatusMessage;
import org.apache.flink.runtime.execution.ExecutionState;
import org.apache.flink.runtime.executiongraph.AccessExecutionVertex;
import org.apache.flink.runtime.minicluster.MiniCluster;
import org.apache.flink.runtime.minicluster.MiniClusterConfiguration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Runs on a Flink cluster of two TaskManagers with a slot each, asked by REST. */
class FlinkWorkersTest {

  private static final int TRADES = 4_000;
  private static final int WORKERS = 2;

  // Six days, so that units end at days.
  private static final long FIRST_SECOND = 1_754_352_000L;
  private static final long APART = 6 * 86_400 / TRADES;

  private static final String ROWS =
      """
      select coalesce(string_agg(concat_ws(' ', %s, price, quantity), ', ' order by %1$s), '')
      from %s\
      """;
  // Keys that are in the store or in the log, but not in both; or that count as failed.
  private static final String WRONG_ENTRIES =
      """
      select count(*) from (select * from sync_log where status <> 'retracted') as entry
        full join analytics_trades as trade
          on (trade.trade_timestamp, trade.trade_id) = (entry.trade_timestamp, entry.trade_id)
      where entry.status is distinct from 'processed' or trade.trade_id is null\
      """;

  // What plain SQL computes from the rows, against the candles; empty if they are equal.
  private static final String WRONG_CANDLES =
      """
      with right_ones as (
        select chain_id, pool_id, s as bucket_seconds,
          to_timestamp(floor(trade_timestamp::numeric / s) * s) as bucket_start, count(*) as trades,
          (array_agg(price order by trade_timestamp, trade_id collate "C"))[1] as open,
          max(price) as high, min(price) as low,
          (array_agg(price order by trade_timestamp desc, trade_id collate "C" desc))[1] as close,
          sum(quantity) as volume, sum(price * quantity) as quote_volume
        from analytics_trades cross join unnest(array[60, 300, 900, 3600, 86400]) s
        group by chain_id, pool_id, s, bucket_start),
      held as (
        select chain_id, pool_id, bucket_seconds, bucket_start, trades, open, high, low, close,
          volume, quote_volume
        from trade_candles)
      select count(*) from (
        (select * from right_ones except select * from held)
        union all (select * from held except select * from right_ones)) as wrong\
      """;

  private static MiniCluster cluster;
  private static PostgresServer.Database ponder;

  private PostgresServer.Database store;
  private PostgresEngines engines;
  private @Nullable SyncEngine coordinator;

  @BeforeAll
  static void start() throws Exception {
    Configuration settings = new Configuration();
    settings.set(RestOptions.BIND_PORT, "0");
    cluster =
        new MiniCluster(
            new MiniClusterConfiguration.Builder()
                .setConfiguration(settings)
                .setNumTaskManagers(WORKERS)
                .setNumSlotsPerTaskManager(1)
                .build());
    cluster.start();
    ponder = PostgresServer.get().newDatabase();
  }

  @AfterAll
  static void stop() throws Exception {
    ponder.close();
    cluster.close();
  }

  @BeforeEach
  void prepare() {
    changeSource(
        String.format(
            Locale.ROOT,
            """
            drop table if exists order_book_trades, pools;
            create table order_book_trades (
              id text primary key, chain_id integer not null, price numeric(78, 0),
              quantity numeric(78, 0), "timestamp" integer, transaction_id text, side varchar,
              pool_id text not null);
            create table pools (
              id text primary key, order_book text, chain_id integer, coin varchar,
              base_decimals integer, quote_decimals integer);
            insert into order_book_trades
            select 't' || n, 1, 10 + n %% 97, 5, %d + n * %d, '0x' || n, 'Buy', 'p' || n %% 3
            from generate_series(0, %d) n\
            """,
            FIRST_SECOND,
            APART,
            TRADES - 1));
    store = PostgresServer.get().newDatabase();
    engines = new PostgresEngines(ponder.jdbcUrl(), store.jdbcUrl());
    WORKERS_OF_TEST.reset();
  }

  @AfterEach
  void close() {
    WORKERS_OF_TEST.reset();
    if (coordinator != null) {
      coordinator.close();
    }
    engines.close();
    await().atMost(Duration.ofSeconds(20)).until(() -> runningJobs() == 0);
    store.close();
  }

  private static final Observer WORKERS_OF_TEST = new Observer();

  private interface Step {
    void run() throws InterruptedException;
  }

  /** What the workers do; they are in this process. */
  private static final class Observer {
    final AtomicInteger writes = new AtomicInteger();
    volatile Step beforeWrite = () -> {};
    volatile Step beforeCreate = () -> {};

    void reset() {
      beforeWrite = () -> {};
      beforeCreate = () -> {};
      writes.set(0);
    }
  }

  /** A factory as users write it, with a sink that tells when it writes. */
  private static final class ObservedEngines implements EngineFactory {
    private final PostgresEngines engines;

    ObservedEngines(PostgresEngines engines) {
      this.engines = engines;
    }

    @Override
    public SyncEngine create() throws InterruptedException {
      WORKERS_OF_TEST.beforeCreate.run();
      return settings(engines).sink(new ObservedSink()).parallelism(1).build();
    }

    @Override
    public void close() {
      engines.close();
    }
  }

  private static final class ObservedSink extends ForwardingSink<Connection> {
    ObservedSink() {
      super(TimescaleSink.builder().build());
    }

    @Override
    public void write(TradeBatch batch, Connection transaction) throws Exception {
      WORKERS_OF_TEST.writes.incrementAndGet();
      WORKERS_OF_TEST.beforeWrite.run();
      super.write(batch, transaction);
    }
  }

  private static SyncEngineBuilder settings(PostgresEngines engines) {
    return engines.builder().batchSize(100).orphanGrace(Duration.ZERO);
  }

  private FlinkWorkers workers() {
    URI rest = cluster.getRestAddress().join();
    return new FlinkWorkers(
        () -> StreamExecutionEnvironment.createRemoteEnvironment(rest.getHost(), rest.getPort()),
        WORKERS,
        100,
        new ObservedEngines(engines));
  }

  private SyncEngine coordinator() {
    SyncEngine built = settings(engines).workers(workers()).build();
    coordinator = built;
    return built;
  }

  private static long runningJobs() {
    return cluster.listJobs().join().stream()
        .map(JobStatusMessage::getJobState)
        .filter(state -> !state.isGloballyTerminalState())
        .count();
  }

  /** A task that has begun may still wait for others; what ends it then ends its TaskManager. */
  private static void awaitAllTasks() {
    await()
        .atMost(Duration.ofSeconds(30))
        .until(
            () ->
                cluster.listJobs().join().stream()
                    .filter(job -> job.getJobState() == JobStatus.RUNNING)
                    .allMatch(FlinkWorkersTest::allTasksRun));
  }

  private static boolean allTasksRun(JobStatusMessage job) {
    for (AccessExecutionVertex task :
        cluster.getExecutionGraph(job.getJobId()).join().getAllExecutionVertices()) {
      if (task.getExecutionState() != ExecutionState.RUNNING) {
        return false;
      }
    }
    return true;
  }

  private static long jobs() {
    return cluster.listJobs().join().size();
  }

  private static void changeSource(String sql) {
    try (Connection connection = DriverManager.getConnection(ponder.jdbcUrl());
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    } catch (SQLException e) {
      throw new IllegalStateException(sql, e);
    }
  }

  private static String read(PostgresServer.Database database, String sql) {
    try (Connection connection = DriverManager.getConnection(database.jdbcUrl());
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      row.next();
      return row.getString(1);
    } catch (SQLException e) {
      throw new IllegalStateException(sql, e);
    }
  }

  private void assertExact() {
    assertThat(read(store, ROWS.formatted("trade_id", "analytics_trades")))
        .isEqualTo(read(ponder, ROWS.formatted("id", "order_book_trades")));
    assertThat(read(store, WRONG_ENTRIES)).isEqualTo("0");
    assertThat(read(store, WRONG_CANDLES)).isEqualTo("0");
    try (SyncEngine local = settings(engines).build()) {
      assertThat(local.health().gaps()).isEqualTo(GapCounts.NONE);
      assertThat(local.audit().gaps()).isEqualTo(GapCounts.NONE);
      assertThat(local.run().total()).isZero();
    }
  }

  private static void assertCounts(SyncResult result, long processed) {
    assertThat(result.success()).as(result.message()).isTrue();
    assertThat(List.of(result.processed(), result.errors())).containsExactly(processed, 0L);
  }

  @Test
  void aGapIsClosedByTheCluster() {
    long before = jobs();

    assertCounts(coordinator().run(), TRADES);

    assertThat(WORKERS_OF_TEST.writes).hasPositiveValue();
    assertThat(jobs()).isGreaterThan(before);
    assertExact();

    // Changed, retracted and late trades, and then all trades of the last half again.
    changeSource("update order_book_trades set price = 7 where right(id, 2) = '42'");
    changeSource("delete from order_book_trades where right(id, 3) = '777'");
    changeSource(
        String.format(
            Locale.ROOT,
            "insert into order_book_trades select 'late', 1, 5, 5, %d, '0x', 'Sell', 'p1'",
            FIRST_SECOND + 100));
    assertThat(coordinator.run().success()).isTrue();
    long from = FIRST_SECOND + 3 * 86_400;
    String later = "select count(*) from order_book_trades where \"timestamp\" > " + from;
    assertCounts(coordinator.forceFromEpochSecond(from), Long.parseLong(read(ponder, later)));
    assertExact();
  }

  @Test
  void theUnitsOfATaskManagerThatDiesAreDoneAgain() throws Exception {
    CountDownLatch bothWrite = new CountDownLatch(WORKERS);
    CountDownLatch died = new CountDownLatch(1);
    WORKERS_OF_TEST.beforeWrite =
        () -> {
          // Some batches are committed; then either worker is in the middle of a transaction.
          if (WORKERS_OF_TEST.writes.get() > 4) {
            bothWrite.countDown();
            died.await();
          }
        };
    SyncEngine engine = coordinator();
    CompletableFuture<SyncResult> run = CompletableFuture.supplyAsync(engine::run);
    assertThat(bothWrite.await(60, TimeUnit.SECONDS)).isTrue();
    awaitAllTasks();
    long jobs = jobs();

    CompletableFuture<Void> end = cluster.terminateTaskManager(0);
    WORKERS_OF_TEST.beforeWrite = () -> {};
    died.countDown();
    end.get(30, TimeUnit.SECONDS);
    cluster.startTaskManager();

    SyncResult result = run.get(60, TimeUnit.SECONDS);
    assertThat(result.success()).as(result.message()).isTrue();
    assertThat(jobs()).as("jobs").isGreaterThan(jobs);
    assertExact();
  }

  @Test
  void aRunThatIsCancelledStopsTheJob() throws Exception {
    CountDownLatch writing = new CountDownLatch(1);
    WORKERS_OF_TEST.beforeWrite =
        () -> {
          writing.countDown();
          TimeUnit.MILLISECONDS.sleep(100);
        };
    SyncEngine engine = coordinator();
    CompletableFuture<SyncResult> run = CompletableFuture.supplyAsync(engine::run);
    assertThat(writing.await(60, TimeUnit.SECONDS)).isTrue();

    engine.cancel();
    SyncResult result = run.get(30, TimeUnit.SECONDS);

    assertThat(result.success()).isFalse();
    await().atMost(Duration.ofSeconds(20)).until(() -> runningJobs() == 0);
    assertThat(Long.parseLong(read(store, "select count(*) from analytics_trades")))
        .isBetween(1L, TRADES - 1L);
    WORKERS_OF_TEST.beforeWrite = () -> {};
    assertThat(engine.run().success()).isTrue();
    assertExact();
  }

  @Test
  void anInterruptCancelsTheJob() throws Exception {
    CountDownLatch creating = new CountDownLatch(1);
    WORKERS_OF_TEST.beforeCreate =
        () -> {
          creating.countDown();
          new CountDownLatch(1).await();
        };
    CompletableFuture<Throwable> failure = new CompletableFuture<>();
    Thread carrier =
        new Thread(
            () -> {
              try {
                workers().carryOut(order(), units(), outcome -> {});
                failure.complete(new AssertionError("it returned"));
              } catch (Throwable e) {
                failure.complete(e);
              }
            });
    carrier.start();
    assertThat(creating.await(60, TimeUnit.SECONDS)).isTrue();
    awaitAllTasks();

    carrier.interrupt();

    assertThat(failure.get(20, TimeUnit.SECONDS)).isInstanceOf(InterruptedException.class);
    await().atMost(Duration.ofSeconds(20)).until(() -> runningJobs() == 0);
  }

  @Test
  void aFactoryThatFailsEndsTheRun() {
    WORKERS_OF_TEST.beforeCreate =
        () -> {
          throw new IllegalStateException("no such database");
        };
    long jobs = jobs();

    SyncResult result = coordinator().run();

    assertThat(result.success()).isFalse();
    assertThat(result.message()).contains("no such database");

    assertThat(jobs() - jobs).isEqualTo(1);
  }

  @Test
  void aJobThatIsCancelledInFlinkIsNotStartedAgain() throws Exception {
    CountDownLatch creating = new CountDownLatch(1);
    WORKERS_OF_TEST.beforeCreate =
        () -> {
          creating.countDown();
          new CountDownLatch(1).await();
        };
    long jobs = jobs();
    CompletableFuture<Void> carried =
        CompletableFuture.runAsync(
            () -> {
              try {
                workers().carryOut(order(), units(), outcome -> {});
              } catch (Exception e) {
                throw new IllegalStateException(e);
              }
            });
    assertThat(creating.await(60, TimeUnit.SECONDS)).isTrue();
    awaitAllTasks();

    for (JobStatusMessage job : List.copyOf(cluster.listJobs().join())) {
      if (job.getJobState() == JobStatus.RUNNING) {
        cluster.cancelJob(job.getJobId()).get(10, TimeUnit.SECONDS);
      }
    }

    assertThatThrownBy(() -> carried.get(30, TimeUnit.SECONDS))
        .hasStackTraceContaining("cancelled");
    assertThat(jobs() - jobs).isEqualTo(1);
  }

  /** An order that an engine answers with a refusal. */
  private static WorkOrder order() {
    return new WorkOrder(WorkOrder.VERSION + 1, "run", "compare", Map.of(), "");
  }

  private static List<WorkUnit> units() {
    List<WorkUnit> units = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      units.add(new WorkUnit(i, ""));
    }
    return units;
  }
}
