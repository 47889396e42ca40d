package io.tradesync.jdbc;

import static io.tradesync.jdbc.StoreFixture.trade;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.tradesync.ForcedTrades;
import io.tradesync.InvalidSettingException;
import io.tradesync.KeyRange;
import io.tradesync.RunKind;
import io.tradesync.RunOutcome;
import io.tradesync.Side;
import io.tradesync.SideUnavailableException;
import io.tradesync.SyncAlreadyRunningException;
import io.tradesync.SyncRun;
import io.tradesync.Trade;
import io.tradesync.TradeKey;
import io.tradesync.jdbc.fixture.PostgresServer;
import io.tradesync.spi.FailureKind;
import io.tradesync.spi.SinkCapability;
import io.tradesync.spi.TradeChange;
import io.tradesync.spi.log.Claim;
import io.tradesync.spi.log.ClaimMode;
import io.tradesync.spi.log.ClaimRequest;
import io.tradesync.spi.log.FencingToken;
import io.tradesync.spi.log.GracePeriod;
import io.tradesync.spi.log.LeaseKind;
import io.tradesync.spi.log.LeaseLostException;
import io.tradesync.spi.log.RunState;
import io.tradesync.spi.log.SyncLog;
import io.tradesync.testkit.CompleteSyncLogContract;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.postgresql.ds.PGSimpleDataSource;

class PostgresSyncLogTest extends CompleteSyncLogContract {

  private final List<PostgresServer.Database> databases = new ArrayList<>();

  private PostgresServer.Database newDatabase() {
    PostgresServer.Database database = PostgresServer.get().newDatabase();
    databases.add(database);
    return database;
  }

  @AfterEach
  void drop() {
    databases.forEach(PostgresServer.Database::close);
  }

  @Override
  protected SyncLog emptyLog() {
    return PostgresSyncLog.builder(newDatabase().dataSource()).schema("a \"log\"").build();
  }

  /** The planner would take any slice for a quarter of the log. */
  @Test
  void aSliceOfALargeLogIsReadByItsKey() {
    StoreFixture store = new StoreFixture();
    databases.add(store.database);
    store.log.prepare();
    store.execute(
        String.format(
            Locale.ROOT,
            """
            insert into sync_log (service, trade_timestamp, trade_id, status, fingerprint, run_id)
            select 'analytics', %d + n / 4, 't' || n, 'processed', n, 'run'
            from generate_series(1, 400000) as n\
            """,
            T));
    store.execute("vacuum analyze sync_log");
    // Servers count late: what came before these rows is counted when they are.
    await().until(() -> store.count(SCANS.formatted("n_tup_ins")) == 400_000);
    long before = wholeReads(store);
    // More often than a prepared statement is planned for its values.
    for (int i = 0; i < 12; i++) {
      KeyRange slice = KeyRange.seconds(T + 50_000 + i, T + 50_100 + i);
      assertThat(store.log.entries().digests(slice, 10)).hasSize(10);
      assertThat(store.log.entries().digests(List.of(slice)).get(0).processed()).isEqualTo(400);
      assertThat(store.log.entries().page(List.of(slice), 100)).hasSize(100);
      assertThat(store.log.entries().first(slice)).isPresent();
    }
    await().until(() -> store.count(SCANS.formatted("idx_scan")) >= 48);
    assertThat(wholeReads(store)).isEqualTo(before);
  }

  private static final String SCANS =
      "select %s from pg_stat_user_tables where relname = 'sync_log'";

  private static long wholeReads(StoreFixture store) {
    return store.count(SCANS.formatted("seq_scan"));
  }

  @Test
  void manyProcessesCanPrepareAtOnceAndAgain() throws Exception {
    PostgresServer.Database database = newDatabase();
    ExecutorService threads = Executors.newFixedThreadPool(8);
    Callable<Boolean> prepare =
        () -> {
          PostgresSyncLog log = PostgresSyncLog.builder(database.dataSource()).schema("s").build();
          log.prepare();
          log.transact(
              null,
              transaction -> {
                TimescaleSink.builder()
                    .schema("s")
                    .build()
                    .prepare("analytics", (Connection) transaction.handle());
                return true;
              });
          return true;
        };
    for (Future<Boolean> done : threads.invokeAll(List.of(prepare, prepare, prepare, prepare))) {
      assertThat(done.get()).isTrue();
    }
    threads.shutdown();
    assertThat(prepare.call()).isTrue();
  }

