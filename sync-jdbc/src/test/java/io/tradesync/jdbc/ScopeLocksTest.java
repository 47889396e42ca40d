package io.tradesync.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.tradesync.KeyRange;
import io.tradesync.Scope;
import io.tradesync.SyncEngine;
import io.tradesync.TradeSelection;
import io.tradesync.Verified;
import io.tradesync.inmemory.InMemoryTradeSource;
import io.tradesync.spi.log.FencingToken;
import io.tradesync.spi.log.LeaseKind;
import io.tradesync.spi.log.LeaseLostException;
import java.sql.Connection;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A scope that is widened while a run works on what is verified: neither waits for the other. */
class ScopeLocksTest {

  private static final long T = 1_754_400_000L;
  private static final KeyRange RANGE = KeyRange.seconds(T, T + 300);
  private static final TradeSelection NARROW = TradeSelection.ALL.withPools(StoreFixture.POOL);
  private static final String SERVICE_ROW = "select 1 from sync_service for update";
  private static final String MARKS = "select 1 from sync_unverified for update";

  private final StoreFixture store = new StoreFixture();
  private FencingToken token;

  @BeforeEach
  void prepare() throws Exception {
    store.prepare();
    try (SyncEngine engine =
        SyncEngine.builder()
            .source(new InMemoryTradeSource())
            .log(store.log)
            .sink(store.sink)
            .scope(Scope.all().only(NARROW))
            .build()) {
      engine.ingest(List.of(StoreFixture.trade("t", T, 1, 1)));
    }
    token = store.log.lease().acquire(LeaseKind.RUN, "run", Duration.ofMinutes(1));
    assertThat(store.log.verification().begin(token, T + 300)).isTrue();
  }

  @AfterEach
  void close() {
    store.close();
  }

  private void complete() {
    store
        .log
        .verification()
        .complete(token, new Verified(null, T + 299, 1, 0, Instant.EPOCH), List.of(RANGE));
  }

  /** Lets a widened scope wait for a row first and the run second, and then lets both go on. */
  private void widenBeside(String lockedFirst, Runnable ofRun) throws Exception {
    CompletableFuture<Void> widened;
    CompletableFuture<Void> worked;
    try (Connection blocker = store.database.dataSource().getConnection()) {
      blocker.setAutoCommit(false);
      blocker.createStatement().execute(lockedFirst);
      widened =
          CompletableFuture.runAsync(() -> store.log.scope().keepSelection(TradeSelection.ALL));
      awaitWaiting(1);
      worked = CompletableFuture.runAsync(ofRun);
      awaitWaiting(2);
      blocker.rollback();
    }
    widened.get(30, TimeUnit.SECONDS);
    assertThatThrownBy(() -> worked.get(30, TimeUnit.SECONDS))
        .hasCauseInstanceOf(LeaseLostException.class);
    assertThat(store.log.scope().selection()).contains(TradeSelection.ALL);
    assertThat(store.log.verification().snapshot().verified()).isEmpty();
    assertThat(store.log.verification().snapshot().unverified()).isEmpty();
  }

  private void awaitWaiting(int count) {
    await()
        .atMost(Duration.ofSeconds(20))
        .pollInterval(Duration.ofMillis(10))
        .until(() -> store.waitingForLocks() == count);
  }

  @Test
  void whileARunCompletesItsVerification() throws Exception {
    widenBeside(SERVICE_ROW, this::complete);
  }

  @Test
  void whileARunSettlesItsMarks() throws Exception {
    complete();
    assertThat(store.log.verification().snapshot().unverified()).containsExactly(RANGE);

    widenBeside(MARKS, () -> store.log.verification().settle(token, List.of(RANGE)));
  }
}
