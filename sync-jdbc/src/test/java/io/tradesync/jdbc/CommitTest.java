package io.tradesync.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tradesync.jdbc.fixture.PostgresServer;
import io.tradesync.jdbc.internal.sql.StoreDatabase;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import javax.sql.DataSource;
import org.jdbi.v3.core.Handle;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A commit that PostgreSQL turns into a rollback is a failure, whatever the driver does. */
class CommitTest {

  private final PostgresServer.Database database = PostgresServer.get().newDatabase();

  @BeforeEach
  void create() {
    inTransaction(
        database.dataSource(), handle -> handle.execute("create table t (id int primary key)"));
  }

  @AfterEach
  void drop() {
    database.close();
  }

  private static void inTransaction(DataSource connections, Work work) {
    try {
      boolean ignored =
          new StoreDatabase(connections, Duration.ofSeconds(10))
              .transact(
                  handle -> {
                    work.on(handle);
                    return true;
                  });
    } catch (RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new IllegalStateException(e.getMessage(), e);
    }
  }

  private interface Work {
    void on(Handle handle) throws Exception;
  }

  private static void ignoringAFailure(Handle handle) {
    handle.execute("insert into t values (1)");
    assertThatThrownBy(() -> handle.execute("insert into t values (1)"))
        .hasMessageContaining("duplicate");
  }

  /** What the driver does without us. */
  @Test
  void theDriverSaysNothingAboutACommitThatRolledBack() throws SQLException {
    try (Connection connection = database.dataSource().getConnection();
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      statement.execute("insert into t values (1)");
      assertThatThrownBy(() -> statement.execute("insert into t values (1)"))
          .hasMessageContaining("duplicate");

      assertThatCode(connection::commit).doesNotThrowAnyException();

      assertThat(statement.executeQuery("select * from t").next()).isFalse();
    }
  }

  @Test
  void aFailureThatIsIgnoredIsFoundBeforeTheCommit() {
    assertThatThrownBy(() -> inTransaction(database.dataSource(), CommitTest::ignoringAFailure))
        .hasMessageContaining("a failure in the transaction was ignored");
  }

  /** As some pools and agents do. */
  @Test
  void itIsFoundAlsoIfTheDataSourceHidesTheDriver() {
    assertThatThrownBy(() -> inTransaction(hiding(), CommitTest::ignoringAFailure))
        .hasMessageContaining("duplicate key");
  }

  private DataSource hiding() {
    DataSource connections = database.dataSource();
    return proxy(
        DataSource.class,
        (method, arguments) ->
            proxy(Connection.class, hidden((Connection) method.invoke(connections, arguments))));
  }

  private static Call hidden(Connection connection) {
    return (method, arguments) -> {
      try {
        return method.getName().equals("isWrapperFor")
            ? false
            : method.invoke(connection, arguments);
      } catch (InvocationTargetException e) {
        throw e.getCause();
      }
    };
  }

  private interface Call {
    Object invoke(Method method, Object[] arguments) throws Throwable;
  }

  private static <T> T proxy(Class<T> type, Call call) {
    return type.cast(
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (proxy, method, arguments) -> call.invoke(method, arguments)));
  }

  @Test
  void aTransactionThatWasEndedIsFoundBeforeTheCommit() {
    assertThatThrownBy(
            () ->
                inTransaction(
                    database.dataSource(),
                    handle -> {
                      handle.execute("insert into t values (1)");
                      handle.execute("rollback");
                    }))
        .hasMessageContaining("ended by another than the log");
  }

  @Test
  void aSavepointOfOnesOwnIsNoFailure() throws SQLException {
    inTransaction(
        database.dataSource(),
        handle -> {
          handle.execute("insert into t values (1)");
          handle.savepoint("mine");
          assertThatThrownBy(() -> handle.execute("insert into t values (1)"))
              .hasMessageContaining("duplicate");
          handle.rollbackToSavepoint("mine");
        });
    try (Connection connection = database.dataSource().getConnection();
        Statement statement = connection.createStatement()) {
      assertThat(statement.executeQuery("select * from t").next()).isTrue();
    }
  }
}
