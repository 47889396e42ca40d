package io.tradesync.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import io.tradesync.FailedTrade;
import io.tradesync.SyncEngine;
import io.tradesync.SyncEngineBuilder;
import io.tradesync.SyncListener;
import io.tradesync.SyncResult;
import io.tradesync.Trade;
import io.tradesync.TradeKey;
import io.tradesync.inmemory.InMemoryTradeSource;
import io.tradesync.spi.IngestResult;
import io.tradesync.spi.TradeBatch;
import io.tradesync.spi.TradeChange;
import io.tradesync.spi.TransactionalSink;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.jdbc.PgConnection;

/** What a run and the live path do about failures of a store in PostgreSQL. */
class StoreFailuresTest {

  private static final long T = 1_754_400_000L;

  private final StoreFixture store = new StoreFixture();
  private final InMemoryTradeSource source = new InMemoryTradeSource();

  @AfterEach
  void drop() {
    store.database.close();
  }

  private SyncEngineBuilder builder() {
    return SyncEngine.builder()
        .source(source)
        .log(store.log)
        .sink(store.sink)
        .retryDelay(Duration.ofMillis(1));
  }

  private static Trade trade(String id, long second) {
    return StoreFixture.trade(id, second, 3, 5);
  }

  /** An id that does not compress, so that no index of PostgreSQL can hold it. */
  private static String idOfLength(int length) {
    return new Random(7)
        .ints(length, 'a', 'z' + 1)
        .mapToObj(Character::toString)
        .collect(Collectors.joining());
  }

  @Test
  void anIdThatTheStoreCannotIndexCostsItsTradeOnly() {
    source.putAll(List.of(trade("a", T), trade(idOfLength(2_690), T + 1), trade("c", T + 2)));
    try (SyncEngine engine = builder().build()) {
      SyncResult result = engine.run();

      assertThat(result.success()).isTrue();
      assertThat(result.message()).isEqualTo("Sync completed with errors: 2/3 trades processed");
      assertThat(store.trades()).extracting(Trade::id).containsExactly("a", "c");
      assertThat(engine.health().gaps().total()).isEqualTo(1);
    }
  }

  @Test
  void aLiveTradeWithoutAStorableKeyStopsNoOther() {
    Trade bad = trade(idOfLength(2_690), T + 1);
    try (SyncEngine engine = builder().build()) {
      IngestResult result = engine.ingest(List.of(trade("a", T), bad, trade("c", T + 2)));

      assertThat(result.written()).extracting(TradeKey::id).containsExactly("a", "c");
      assertThat(result.outsideKeyOrder()).containsExactly(bad.key());
    }
  }

  private static final class FailedTradesListener implements SyncListener {
    private final List<FailedTrade> failed = new CopyOnWriteArrayList<>();

    @Override
    public void tradesFailed(List<FailedTrade> trades) {
      failed.addAll(trades);
    }
  }

  @Test
  void aListenerHearsWhichTradesFailedInARunAndOnTheLivePath() {
    FailedTradesListener listener = new FailedTradesListener();
    Trade bad = trade("bad", T + 1);
    source.putAll(List.of(trade("a", T), bad, trade("c", T + 2)));
    try (SyncEngine engine = builder().parkAfter(2).listener(listener).build()) {
      store.jdbi.useHandle(
          handle -> handle.execute("alter table analytics_trades add check (trade_id <> 'bad')"));

      IngestResult ingested = engine.ingest(List.of(bad));
      List<FailedTrade> ofIngest = List.copyOf(listener.failed);
      SyncResult first = engine.run();
      SyncResult second = engine.run();
      SyncResult third = engine.run();

      assertThat(ingested.failed()).containsExactly(bad.key());
      assertThat(ofIngest).extracting(FailedTrade::key).containsExactly(bad.key());
      assertThat(listener.failed)
          .extracting(FailedTrade::runId)
          .containsExactly("", first.runId(), second.runId());
      assertThat(listener.failed)
          .extracting(FailedTrade::parked)
          .containsExactly(false, false, true);
      assertThat(listener.failed).last().isEqualTo(engine.failedTrades(TradeKey.MIN, 1).get(0));
      assertThat(third.errors()).isZero();
    }
  }

