package io.tradesync.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import io.tradesync.SyncEngine;
import io.tradesync.SyncEngineBuilder;
import io.tradesync.SyncResult;
import io.tradesync.Trade;
import io.tradesync.TradeKey;
import io.tradesync.inmemory.InMemoryTradeSource;
import io.tradesync.spi.TradeBatch;
import io.tradesync.spi.TransactionalSink;
import java.lang.reflect.Proxy;
import java.net.ConnectException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Whose failure a run says it is, with a sink of the user's own over a log in PostgreSQL. */
class OwnSinkFailuresTest {

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
        .batchSize(2)
        .retryDelay(Duration.ofMillis(1));
  }

  private void fill(int trades) {
    List<Trade> all =
        IntStream.range(0, trades)
            .mapToObj(i -> StoreFixture.trade(String.format(Locale.ROOT, "t%03d", i), T + i, 3, 5))
            .toList();
    source.putAll(all);
  }

  private interface Writing {
    void write(TradeBatch batch, Connection transaction) throws Exception;
  }

  private static TransactionalSink<Connection> joining(Writing writing) {
    return new TransactionalSink<>() {
      @Override
      public Class<Connection> transactionType() {
        return Connection.class;
      }

      @Override
      public void write(TradeBatch batch, Connection transaction) throws Exception {
        writing.write(batch, transaction);
      }
    };
  }

  private static void execute(Connection connection, String sql) throws Exception {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  @Test
  void aMissingTableOfTheUsersOwnIsAFailureOfTheSink() {
    fill(100);
    TransactionalSink<Connection> sink =
        joining((batch, connection) -> execute(connection, "insert into no_such_table values (1)"));
    try (SyncEngine engine = builder().sink(sink).build()) {
      SyncResult result = engine.run();

      assertThat(result.success()).isFalse();
      assertThat(result.message())
          .contains("10 batches in a row failed, the last one in the sink", "no_such_table")
          .doesNotContain("store");
    }
  }

  @Test
  void aHostThatIsDownBehindACompositeIsAFailureOfTheSink() {
    fill(100);
    TransactionalSink<Connection> sink =
        joining(
            (batch, connection) -> {
              store.sink.write(batch, connection);
              throw new ConnectException("the webhook refused");
            });
    builder().build().close();
    try (SyncEngine engine = builder().sink(sink).build()) {
      SyncResult result = engine.run();

      assertThat(result.message())
          .contains("the last one in the sink with: the webhook refused")
          .doesNotContain("store");
      assertThat(store.trades()).isEmpty();
    }
  }

  @Test
  void aStoreThatIsGoneWhileTheSinkWritesIsStillTheStore() {
    fill(10);
    AtomicBoolean gone = new AtomicBoolean();
    PostgresSyncLog log = PostgresSyncLog.builder(breakable(gone)).build();
    TransactionalSink<Connection> sink =
        joining(
            (batch, connection) -> {
              gone.set(true);
              execute(connection, "select pg_terminate_backend(pg_backend_pid())");
            });
    try (SyncEngine engine = builder().log(log).sink(sink).build()) {
      SyncResult result = engine.run();

      assertThat(result.message()).startsWith("Sync stopped, the store is not available");
      gone.set(false);
      assertThat(engine.failedTrades(TradeKey.MIN, 10)).isEmpty();
    }
  }

  private DataSource breakable(AtomicBoolean gone) {
    DataSource connections = store.database.dataSource();
    return (DataSource)
        Proxy.newProxyInstance(
            DataSource.class.getClassLoader(),
            new Class<?>[] {DataSource.class},
            (proxy, method, arguments) -> {
              if (gone.get()) {
                throw new SQLException("connection refused", "08001");
              }
              return method.invoke(connections, arguments);
            });
  }
}