  @Test
  void aGrantThatTheServerForgotInACrashIsNotTakenForAnothersOfTheSameNumber() {
    StoreFixture store = new StoreFixture();
    databases.add(store.database);
    PostgresSyncLog log = PostgresSyncLog.builder(store.database.dataSource()).build();
    log.prepare();
    FencingToken forgotten = log.lease().acquire(LeaseKind.RUN, "r1", Duration.ofMinutes(1));
    store.execute("delete from sync_lease");
    FencingToken current = log.lease().acquire(LeaseKind.RUN, "r2", Duration.ofMinutes(1));

    assertThat(current.number()).isEqualTo(forgotten.number());
    assertThat(log.lease().renew(forgotten, Duration.ofMinutes(1))).isFalse();
    assertThatThrownBy(() -> log.<Boolean>transact(forgotten, transaction -> true))
        .isInstanceOf(LeaseLostException.class);
    log.lease().release(forgotten);
    assertThat(log.lease().renew(current, Duration.ofMinutes(1))).isTrue();
  }

  /**
   * A process that was stopped in the middle of a batch: its connection lives, and does nothing.
   */
  @Test
  void whoWaitsForAStoppedProcessIsRefusedAndItsTransactionIsEnded() throws Exception {
    PostgresSyncLog stopped =
        PostgresSyncLog.builder(newDatabase().dataSource())
            .statementTimeout(Duration.ofSeconds(5))
            .build();
    stopped.prepare();
    FencingToken fence = stopped.lease().acquire(LeaseKind.RUN, "r1", Duration.ofMillis(10));
    CountDownLatch end = new CountDownLatch(1);
    CountDownLatch inside = new CountDownLatch(1);
    ExecutorService threads = Executors.newSingleThreadExecutor();
    Future<Boolean> batch =
        threads.submit(
            () ->
                stopped.transact(
                    fence,
                    transaction -> {
                      inside.countDown();
                      return end.await(1, TimeUnit.MINUTES);
                    }));
    inside.await();
    assertThatThrownBy(() -> stopped.lease().acquire(LeaseKind.RUN, "r2", Duration.ofMinutes(1)))
        .isInstanceOfSatisfying(
            SyncAlreadyRunningException.class, e -> assertThat(e.runId()).isEqualTo("r1"));

    assertThat(
            await()
                .ignoreException(SyncAlreadyRunningException.class)
                .until(
                    () -> stopped.lease().acquire(LeaseKind.RUN, "r2", Duration.ofMinutes(1)),
                    taken -> true)
                .number())
        .isGreaterThan(fence.number());
    end.countDown();
    assertThatThrownBy(batch::get)
        .satisfies(e -> assertThat(stopped.classify(e)).contains(FailureKind.NETWORK));
    threads.shutdown();
  }

  /** As when two workers compare the same unit. */
  @Test
  void aTradeThatAnotherRecordedAsGoneInTheMeantimeIsDueToo() throws Exception {
    StoreFixture store = new StoreFixture();
    databases.add(store.database);
    store.log.prepare();
    TradeKey back = new TradeKey(T, "a");
    TradeKey gone = new TradeKey(T + 1, "b");
    recordGone(store, KeyRange.all(), back);
    CompletableFuture<Set<TradeKey>> heldUp;
    try (Connection gate = store.database.dataSource().getConnection()) {
      gate.setAutoCommit(false);
      gate.createStatement().execute("select from sync_tracked_id where trade_id = 'a' for update");
      heldUp = ConcurrentTask.run(() -> recordGone(store, KeyRange.all(), gone));
      await().until(() -> store.waitingForLocks() == 1);

      Set<TradeKey> other = recordGone(store, KeyRange.from(T + 1), gone);

      gate.rollback();
      assertThat(other).containsExactly(gone);
    }
    assertThat(heldUp.get(60, TimeUnit.SECONDS)).containsExactly(gone);
  }

  /** The update moves the entry's row; the place at which it was first seen is no longer its. */
  @Test
  void anEntryThatAnotherUpdatesMeanwhileIsRetractedWhereItIsThen() throws Exception {
    StoreFixture store = new StoreFixture();
    databases.add(store.database);
    store.log.prepare();
    Trade trade = StoreFixture.trade("a", T, 1, 1);
    claim(store, List.of(trade), List.of());
    CompletableFuture<Claim> retraction;
    try (Connection gate = store.database.dataSource().getConnection()) {
      gate.setAutoCommit(false);
      gate.createStatement().execute("update sync_log set fingerprint = fingerprint + 1");
      retraction = ConcurrentTask.run(() -> claim(store, List.of(), List.of(trade.key())));
      await().until(() -> store.waitingForLocks() == 1);
      gate.commit();
    }
    assertThat(retraction.get(60, TimeUnit.SECONDS).changes())
        .containsExactly(new TradeChange.Retract(trade.key()));
    assertThat(store.count("select count(*) from sync_log where status = 'retracted'"))
        .isEqualTo(1);
  }