  /** A sink in a table of its own, in which each test does something wrong. */
  private abstract static class OwnTableSink implements TransactionalSink<Connection> {

    @Override
    public Class<Connection> transactionType() {
      return Connection.class;
    }

    @Override
    public void prepare(String service, Connection transaction) throws SQLException {
      execute(transaction, "create table if not exists my_trades (id text primary key)");
    }

    static void execute(Connection transaction, String sql) throws SQLException {
      try (Statement statement = transaction.createStatement()) {
        statement.execute(sql);
      }
    }

    static void insert(Connection transaction, TradeChange change) throws SQLException {
      execute(transaction, "insert into my_trades values ('%s')".formatted(change.key().id()));
    }
  }

  /** Ignores duplicates in the wrong way: after an error PostgreSQL rolls back everything. */
  private static final class SwallowingSink extends OwnTableSink {
    @Override
    public void write(TradeBatch batch, Connection transaction) throws SQLException {
      for (TradeChange change : batch.changes()) {
        insert(transaction, change);
        if (change.key().id().startsWith("duplicate")) {
          try {
            insert(transaction, change);
          } catch (SQLException ignored) {
            // As a user does who has not read that the transaction is lost then.
          }
        }
      }
    }
  }

  @Test
  void aSinkThatSwallowsAFailureOfItsTransactionFailsForThatTradeOnly() {
    source.putAll(List.of(trade("a", T), trade("duplicate", T + 1), trade("c", T + 2)));
    try (SyncEngine engine = builder().sink(new SwallowingSink()).build()) {
      SyncResult result = engine.run();

      assertThat(result.message()).isEqualTo("Sync completed with errors: 2/3 trades processed");
      assertThat(store.count("select count(*) from my_trades")).isEqualTo(2);
      assertThat(engine.failedTrades(TradeKey.MIN, 10))
          .singleElement()
          .satisfies(
              failed -> {
                assertThat(failed.key().id()).isEqualTo("duplicate");
                assertThat(failed.reason())
                    .startsWith("the sink ignored a failure of its transaction");
              });
    }
  }

  @Test
  void aLiveTradeWhoseFailureTheSinkSwallowsIsNotReportedAsWritten() {
    Trade duplicate = trade("duplicate", T);
    try (SyncEngine engine = builder().sink(new SwallowingSink()).build()) {
      IngestResult result = engine.ingest(List.of(duplicate));

      assertThat(result.failed()).containsExactly(duplicate.key());
    }
  }

  /** Ends the transaction after its writes, in one of the ways that are not its to take. */
  private static final class EndingSink extends OwnTableSink {
    private final Ending ending;

    EndingSink(Ending ending) {
      this.ending = ending;
    }

    @Override
    public void write(TradeBatch batch, Connection transaction) throws SQLException {
      for (TradeChange change : batch.changes()) {
        insert(transaction, change);
      }
      ending.end(transaction);
    }
  }

  @FunctionalInterface
  private interface Ending {
    void end(Connection transaction) throws SQLException;
  }

