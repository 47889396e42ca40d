package io.tradesync.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tradesync.InvalidSettingException;
import io.tradesync.RunOptions;
import io.tradesync.Scope;
import io.tradesync.SyncEngine;
import io.tradesync.SyncEngineBuilder;
import io.tradesync.SyncHealth;
import io.tradesync.SyncResult;
import io.tradesync.Trade;
import io.tradesync.inmemory.InMemoryTradeSource;
import io.tradesync.spi.TradeBatch;
import io.tradesync.spi.TransactionalSink;
import java.sql.Connection;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Somebody deletes rows of the log's tables while an engine uses them. */
class DeletedRowsTest {

  private static final long T = 1_754_400_000L;
  private static final String BASELINE = "select baseline from sync_service";

  private final StoreFixture store = new StoreFixture();
  private final InMemoryTradeSource source = new InMemoryTradeSource();

  @AfterEach
  void drop() {
    store.database.close();
  }

  /** The trades are final, so that only a comparison of everything finds what became of them. */
  private static final RunOptions EVERYTHING = RunOptions.DEFAULT.compareAll(true);

  private SyncEngineBuilder builder() {
    return SyncEngine.builder()
        .source(source)
        .log(PostgresSyncLog.builder(store.database.dataSource()).build())
        .sink(store.sink)
        .compareAllUpTo(0)
        .batchSize(2)
        .parallelism(2)
        .orphanGrace(Duration.ZERO)
        .retryDelay(Duration.ofMillis(1));
  }

  private void put(int from, int to) {
    for (int i = from; i < to; i++) {
      source.put(trade(i, T + i));
    }
  }

  private static Trade trade(int number, long second) {
    return StoreFixture.trade(String.format(Locale.ROOT, "t%03d", number), second, 3, 5);
  }

  private void assertEqualToSource() {
    assertThat(store.trades()).isEqualTo(source.trades());
    assertThat(store.count("select count(*) from sync_log where status = 'processed'"))
        .isEqualTo(source.trades().size());
  }

  private void assertRunWrites(SyncEngine engine, int processed) {
    SyncResult result = engine.run();
    assertThat(result.success()).as(result.message()).isTrue();
    assertThat(result.processed()).isEqualTo(processed);
    assertEqualToSource();
  }

  /** A sink that does something before its first batch is written. */
  private static TransactionalSink<Connection> before(
      TransactionalSink<Connection> sink, Runnable first) {
    return new TransactionalSink<>() {
      private boolean done;

      @Override
      public Class<Connection> transactionType() {
        return Connection.class;
      }

      @Override
      public void prepare(String service, Connection transaction) throws Exception {
        sink.prepare(service, transaction);
      }

      @Override
      public void write(TradeBatch batch, Connection transaction) throws Exception {
        synchronized (this) {
          if (!done) {
            done = true;
            first.run();
          }
        }
        sink.write(batch, transaction);
      }
    };
  }

  @Test
  void aServiceRowIsCreatedAgainWithTheBaselineOfTheProcess() {
    put(0, 20);
    try (SyncEngine engine = builder().scope(Scope.since(Instant.ofEpochSecond(T))).build()) {
      assertRunWrites(engine, 20);
      assertThat(engine.health().verified()).isNotNull();

      store.execute("delete from sync_service");
      put(20, 30);
      SyncHealth health = engine.health();
      assertThat(health.verified()).isNull();
      assertThat(health.missedTrades()).isEqualTo(10);
      assertRunWrites(engine, 10);
      assertThat(store.count(BASELINE)).isEqualTo(T);
      assertThat(engine.health().isHealthy()).isTrue();
      assertThat(engine.health().verified()).isNotNull();
    }
  }

  @Test
  void whatWasVerifiedBeforeIsComparedAgain() {
    for (int i = 0; i < 20; i++) {
      source.put(trade(i, T + i * 3_600));
    }
    try (SyncEngine engine = builder().build()) {
      assertRunWrites(engine, 20);
      // The first run marked what it wrote as unverified.
      assertRunWrites(engine, 0);
      // Only a comparison of everything sees this.
      source.put(StoreFixture.trade("t003", T + 3 * 3_600, 7, 7));
      assertThat(engine.run().processed()).isZero();
      store.execute("delete from sync_service");
      assertRunWrites(engine, 1);
    }
  }

