package io.tradesync.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tradesync.GapCounts;
import io.tradesync.SyncEngine;
import io.tradesync.SyncResult;
import io.tradesync.Trade;
import io.tradesync.jdbc.fixture.PostgresServer;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.postgresql.ds.PGPoolingDataSource;

/** Health while many callers ask for it, with connections of its own. */
@Timeout(120)
class HealthUnderLoadTest {

  private static final long T = 1_754_400_000L;
  private static final int POLLERS = 100;
  private static final int TRADES = 6_000;
  private static final int HEALTH_CONNECTIONS = 2;

  private final PonderTables tables = new PonderTables();
  private final StoreFixture store = new StoreFixture();
  private final List<PGPoolingDataSource> pools = new ArrayList<>();
  private DataSource healthOfSource;
  private DataSource healthOfStore;

  @BeforeEach
  void create() {
    tables.create("bigint", "");
    healthOfSource = pool(tables.database, HEALTH_CONNECTIONS);
    healthOfStore = pool(store.database, HEALTH_CONNECTIONS);
  }

  @AfterEach
  void drop() {
    pools.forEach(PGPoolingDataSource::close);
    store.database.close();
    tables.close();
  }

  /** A pool whose callers wait for a connection as long as it takes. */
  private DataSource pool(PostgresServer.Database database, int connections) {
    PGPoolingDataSource pool = new PGPoolingDataSource();
    pool.setDataSourceName(database.name() + " " + pools.size());
    pool.setUrl(database.jdbcUrl());
    pool.setMaxConnections(connections);
    pools.add(pool);
    return pool;
  }

  private SyncEngine engine() {
    return SyncEngine.builder()
        .source(PonderTradeSource.builder(pool(tables.database, 2)).build())
        .log(PostgresSyncLog.builder(pool(store.database, 3)).build())
        .sink(store.sink)
        .healthSides(
            PonderTradeSource.builder(healthOfSource).build(),
            PostgresSyncLog.builder(healthOfStore).build())
        .orphanGrace(Duration.ZERO)
        .build();
  }

  private void putTrades() {
    tables.put(
        IntStream.range(0, TRADES)
            .<Trade>mapToObj(i -> StoreFixture.trade("t" + i, T + i / 3, i + 1, 1))
            .toList());
  }

  @Test
  void aRunBesideAHundredPollersSucceedsAndEachOfThemIsAnswered() {
    putTrades();
    AtomicBoolean isOver = new AtomicBoolean();
    AtomicLong answers = new AtomicLong();
    try (SyncEngine engine = engine()) {
      List<CompletableFuture<Long>> pollers = new ArrayList<>();
      for (int i = 0; i < POLLERS; i++) {
        pollers.add(
            ConcurrentTask.run(
                () -> {
                  long own = 0;
                  while (own == 0 || !isOver.get()) {
                    GapCounts gaps = engine.health().gaps();
                    assertThat(gaps.missing()).isBetween(0L, (long) TRADES);
                    own++;
                    answers.incrementAndGet();
                  }
                  return own;
                }));
      }
      await().until(() -> answers.get() >= POLLERS);
      SyncResult result = engine.run();
      isOver.set(true);

      assertThat(result.message())
          .isEqualTo(
              String.format(Locale.ROOT, "Sync completed: %d/%d trades processed", TRADES, TRADES));
      assertThat(pollers).allSatisfy(poller -> assertThat(poller.join()).isPositive());
      assertThat(engine.health().gaps()).isEqualTo(GapCounts.NONE);
    }
  }

  @Test
  void aRunDoesNotWaitForConnectionsOfHealth() throws SQLException {
    putTrades();
    List<Connection> held = new ArrayList<>();
    try (SyncEngine engine = engine()) {
      for (int i = 0; i < HEALTH_CONNECTIONS; i++) {
        held.add(healthOfSource.getConnection());
        held.add(healthOfStore.getConnection());
      }
      CompletableFuture<GapCounts> health = ConcurrentTask.run(() -> engine.health().gaps());

      assertThat(engine.run().processed()).isEqualTo(TRADES);
      assertThat(health).isNotDone();
      for (Connection connection : held) {
        connection.close();
      }
      assertThat(health.join()).isEqualTo(GapCounts.NONE);
    }
  }
}