  static Stream<Arguments> endings() {
    return Stream.of(
        Arguments.of("commit", (Ending) Connection::commit),
        Arguments.of("rollback", (Ending) Connection::rollback),
        Arguments.of("close", (Ending) Connection::close),
        Arguments.of("abort", (Ending) connection -> connection.abort(Runnable::run)),
        Arguments.of("setAutoCommit", (Ending) connection -> connection.setAutoCommit(true)));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("endings")
  void aSinkCannotEndTheTransactionOfTheLog(String method, Ending ending) {
    source.put(trade("a", T));
    try (SyncEngine engine = builder().sink(new EndingSink(ending)).build()) {
      SyncResult result = engine.run();

      assertThat(result.message()).isEqualTo("Sync completed with errors: 0/1 trades processed");
      assertThat(store.count("select count(*) from my_trades")).isZero();
      assertThat(engine.failedTrades(TradeKey.MIN, 10))
          .extracting(FailedTrade::reason)
          .containsExactly("a sink must not call " + method + " on the log's transaction");
    }
  }

  static Stream<Arguments> endingsPastTheConnection() {
    return Stream.of(
        Arguments.of("commit", inSql("commit")),
        Arguments.of("commit; begin", inSql("commit; begin")),
        Arguments.of("commit and chain", inSql("commit and chain")),
        Arguments.of("rollback", inSql("rollback")),
        Arguments.of("rollback and chain", inSql("rollback and chain")),
        Arguments.of(
            "commit of the driver's connection",
            (Ending) connection -> connection.unwrap(PgConnection.class).commit()),
        Arguments.of(
            "auto-commit of the statement's connection",
            (Ending)
                connection -> {
                  try (Statement statement = connection.createStatement()) {
                    statement.getConnection().setAutoCommit(true);
                    statement.getConnection().setAutoCommit(false);
                  }
                }));
  }

  private static Ending inSql(String sql) {
    return connection -> OwnTableSink.execute(connection, sql);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("endingsPastTheConnection")
  void noWayToEndTheTransactionCommitsAnything(String name, Ending ending) {
    source.put(trade("a", T), trade("b", T + 1));
    try (SyncEngine engine = builder().sink(new EndingSink(ending)).build()) {
      SyncResult result = engine.run();

      assertThat(result.message()).isEqualTo("Sync completed with errors: 0/2 trades processed");
      assertThat(store.count("select count(*) from my_trades")).isZero();
      assertThat(engine.failedTrades(TradeKey.MIN, 10))
          .hasSize(2)
          .extracting(FailedTrade::reason)
          .containsOnly("the sink ended the log's transaction, which only the log may do");
      assertThat(store.count("select count(*) from sync_commit_guard")).isZero();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"commit", "rollback", "an ignored failure"})
  void whatTheCheckAfterTheSinkFindsIsTheSinksFailure(String sql) {
    for (int i = 0; i < 10; i++) {
      source.put(trade("a" + i, T + i));
    }
    Ending ending = sql.startsWith("an ") ? StoreFailuresTest::ignoreAFailure : inSql(sql);
    try (SyncEngine engine = builder().sink(new EndingSink(ending)).batchSize(1).build()) {
      assertThat(engine.run().message())
          .startsWith("Sync stopped, 10 batches in a row failed, the last one in the sink with:");
    }
  }

  private static void ignoreAFailure(Connection connection) {
    try {
      OwnTableSink.execute(connection, "select * from no_such_table");
    } catch (SQLException e) {
      // As a sink does that takes it for harmless.
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aSinkThatCommitsAndThenFailsHasCommittedNothing(boolean swallows) {
    source.put(trade("a", T), trade("b", T + 1), trade("c", T + 2));
    AtomicBoolean fails = new AtomicBoolean(true);
    Ending ending =
        connection -> {
          if (fails.getAndSet(false)) {
            try {
              OwnTableSink.execute(connection, "commit");
            } catch (SQLException e) {
              if (!swallows) {
                throw e;
              }
            }
            throw new SQLException("the second insert failed", "23514");
          }
        };
    try (SyncEngine engine = builder().maxAttempts(1).sink(new EndingSink(ending)).build()) {
      engine.run();

      assertThat(store.count("select count(*) from my_trades"))
          .isEqualTo(store.count("select count(*) from sync_log where status = 'processed'"));
      assertThat(engine.run().isComplete()).isTrue();
      assertThat(store.count("select count(*) from my_trades")).isEqualTo(3);
    }
  }

  @Test
  void statementsOfASinkArePlannedAsThoseOfItsRole() {
    source.put(trade("a", T));
    List<String> settings = new ArrayList<>();
    Ending looking =
        connection -> {
          try (Statement statement = connection.createStatement();
              ResultSet row = statement.executeQuery("show enable_seqscan")) {
            row.next();
            settings.add(row.getString(1));
          }
        };
    try (SyncEngine engine = builder().sink(new EndingSink(looking)).build()) {
      assertThat(engine.run().isComplete()).isTrue();
    }
    assertThat(settings).containsExactly("on");
  }
}