  @Test
  void theBaselineOfAnAgeIsKept() {
    put(0, 10);
    Scope scope = Scope.last(Duration.between(Instant.ofEpochSecond(T), Instant.now()));
    try (SyncEngine engine = builder().scope(scope).build()) {
      long baseline = store.count(BASELINE);
      assertThat(engine.run().success()).isTrue();
      store.execute("truncate sync_service");
      put(10, 20);
      assertThat(engine.run().success()).isTrue();
      assertThat(store.count(BASELINE)).isEqualTo(baseline);
      try (SyncEngine restarted = builder().scope(Scope.last(Duration.ZERO)).build()) {
        assertThat(restarted.health().isHealthy()).isTrue();
        assertThat(store.count(BASELINE)).isEqualTo(baseline);
      }
    }
  }

  @Test
  void theLivePathCreatesTheServiceRowAgain() {
    put(0, 10);
    try (SyncEngine engine = builder().scope(Scope.since(Instant.ofEpochSecond(T))).build()) {
      assertRunWrites(engine, 10);
      store.execute("delete from sync_service");
      put(10, 11);
      assertThat(engine.ingest(List.of(trade(10, T + 10))).written()).hasSize(1);
      assertThat(store.count(BASELINE)).isEqualTo(T);
      assertRunWrites(engine, 0);
    }
  }

  @Test
  void healthWithALogOfItsOwnKnowsTheBaseline() {
    put(0, 10);
    try (SyncEngine engine =
        builder()
            .scope(Scope.since(Instant.ofEpochSecond(T)))
            .healthSides(source, PostgresSyncLog.builder(store.database.dataSource()).build())
            .build()) {
      assertRunWrites(engine, 10);
      store.execute("delete from sync_service");
      assertThat(engine.health().isHealthy()).isTrue();
      assertThat(
              store.count("select count(*) from sync_service where baseline is distinct from " + T))
          .isZero();
      assertRunWrites(engine, 0);
    }
  }

  @Test
  void aStartWithAnAgeIsRefusedIfTheBaselineIsLost() {
    put(0, 10);
    Scope last = Scope.last(Duration.ofDays(10_000));
    long baseline;
    try (SyncEngine engine = builder().scope(last).build()) {
      baseline = store.count(BASELINE);
      assertRunWrites(engine, 10);
    }
    store.execute("delete from sync_service");
    for (int i = 0; i < 2; i++) {
      assertThatThrownBy(() -> builder().scope(last).build())
          .isInstanceOfSatisfying(
              InvalidSettingException.class, e -> assertThat(e.name()).isEqualTo("scope"))
          .hasMessageContaining("scope must be Scope.since with the baseline of the first start")
          .hasMessageContaining("the row of analytics in sync_service");
      assertThat(store.count("select count(*) from sync_service")).isZero();
    }
    // The way out: the baseline is recorded again, and kept from then on.
    builder().scope(Scope.since(Instant.ofEpochSecond(baseline))).build().close();
    put(10, 12);
    try (SyncEngine engine = builder().scope(last).build()) {
      assertThat(store.count(BASELINE)).isEqualTo(baseline);
      assertThat(engine.health().verified()).isNull();
      assertRunWrites(engine, 2);
    }
  }

  @Test
  void aStartWithAnAgeAndWithoutEntriesIsAFirstStart() {
    put(0, 10);
    builder().scope(Scope.last(Duration.ofDays(10))).build().close();
    store.execute("delete from sync_service");
    try (SyncEngine engine = builder().scope(Scope.last(Duration.ofDays(10_000))).build()) {
      assertRunWrites(engine, 10);
    }
    // Entries of another service are not its own.
    PostgresSyncLog neighbour =
        PostgresSyncLog.builder(store.database.dataSource()).service("neighbour").build();
    neighbour.prepare();
    assertThat(neighbour.scope().keepBaseline(T)).isEqualTo(T);
  }

