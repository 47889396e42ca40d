package io.tradesync.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tradesync.spi.Retention;
import java.sql.Connection;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The retention boundary only rises, whoever records it. */
class RetentionBoundaryTest {

  private static final long DAY = 86_400;

  private final StoreFixture store = new StoreFixture();

  @AfterEach
  void close() {
    store.close();
  }

  private Retention ask(int days) throws Exception {
    return store.log.transact(
        null,
        transaction -> {
          Retention retention =
              sink(days).retention(Optional.empty(), (Connection) transaction.handle());
          transaction.retain(retention);
          return retention;
        });
  }

  private static TimescaleSink sink(int days) {
    return TimescaleSink.builder().retainFor(Duration.ofDays(days)).build();
  }

  @Test
  void aBoundaryThatAnotherRaisedMeanwhileDoesNotFall() throws Exception {
    store.log.prepare();
    store.prepare(sink(30));
    long raised = boundary() + 10 * DAY;
    CompletableFuture<Retention> asked;
    try (Connection other = store.database.dataSource().getConnection()) {
      other.setAutoCommit(false);
      // As by a process that finds that chunks were dropped.
      other
          .createStatement()
          .execute("update analytics_owner set retained_since = retained_since + 10 * 86400");
      asked = ConcurrentTask.run(() -> ask(29));
      await().until(() -> store.waitingForLocks() == 1);
      other.commit();
    }
    assertThat(asked.get(60, TimeUnit.SECONDS).since()).hasValue(raised);
    assertThat(boundary()).isEqualTo(raised);
  }

  /** It rose by the time since it was recorded last, and trades may have been dropped below it. */
  @Test
  void theBoundaryDoesNotFallWhenTradesAreKeptForLonger() throws Exception {
    store.log.prepare();
    store.prepare(sink(20));
    long boundary = ask(20).since().orElseThrow();
    store.execute(
        """
        update analytics_owner set retained_since = retained_since - 5 * 86400;
        update sync_retention set retained_since = retained_since - 5 * 86400\
        """);

    assertThat(ask(24).since().orElseThrow()).isGreaterThanOrEqualTo(boundary);
    long recorded =
        store.log.transact(null, transaction -> transaction.retainedSince().orElseThrow());
    assertThat(recorded).isGreaterThanOrEqualTo(boundary);
  }

  private long boundary() {
    return store.count("select retained_since from analytics_owner");
  }
}
