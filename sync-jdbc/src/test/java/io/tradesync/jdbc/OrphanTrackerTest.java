package io.tradesync.jdbc;

import static io.tradesync.jdbc.StoreFixture.trade;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tradesync.KeyRange;
import io.tradesync.Trade;
import io.tradesync.TradeKey;
import io.tradesync.spi.SinkCapability;
import io.tradesync.spi.log.Claim;
import io.tradesync.spi.log.ClaimMode;
import io.tradesync.spi.log.ClaimRequest;
import io.tradesync.spi.log.GracePeriod;
import java.sql.Connection;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A run records which trades are gone, while live trades are written and other workers record. */
class OrphanTrackerTest {

  private static final long T = 1_754_438_400L;
  private static final Duration HOUR = Duration.ofHours(1);

  // The order of their ids is not that of their times.
  private static final Trade LATER = trade("a", T + 2, 1, 1);
  private static final Trade EARLIER = trade("b", T + 1, 1, 1);
  private static final Trade LAST = trade("c", T + 3, 1, 1);

  private final StoreFixture store = new StoreFixture();

  @BeforeEach
  void prepare() throws Exception {
    store.prepare();
    claim(EARLIER, LATER, LAST);
  }

  @AfterEach
  void close() {
    store.close();
  }

  private Claim claim(Trade... trades) throws Exception {
    ClaimRequest request =
        new ClaimRequest(
            List.of(trades), List.of(), ClaimMode.NEW, EnumSet.allOf(SinkCapability.class), "r");
    return store.log.transact(null, transaction -> transaction.claim(request));
  }

  private Set<TradeKey> recordGone(Duration grace, TradeKey... gone) {
    return recordGone(GracePeriod.overNow(grace), gone);
  }

  private Set<TradeKey> recordGone(GracePeriod grace, TradeKey... gone) {
    return store.log.orphans().recordGone(List.of(KeyRange.all()), List.of(gone), grace);
  }

  /** Holds up work at the row of an id until other work waits as well, or has ended. */
  private <A, B> void besideHeldUp(String id, Callable<A> heldUp, Callable<B> other)
      throws Exception {
    CompletableFuture<A> first;
    CompletableFuture<B> second;
    try (Connection gate = lock(id)) {
      first = ConcurrentTask.run(heldUp);
      await().until(() -> store.waitingForLocks() == 1);
      second = ConcurrentTask.run(other);
      await().until(() -> second.isDone() || store.waitingForLocks() == 2);
      gate.rollback();
    }
    second.get(60, TimeUnit.SECONDS);
    first.get(60, TimeUnit.SECONDS);
  }

  private Connection lock(String id) throws Exception {
    Connection gate = store.database.dataSource().getConnection();
    gate.setAutoCommit(false);
    gate.createStatement()
        .execute("select from sync_tracked_id where trade_id = '" + id + "' for update");
    return gate;
  }

  private long gone() {
    return store.count("select count(*) from sync_tracked_id where gone_since is not null");
  }

  /** As when Ponder was restarted: live messages and a run find the same trades again. */
  @Test
  void tradesThatAreBackAreFoundByARunAndByALiveWriteAtOnce() throws Exception {
    recordGone(HOUR, EARLIER.key());
    recordGone(HOUR, EARLIER.key(), LATER.key());
    besideHeldUp("b", () -> recordGone(HOUR), () -> claim(EARLIER, LATER));
    assertThat(gone()).isZero();
  }

  @Test
  void tradesThatAreBackOutsideOfWhatWasComparedAreWrittenAtOnce() throws Exception {
    recordGone(HOUR, EARLIER.key());
    recordGone(HOUR, EARLIER.key(), LATER.key());
    besideHeldUp(
        "b",
        () -> {
          store.log.orphans().recordBackOutside(List.of(KeyRange.from(T + 3)));
          return true;
        },
        () -> claim(EARLIER, LATER));
    assertThat(gone()).isZero();
  }

  @Test
  void aTradeThatIsGoneAndOneThatIsBackAreWrittenAtOnce() throws Exception {
    recordGone(HOUR, LAST.key());
    besideHeldUp("c", () -> recordGone(HOUR, LATER.key()), () -> claim(LATER, LAST));
    assertThat(gone()).isLessThanOrEqualTo(1);
  }

  @Test
  void theGracePeriodBeginsWhenATradeIsRecordedAndNotWhenTheTransactionBegan() throws Exception {
    recordGone(HOUR, EARLIER.key());
    CompletableFuture<Set<TradeKey>> heldUp;
    Instant released;
    try (Connection gate = lock("b")) {
      heldUp = ConcurrentTask.run(() -> recordGone(HOUR, LATER.key()));
      await().until(() -> store.waitingForLocks() == 1);
      released = store.log.orphans().now();
      gate.rollback();
    }
    assertThat(heldUp.get(60, TimeUnit.SECONDS)).isEmpty();
    Instant now = store.log.orphans().now();
    assertThat(recordGone(GracePeriod.overBy(Duration.ZERO, released), LATER.key())).isEmpty();
    assertThat(recordGone(GracePeriod.overBy(Duration.ZERO, now), LATER.key()))
        .containsExactly(LATER.key());
  }
}