  /** What a run under way can lose; it or the next one writes what is left, once. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "delete from sync_service",
        "delete from sync_run",
        "delete from sync_lease",
        "delete from sync_unverified",
        "delete from sync_tracked_id",
        "delete from sync_retention"
      })
  void whatElseIsDeletedDuringARunDoesNotStopTheNextOne(String deletion) {
    put(0, 40);
    AtomicReference<CompletableFuture<Void>> deleted = new AtomicReference<>();
    // It waits for the batches under way, which hold some of the rows.
    Runnable delete = () -> deleted.set(CompletableFuture.runAsync(() -> store.execute(deletion)));
    TransactionalSink<Connection> sink = before(store.sink, delete);
    try (SyncEngine engine = builder().sink(sink).build()) {
      SyncResult first = engine.run();
      deleted.get().join();
      boolean lostLease = deletion.contains("sync_lease");
      assertThat(first.success() || lostLease).as(first.message()).isTrue();
      put(40, 50);
      assertThat(engine.run().success()).isTrue();
      assertEqualToSource();
      assertThat(engine.health().isHealthy()).isTrue();
      assertThat(engine.run().processed()).isZero();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "delete from sync_run",
        "delete from sync_lease",
        "delete from sync_unverified",
        "delete from sync_tracked_id",
        "delete from sync_outside_key_order",
        // As docs/PERFORMANCE.md advises for the run history.
        "delete from sync_run where ended_at < now() and outcome <> 'aborted'"
      })
  void whatElseIsDeletedBetweenRunsDoesNotKeepATradeThatIsGoneOrMoved(String deletion) {
    long now = store.count("select extract(epoch from now())::bigint");
    for (int i = 0; i < 20; i++) {
      source.put(trade(i, now - 100 + i));
    }
    try (SyncEngine engine = builder().build()) {
      assertThat(engine.run().success()).isTrue();
      store.execute(deletion);
      source.remove("t003");
      source.remove("t005");
      source.put(trade(5, now - 10));
      assertThat(engine.run().success()).isTrue();
      assertThat(engine.run().success()).isTrue();
      assertEqualToSource();
      assertThat(engine.health().isHealthy()).isTrue();
    }
  }

  @Test
  void theGraceOfATradeBeginsAnewIfItsTimeIsDeleted() {
    put(0, 20);
    String longGone = "update sync_tracked_id set gone_since = now() - interval '2 hours'";
    String gone = " where gone_since is not null";
    try (SyncEngine engine = builder().orphanGrace(Duration.ofHours(1)).build()) {
      assertRunWrites(engine, 20);
      source.remove("t003");
      assertThat(engine.run(EVERYTHING).success()).isTrue();
      store.execute(longGone + gone);
      store.execute("delete from sync_tracked_id");
      assertThat(engine.run(EVERYTHING).success()).isTrue();
      assertThat(store.trades()).hasSize(20);
      store.execute(longGone + gone);
      assertThat(engine.run(EVERYTHING).success()).isTrue();
      assertEqualToSource();
    }
  }

  /** The log no longer knows where the trade was; the comparison does. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aTradeThatMovesWhenItsTrackedIdIsDeletedIsMovedByARun(boolean live) {
    put(0, 20);
    try (SyncEngine engine = builder().orphanGrace(Duration.ofHours(1)).build()) {
      assertRunWrites(engine, 20);
      store.execute("delete from sync_tracked_id");
      source.remove("t005");
      source.put(trade(5, T + 50));
      if (live) {
        assertThat(engine.ingest(List.of(trade(5, T + 50))).written()).hasSize(1);
        assertThat(store.trades()).hasSize(21);
      }
      assertThat(engine.run(EVERYTHING).success()).isTrue();
      assertEqualToSource();
      assertThat(engine.health().isHealthy()).isTrue();
    }
  }
}
