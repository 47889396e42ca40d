package io.tradesync.examples.service.ponder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.zaxxer.hikari.HikariDataSource;
import io.tradesync.SyncEngine;
import io.tradesync.examples.service.embedded.SampleData;
import io.tradesync.examples.service.verify.Candles;
import io.tradesync.jdbc.PonderTradeSource;
import io.tradesync.jdbc.PostgresSyncLog;
import io.tradesync.jdbc.TimescaleSink;
import io.tradesync.jdbc.fixture.PostgresServer;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Reorganisations, a crash, a redeploy and a backfill, as a real Ponder committed them: what became
 * visible between two runs, or in the middle of one, ends in a store equal to the source.
 */
class PonderHistoryTest {

  /** Over before the next run. */
  private static final Duration SHORT = Duration.ofMillis(1);

  /** Never over. */
  private static final Duration LONG = Duration.ofHours(1);

  private final Interposer interposer = new Interposer();
  private PostgresServer.Database ponder;
  private PostgresServer.Database analytics;
  private HikariDataSource sourcePool;
  private HikariDataSource storePool;
  private Connection writer;
  private ReaderSnapshots snapshots;

  static Stream<String> histories() {
    return Stream.of(
        "reorg-other", "reorg-same", "reorg-empty", "two-chains", "crash", "redeploy", "backfill");
  }

  @BeforeEach
  void prepare() throws SQLException {
    ponder = PostgresServer.get().newDatabase();
    analytics = PostgresServer.get().newDatabase();
    SampleData.createTables(ponder.jdbcUrl());
    sourcePool = interposer.pool(ponder.jdbcUrl());
    storePool = interposer.pool(analytics.jdbcUrl());
    writer = ponder.dataSource().getConnection();
    snapshots = new ReaderSnapshots(ponder.dataSource(), analytics.dataSource());
  }

  @AfterEach
  void drop() throws SQLException {
    snapshots.close();
    writer.close();
    sourcePool.close();
    storePool.close();
    ponder.close();
    analytics.close();
  }

  private SyncEngine engine(Duration grace) {
    return SyncEngine.builder()
        .source(PonderTradeSource.builder(sourcePool).build())
        .log(PostgresSyncLog.builder(storePool).build())
        .sink(TimescaleSink.builder().build())
        .batchSize(5)
        .parallelism(2)
        .orphanGrace(grace)
        .build();
  }

  @ParameterizedTest
  @MethodSource("histories")
  void betweenRunsTheStoreFollowsEachTransaction(String name) throws SQLException {
    try (SyncEngine engine = engine(SHORT)) {
      for (PonderTransaction transaction : PonderTransaction.history(name)) {
        transaction.replay(writer);
        runUntilEqual(engine);
      }
    }
    assertThat(snapshots.faults()).isEmpty();
  }

  @ParameterizedTest
  @MethodSource("histories")
  void betweenRunsNothingIsLostWithinTheGrace(String name) throws SQLException {
    try (SyncEngine engine = engine(LONG)) {
      for (PonderTransaction transaction : PonderTransaction.history(name)) {
        transaction.replay(writer);
        assertThat(engine.run().success()).isTrue();
        snapshots.take();
        assertThat(snapshots.storedRows()).containsAll(snapshots.sourceRows());
      }
    }
    assertThat(snapshots.lost()).isEmpty();
    endsEqualAfterTheGrace();
  }

  @ParameterizedTest
  @MethodSource("histories")
  void duringRunsTheStoreEndsEqual(String name) throws Exception {
    runThroughout(name, SHORT);
    endsEqualAfterTheGrace();
  }

  @ParameterizedTest
  @MethodSource("histories")
  void duringRunsNothingIsLostWithinTheGrace(String name) throws Exception {
    runThroughout(name, LONG);
    assertThat(snapshots.lost()).isEmpty();
    endsEqualAfterTheGrace();
  }

  /** One transaction a run, each at another point of it. */
  private void runThroughout(String name, Duration grace) throws Exception {
    try (SyncEngine engine = engine(grace)) {
      for (PonderTransaction transaction : PonderTransaction.history(name)) {
        interposer.interpose(
            () -> {
              transaction.replay(writer);
              snapshots.take();
            });
        assertThat(engine.run().success()).isTrue();
        interposer.finish();
        snapshots.take();
      }
    }
  }

  private void endsEqualAfterTheGrace() {
    try (SyncEngine engine = engine(SHORT)) {
      runUntilEqual(engine);
    }
    assertThat(snapshots.faults()).isEmpty();
  }

  /** The run that first sees a trade gone lets it stay; a later one does not. */
  private void runUntilEqual(SyncEngine engine) {
    await()
        .pollDelay(Duration.ZERO)
        .pollInterval(SHORT)
        .untilAsserted(
            () -> {
              assertThat(engine.run().success()).isTrue();
              snapshots.take();
              assertThat(snapshots.storedRows()).isEqualTo(snapshots.sourceRows());
              assertThat(snapshots.stored(Candles.STORED))
                  .isEqualTo(snapshots.source(Candles.RECOMPUTED));
            });
  }
}
