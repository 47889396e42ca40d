package io.tradesync.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectNestedMethod;

import io.tradesync.Trade;
import io.tradesync.jdbc.fixture.PostgresServer;
import io.tradesync.spi.AnalyticsSink;
import io.tradesync.spi.SinkCapability;
import io.tradesync.spi.TradeBatch;
import io.tradesync.spi.TradeChange;
import io.tradesync.spi.TransactionalSink;
import io.tradesync.spi.log.SyncLog;
import io.tradesync.testkit.AnalyticsSinkContract;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

/**
 * Sinks that misuse the log's transaction in PostgreSQL: each fails in a test of the kit whose name
 * says why, and a sink that does not passes them.
 */
class WrongSinksOnPostgresTest {

  /** A test of the kit: the part of the contract, and the method. */
  private record KitTest(String part, String method) {}

  private static final KitTest JOINS =
      new KitTest("Transactions", "itJoinsTheLogsTransactionAndLeavesItsEndToTheLog");

  private static final KitTest IGNORES =
      new KitTest("Failures", "aFailureOfTheLogsTransactionIsNotIgnored");

  private static final AtomicInteger SERVICES = new AtomicInteger();

  private static PostgresServer.Database database;
  private static Writing writing = WrongSinksOnPostgresTest::apply;

  @BeforeAll
  static void create() throws SQLException {
    database = PostgresServer.get().newDatabase();
    try (Connection connection = database.dataSource().getConnection()) {
      execute(
          connection,
          "create table mine (id text, second bigint, fingerprint bigint, primary key (second,"
              + " id))");
    }
  }

  @AfterAll
  static void drop() {
    database.close();
  }

  @AfterEach
  void reset() {
    writing = WrongSinksOnPostgresTest::apply;
  }

  @FunctionalInterface
  private interface Writing {
    void write(TradeChange change, Connection transaction) throws SQLException;
  }

  /** One row a key, with the columns that trades of the kit differ in. */
  private static void apply(TradeChange change, Connection connection) throws SQLException {
    if (change.before().isPresent()) {
      long second = change.before().get().epochSecond();
      execute(
          connection, "delete from mine where id = ? and second = ?", change.key().id(), second);
    }
    if (change.after().isPresent()) {
      Trade trade = change.after().get();
      execute(
          connection,
          "insert into mine values (?, ?, ?)",
          trade.id(),
          trade.epochSecond(),
          trade.fingerprint());
    }
  }

  private static void execute(Connection connection, String sql, Object... values)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      for (int i = 0; i < values.length; i++) {
        statement.setObject(i + 1, values[i]);
      }
      statement.execute();
    }
  }

  /** Not run by itself: a test says before what the sink does. */
  static class Contract extends AnalyticsSinkContract {

    @Override
    protected AnalyticsSink emptySink() throws SQLException {
      try (Connection connection = database.dataSource().getConnection()) {
        execute(connection, "truncate mine");
      }
      return new TransactionalSink<Connection>() {
        @Override
        public Class<Connection> transactionType() {
          return Connection.class;
        }

        @Override
        public Set<SinkCapability> capabilities() {
          return EnumSet.allOf(SinkCapability.class);
        }

        @Override
        public void write(TradeBatch batch, Connection transaction) throws SQLException {
          for (TradeChange change : batch.changes()) {
            writing.write(change, transaction);
          }
        }
      };
    }

    @Override
    protected SyncLog emptyLog() {
      return PostgresSyncLog.builder(database.dataSource())
          .service("service" + SERVICES.incrementAndGet())
          .build();
    }

    /** The table keeps what identifies the content. */
    @Override
    protected Collection<Trade> held() throws SQLException {
      try (Connection connection = database.dataSource().getConnection();
          Statement statement = connection.createStatement();
          ResultSet rows = statement.executeQuery("select * from mine")) {
        List<Trade> held = new ArrayList<>();
        while (rows.next()) {
          held.add(
              Trade.builder(rows.getString(1), rows.getLong(2), 0, "" + rows.getLong(3)).build());
        }
        return held;
      }
    }

    @Override
    protected Trade kept(Trade trade) {
      return Trade.builder(trade.id(), trade.epochSecond(), 0, "" + trade.fingerprint()).build();
    }

    /** A row that comes again is a duplicate, which this sink has no answer to. */
    @Override
    protected boolean discardsRepeats() {
      return false;
    }
  }

  /** Runs a test of the kit, and returns its failure; empty if the sink passes. */
  private static Optional<String> failure(KitTest test) {
    LauncherDiscoveryRequest request =
        LauncherDiscoveryRequestBuilder.request()
            .selectors(
                selectNestedMethod(
                    List.of(Contract.class.getName()),
                    AnalyticsSinkContract.class.getName() + "$" + test.part(),
                    test.method()))
            .build();
    List<TestExecutionResult> results = new ArrayList<>();
    LauncherFactory.create()
        .execute(
            request,
            new TestExecutionListener() {
              @Override
              public void executionFinished(TestIdentifier identifier, TestExecutionResult result) {
                if (identifier.isTest()) {
                  results.add(result);
                }
              }
            });
    assertThat(results).hasSize(1);
    return results.get(0).getThrowable().map(String::valueOf);
  }

  private static Optional<String> failureAfter(String sql) {
    writing =
        (change, connection) -> {
          apply(change, connection);
          execute(connection, sql);
        };
    return failure(JOINS);
  }

  @Test
  void aSinkThatLeavesTheTransactionToTheLogPasses() {
    assertThat(failure(JOINS)).isEmpty();
    assertThat(failure(IGNORES)).isEmpty();
  }

  @Test
  void aSinkThatSwallowsAnSqlExceptionFails() {
    writing =
        (change, connection) -> {
          try {
            apply(change, connection);
          } catch (SQLException e) {
            // Ignore duplicates.
          }
        };

    assertThat(failure(IGNORES).orElseThrow())
        .contains("the sink ignored a failure of its transaction");
  }

  @Test
  void aSinkThatCommitsInSqlFails() {
    assertThat(failureAfter("commit").orElseThrow())
        .contains("the sink ended the log's transaction");
  }

  @Test
  void aSinkThatCommitsAndGoesOnInANewTransactionFails() {
    assertThat(failureAfter("commit and chain").orElseThrow())
        .contains("the sink ended the log's transaction");
  }

  @Test
  void aSinkThatRollsBackInSqlFails() {
    assertThat(failureAfter("rollback").orElseThrow())
        .contains("the sink ended the log's transaction");
  }

  @Test
  void aSinkThatWritesInATransactionOfItsOwnFails() {
    writing =
        (change, connection) -> {
          try (Connection own = database.dataSource().getConnection()) {
            apply(change, own);
          }
        };

    assertThat(failure(JOINS)).isPresent();
  }
}