  private static Claim claim(StoreFixture store, List<Trade> trades, List<TradeKey> retractions)
      throws Exception {
    return store.log.transact(
        null,
        transaction ->
            transaction.claim(
                new ClaimRequest(
                    trades,
                    retractions,
                    ClaimMode.REPAIR,
                    EnumSet.allOf(SinkCapability.class),
                    "run")));
  }

  private static Set<TradeKey> recordGone(StoreFixture store, KeyRange range, TradeKey gone) {
    GracePeriod none = GracePeriod.overNow(Duration.ZERO);
    return store.log.orphans().recordGone(List.of(range), List.of(gone), none);
  }

  @Test
  void aStatementThatTakesTooLongIsCutOff() {
    PostgresServer.Database database = newDatabase();
    PostgresSyncLog.builder(database.dataSource()).build().prepare();
    PostgresSyncLog log =
        PostgresSyncLog.builder(database.dataSource())
            .statementTimeout(Duration.ofSeconds(1))
            .build();
    assertThatThrownBy(
            () ->
                log.<Boolean>transact(
                    null,
                    transaction -> {
                      try (var statement = ((Connection) transaction.handle()).createStatement()) {
                        return statement.execute("select pg_sleep(60)");
                      }
                    }))
        .hasMessage("canceling statement due to statement timeout (SQLState 57014)");
    assertThatThrownBy(
            () ->
                PostgresSyncLog.builder(newDatabase().dataSource()).statementTimeout(Duration.ZERO))
        .isInstanceOf(InvalidSettingException.class)
        .hasMessageContaining("statementTimeout");
  }

  @Test
  void aStoreThatCanOnlyBeReadFromDoesNotPassTheProbe() throws Exception {
    PostgresServer.Database database = newDatabase();
    PostgresSyncLog log = PostgresSyncLog.builder(database.dataSource()).build();
    log.prepare();
    log.probe();
    PGSimpleDataSource standby = new PGSimpleDataSource();
    standby.setUrl(database.url());
    standby.setUser(database.user());
    standby.setPassword(database.password());
    standby.setOptions("-c default_transaction_read_only=on");
    assertThatThrownBy(() -> PostgresSyncLog.builder(standby).build().probe())
        .hasMessage("it can only be read from");
  }

  @Test
  void aReasonNamesTheRuleAndQuotesNoRow() {
    StoreFixture store = new StoreFixture();
    databases.add(store.database);
    PostgresSyncLog log = PostgresSyncLog.builder(store.database.dataSource()).build();
    log.prepare();
    store.execute("alter table sync_log add constraint ids_are_short check (length(trade_id) < 9)");
    assertThatThrownBy(
            () -> log.transact(null, tx -> tx.claim(request(trade("a-long-id", 1, 1, 1)))))
        .hasMessageContaining("violates check constraint \"ids_are_short\" (SQLState 23514)")
        .hasMessageNotContaining("a-long-id");
  }

  @Test
  void runsThatFoundNothingAreForgottenAfterADay() {
    StoreFixture store = new StoreFixture();
    databases.add(store.database);
    PostgresSyncLog log = PostgresSyncLog.builder(store.database.dataSource()).build();
    log.prepare();
    for (String run : List.of("idle", "busy", "failed", "forced", "young")) {
      log.runs()
          .begin(
              run,
              run.equals("forced") ? RunKind.FORCE : RunKind.RUN,
              "host",
              ForcedTrades.after(1));
      log.runs()
          .update(
              run,
              new RunState(
                  run.equals("failed") ? RunOutcome.FAILED : RunOutcome.COMPLETED,
                  0,
                  0,
                  run.equals("busy") ? 1 : 0,
                  null,
                  "words"));
    }
    store.execute(
        "update sync_run set started_at = now() - interval '25 hours' where run_id <> 'young'");

    log.runs().begin("last", RunKind.RUN, "host", null);
    log.runs().update("last", new RunState(RunOutcome.COMPLETED, 0, 0, 0, null, "words"));

    assertThat(log.runs().latest(10))
        .extracting(SyncRun::id)
        .containsExactlyInAnyOrder("last", "young", "busy", "failed", "forced");
  }

