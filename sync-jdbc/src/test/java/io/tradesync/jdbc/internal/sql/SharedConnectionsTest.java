package io.tradesync.jdbc.internal.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.tradesync.jdbc.ConcurrentTask;
import io.tradesync.jdbc.StoreFixture;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.jdbi.v3.core.ConnectionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class SharedConnectionsTest {

  private final StoreFixture store = new StoreFixture();
  private final AtomicInteger refusals = new AtomicInteger();
  private final Semaphore pool = new Semaphore(1);
  private volatile SQLException refusal =
      new SQLTransientConnectionException("not available, request timed out after 0ms");
  private Connection held;

  /** One connection, and no patience. */
  private final SharedConnections connections =
      new SharedConnections(
          new ConnectionFactory() {
            @Override
            public Connection openConnection() throws SQLException {
              if (!pool.tryAcquire()) {
                refusals.incrementAndGet();
                throw refusal;
              }
              return store.database.dataSource().getConnection();
            }

            @Override
            public void closeConnection(Connection connection) throws SQLException {
              connection.close();
              pool.release();
            }
          });

  @BeforeEach
  void hold() throws SQLException {
    held = connections.openConnection();
  }

  @AfterEach
  void drop() {
    store.database.close();
  }

  private CompletableFuture<Connection> open() {
    return ConcurrentTask.run(connections::openConnection);
  }

  @Test
  void aThreadWithoutAConnectionWaitsUntilOneIsGivenBack() throws Exception {
    CompletableFuture<Connection> second = open();
    await().until(() -> refusals.get() > 0);
    assertThat(second).isNotDone();

    connections.closeConnection(held);

    try (Connection connection = second.get()) {
      assertThat(connection.isValid(1)).isTrue();
    }
  }

  @Test
  void withoutAConnectionInUseTheFailureIsThrown() throws Exception {
    connections.closeConnection(held);
    assertThat(pool.tryAcquire()).as("somebody else has it").isTrue();

    assertThatThrownBy(connections::openConnection).isSameAs(refusal);
  }

  @Test
  void aServerThatIsUnreachableIsNotWaitedFor() {
    refusal = new SQLTransientConnectionException("pool", "08001", new SQLException("x", "08001"));

    assertThatThrownBy(connections::openConnection).isSameAs(refusal);
    assertThat(refusals).hasValue(1);
  }

  @Test
  void anInterruptEndsTheWait() {
    Thread.currentThread().interrupt();

    assertThatThrownBy(connections::openConnection).isSameAs(refusal);
    assertThat(Thread.interrupted()).isTrue();
  }
}
