package io.tradesync.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tradesync.SyncEngine;
import io.tradesync.SyncEngineBuilder;
import io.tradesync.SyncResult;
import io.tradesync.TradeKey;
import io.tradesync.inmemory.InMemoryTradeSource;
import io.tradesync.jdbc.fixture.PostgresServer;
import io.tradesync.spi.ForwardingSink;
import io.tradesync.spi.TradeBatch;
import io.tradesync.spi.log.ClaimMode;
import io.tradesync.spi.log.ClaimRequest;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A sink that is late in a transaction of PostgreSQL. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class SinkTimeoutOnPostgresTest {

  private static final long T = 1_754_400_000L;

  private final PostgresServer.Database database = PostgresServer.get().newDatabase();
  // The log ends the connections of calls that it gives up.
  private final StoreFixture store = new StoreFixture(database, database.withoutPool());
  private final InMemoryTradeSource source = new InMemoryTradeSource();
  private final CountDownLatch goOn = new CountDownLatch(1);
  private final CountDownLatch returned = new CountDownLatch(1);

  @AfterEach
  void drop() throws Exception {
    goOn.countDown();
    store.database.close();
  }

  private SyncEngineBuilder builder() {
    for (int i = 0; i < 10; i++) {
      source.put(StoreFixture.trade("t" + i, T + i, 3, 5));
    }
    return SyncEngine.builder()
        .source(source)
        .log(store.log)
        .sinkTimeout(Duration.ofMillis(500))
        .retryDelay(Duration.ofMillis(1));
  }

  /** Writes as TimescaleSink does, and then does something else in the transaction. */
  private abstract class Late extends ForwardingSink<Connection> {

    Late() {
      super(store.sink);
    }

    @Override
    public void write(TradeBatch batch, Connection transaction) throws Exception {
      super.write(batch, transaction);
      then(transaction);
    }

    abstract void then(Connection transaction) throws Exception;
  }

  private final class Hanging extends Late {
    @Override
    void then(Connection transaction) throws Exception {
      while (goOn.getCount() > 0) {
        try {
          goOn.await();
        } catch (InterruptedException e) {
          // As a sink does that knows better.
        }
      }
      returned.countDown();
    }
  }

  private static final class Sleeping extends Late {
    Sleeping(SinkTimeoutOnPostgresTest test) {
      test.super();
    }

    @Override
    void then(Connection transaction) throws Exception {
      try (Statement statement = transaction.createStatement()) {
        statement.execute("select pg_sleep(40)");
      }
    }
  }

  @Test
  void aSinkThatNeverReturnsHoldsNeitherLocksNorTheLease() throws Exception {
    SyncResult result = builder().sink(new Hanging()).build().run();

    assertThat(result.success()).isFalse();
    assertThat(result.message()).contains("the sink is not available: it did not return");

    // Another process takes over at once, and writes the same trades.
    SyncEngine other = builder().sinkTimeout(Duration.ofMinutes(1)).sink(store.sink).build();
    SyncResult next = other.run();
    assertThat(next.success()).isTrue();
    assertThat(next.processed()).isEqualTo(10);

    goOn.countDown();
    assertThat(returned.await(10, TimeUnit.SECONDS)).isTrue();
    assertThat(store.trades()).hasSize(10);
    store.assertCandlesEqualTheirTrades();
    assertThat(other.health().isHealthy()).isTrue();
  }

  @Test
  void aSinkThatHangsInAStatementFailsItsBatchOnly() {
    SyncEngine engine = builder().sink(new Sleeping(this)).maxAttempts(1).build();

    SyncResult result = engine.run();

    assertThat(result.message()).isEqualTo("Sync completed with errors: 0/10 trades processed");
    assertThat(engine.failedTrades(TradeKey.MIN, 1).get(0).reason()).contains("sinkTimeout");
    assertThat(builder().sink(store.sink).build().run().processed()).isEqualTo(10);
  }

  @Test
  void aTransactionMayBeIdleForLongerThanTheSinkMayTake() throws Exception {
    PostgresSyncLog log =
        PostgresSyncLog.builder(database.withoutPool())
            .statementTimeout(Duration.ofMillis(200))
            .build();
    SyncEngine engine = builder().log(log).sink(batch -> TimeUnit.SECONDS.sleep(1)).build();
    assertThat(engine.run().errors()).isEqualTo(10);

    SyncEngine patient =
        builder()
            .log(log)
            .sinkTimeout(Duration.ofSeconds(20))
            .sink(batch -> TimeUnit.SECONDS.sleep(1))
            .build();
    assertThat(patient.run().processed()).isEqualTo(10);
  }

  @Test
  void theEndOfAnIdleTransactionNamesTheSetting() throws Exception {
    store.prepare();
    PostgresSyncLog log =
        PostgresSyncLog.builder(database.withoutPool())
            .statementTimeout(Duration.ofMillis(200))
            .build();

    assertThatThrownBy(
            () ->
                log.transact(
                    null,
                    transaction -> {
                      TimeUnit.SECONDS.sleep(1);
                      return transaction.claim(
                          new ClaimRequest(
                              List.of(StoreFixture.trade("a", T, 1, 1)),
                              List.of(),
                              ClaimMode.NEW,
                              store.sink.capabilities(),
                              "r"));
                    }))
        .hasMessageContaining("sinkTimeout")
        .hasMessageContaining("statementTimeout");
  }
}