  @Test
  void aUserWithoutTheRightToCreateTablesIsToldSoAndNothingIsLeft() throws Exception {
    StoreFixture store = new StoreFixture();
    databases.add(store.database);
    store.execute("drop role if exists powerless");
    store.execute("create role powerless login password 'secret-word'");
    store.execute("revoke create on schema public from public");
    PGSimpleDataSource powerless = new PGSimpleDataSource();
    powerless.setUrl(store.database.url());
    powerless.setUser("powerless");
    powerless.setPassword("secret-word");

    assertThatThrownBy(() -> PostgresSyncLog.builder(powerless).build().prepare())
        .isInstanceOf(InvalidSettingException.class)
        .hasMessageContaining("schema")
        .hasMessageContaining("public")
        .hasMessageContaining("permission denied")
        .hasMessageNotContaining("secret-word");
    assertThat(store.count("select count(*) from pg_tables where schemaname = 'public'")).isZero();
    store.execute("drop role powerless");
  }

  @Test
  void tablesThatOthersMadeAreEnoughWithoutMigrating() throws Exception {
    StoreFixture store = new StoreFixture();
    databases.add(store.database);
    PostgresSyncLog without =
        PostgresSyncLog.builder(store.database.dataSource()).migrate(false).build();

    assertThatThrownBy(without::prepare)
        .isInstanceOf(InvalidSettingException.class)
        .hasMessageContaining("sync_log");
    store.log.prepare();
    without.prepare();
  }

  @Test
  void aServerThatIsNotThereIsTheStore() {
    PGSimpleDataSource nowhere = new PGSimpleDataSource();
    nowhere.setUrl("jdbc:postgresql://127.0.0.1:1/x?user=u&password=secret-word");

    assertThatThrownBy(() -> PostgresSyncLog.builder(nowhere).build().prepare())
        .isInstanceOfSatisfying(
            SideUnavailableException.class, e -> assertThat(e.side()).isEqualTo(Side.STORE))
        .hasMessageNotContaining("secret-word");
  }

  private static ClaimRequest request(Trade trade) {
    return new ClaimRequest(
        List.of(trade), List.of(), ClaimMode.NEW, EnumSet.allOf(SinkCapability.class), "r");
  }

  @Test
  void twoServicesShareTheTablesAndNotTheEntries() throws Exception {
    PostgresServer.Database database = newDatabase();
    PostgresSyncLog one = PostgresSyncLog.builder(database.dataSource()).service("one").build();
    PostgresSyncLog two = PostgresSyncLog.builder(database.dataSource()).service("two").build();
    one.prepare();
    two.prepare();
    one.transact(null, tx -> tx.claim(request(trade("a", T, 1, 1))));

    assertThat(two.entries().first(KeyRange.all())).isEmpty();
    assertThat(two.transact(null, tx -> tx.claim(request(trade("a", T, 1, 1)))).changes())
        .hasSize(1);
  }

  @Test
  void aPoolWhoseConnectionsDoNotCommitByThemselvesIsWrittenToAllTheSame() throws Exception {
    PostgresServer.Database database = newDatabase();
    PGSimpleDataSource manual =
        new PGSimpleDataSource() {
          private static final long serialVersionUID = 1L;

          @Override
          public Connection getConnection() throws SQLException {
            Connection connection = super.getConnection();
            connection.setAutoCommit(false);
            return connection;
          }
        };
    manual.setUrl(database.jdbcUrl());
    PostgresSyncLog log = PostgresSyncLog.builder(manual).build();
    log.prepare();
    log.transact(null, tx -> tx.claim(request(trade("a", T, 1, 1))));

    PostgresSyncLog other = PostgresSyncLog.builder(database.dataSource()).build();
    assertThat(other.entries().first(KeyRange.all())).isPresent();
  }

  @Test
  void failuresAreToldApartBySqlState() {
    SyncLog log = emptyLog();

    assertThat(log.classify(new RuntimeException(new SQLException("x", "08006"))))
        .contains(FailureKind.NETWORK);
    assertThat(log.classify(new SQLException("x", "40P01"))).contains(FailureKind.TRANSIENT);
    assertThat(log.classify(new SQLException("x", "22003"))).contains(FailureKind.DATA);
    assertThat(log.classify(new SQLException("x", "P0001"))).isEmpty();
    assertThat(log.classify(new IllegalStateException())).isEmpty();
  }

  @Test
  void settingsAreChecked() {
    PostgresSyncLog.Builder builder = PostgresSyncLog.builder(new PGSimpleDataSource());

    assertThatThrownBy(() -> builder.service("")).hasMessageContaining("service");
    assertThatThrownBy(() -> builder.schema("")).hasMessageContaining("schema");
  }
}
