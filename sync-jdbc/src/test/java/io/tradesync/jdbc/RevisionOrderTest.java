package io.tradesync.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tradesync.KeyRange;
import io.tradesync.Trade;
import io.tradesync.TradeKey;
import io.tradesync.Verified;
import io.tradesync.spi.SinkCapability;
import io.tradesync.spi.TradeChange;
import io.tradesync.spi.log.ClaimMode;
import io.tradesync.spi.log.ClaimRequest;
import io.tradesync.spi.log.EntryStatus;
import io.tradesync.spi.log.FencingToken;
import io.tradesync.spi.log.GracePeriod;
import io.tradesync.spi.log.LeaseKind;
import io.tradesync.spi.log.LogWork;
import java.sql.Connection;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Two transactions that change the same ids at once, of which one is held up half-way: neither
 * deadlocks, and a receiver that goes by revisions holds what the log says.
 */
class RevisionOrderTest {

  private static final long T = 1_754_400_000L;

  // Further back than ids are tracked, so that the log does not know an id's other keys.
  private static final long VERIFIED_THROUGH = T + 10 * 86_400;

  private final StoreFixture store = new StoreFixture();

  @BeforeEach
  void verify() throws Exception {
    store.prepare();
    FencingToken token = store.log.lease().acquire(LeaseKind.RUN, "r", Duration.ofMinutes(5));
    store.log.verification().begin(token, VERIFIED_THROUGH);
    Verified verified = new Verified(null, VERIFIED_THROUGH, 1, 0, Instant.EPOCH);
    store.log.verification().complete(token, verified, List.of());
  }

  @AfterEach
  void close() {
    store.close();
  }

  private static Trade trade(String id, int second) {
    return StoreFixture.trade(id, T + second, 1, 1);
  }

  private static TradeKey key(String id, int second) {
    return trade(id, second).key();
  }

  private static ClaimRequest request(ClaimMode mode, List<TradeKey> retractions, Trade... trades) {
    return new ClaimRequest(
        Arrays.asList(trades), retractions, mode, EnumSet.allOf(SinkCapability.class), "r", true);
  }

  private List<TradeChange> claim(ClaimMode mode, List<TradeKey> retractions, Trade... trades)
      throws Exception {
    ClaimRequest request = request(mode, retractions, trades);
    return transact(transaction -> transaction.claim(request).changes());
  }

  private List<TradeChange> handOut(ClaimMode mode, List<TradeKey> retractions, Trade... trades)
      throws Exception {
    ClaimRequest request = request(mode, retractions, trades);
    return transact(transaction -> transaction.handOut(request).claim().changes());
  }

  private List<TradeChange> settle(List<TradeChange> changes) throws Exception {
    return transact(transaction -> transaction.settle(changes, "r"));
  }

  private <R> R transact(LogWork<R> work) throws Exception {
    return store.log.transact(null, work);
  }

  /** Holds the first one up after a statement that inserts into a table; returns both results. */
  private <R> List<R> beside(String table, Callable<R> heldUp, Callable<R> other) throws Exception {
    store.execute(
        """
        create function wait_at_gate() returns trigger language plpgsql as $$
        begin perform pg_advisory_xact_lock_shared(42); return null; end $$;
        create trigger gate after insert on %s for each statement execute function wait_at_gate()\
        """
            .replace("%s", table));
    return besideLocked("select pg_advisory_xact_lock(42)", heldUp, other);
  }

  /** Holds the first one up at a lock; returns both results. */
  private <R> List<R> besideLocked(String lock, Callable<R> heldUp, Callable<R> other)
      throws Exception {
    CompletableFuture<R> first;
    CompletableFuture<R> second;
    try (Connection gate = store.database.dataSource().getConnection()) {
      gate.setAutoCommit(false);
      gate.createStatement().execute(lock);
      first = ConcurrentTask.run(heldUp);
      await().atMost(Duration.ofSeconds(20)).until(() -> store.waitingForLocks() == 1);
      second = ConcurrentTask.run(other);
      await()
          .atMost(Duration.ofSeconds(20))
          .until(() -> second.isDone() || store.waitingForLocks() == 2);
      gate.rollback();
    }
    return List.of(first.get(60, TimeUnit.SECONDS), second.get(60, TimeUnit.SECONDS));
  }

  private void recordGone(TradeKey... keys) {
    store
        .log
        .orphans()
        .recordGone(List.of(KeyRange.all()), List.of(keys), GracePeriod.overNow(Duration.ZERO));
  }

  /** Ids that the log holds as processed twice, retracted at the first of both keys. */
  private void retractedAtTheFirstOfTwoKeys(String... ids) throws Exception {
    for (String id : ids) {
      claim(ClaimMode.REPAIR, List.of(), trade(id, 0));
      claim(ClaimMode.CONFIRMED, List.of(), trade(id, 1000));
      assertThat(claim(ClaimMode.REPAIR, List.of(key(id, 0)))).hasSize(1);
    }
    assertThat(store.log.orphans().retractedIds(10)).containsExactly(ids);
  }

  /** What of an id a receiver by revisions holds is what the log says, or the log knows better. */
  private void assertHeldAsRecorded(List<List<TradeChange>> changes, String... ids) {
    for (String id : ids) {
      assertHeldAsRecorded(id, changes.stream().flatMap(List::stream).toList());
    }
  }

  private void assertHeldAsRecorded(String id, List<TradeChange> changes) {
    TradeChange last =
        changes.stream()
            .filter(change -> change.key().id().equals(id))
            .max(Comparator.comparing(TradeChange::revision))
            .orElseThrow();
    boolean isProcessed =
        store.log.entries().page(List.of(KeyRange.all()), 100).stream()
            .anyMatch(
                entry -> entry.key().id().equals(id) && entry.status() == EntryStatus.PROCESSED);
    boolean isRetracted = store.log.orphans().retractedIds(10).contains(id);
    assertThat(last.after().isPresent()).as(id).isEqualTo(isProcessed && !isRetracted);
  }

  @Test
  void aTradeThatIsBackWhileAnotherKeyOfItIsRetracted() throws Exception {
    retractedAtTheFirstOfTwoKeys("a");

    List<List<TradeChange>> changes =
        beside(
            "sync_retracted_id",
            () -> claim(ClaimMode.REPAIR, List.of(key("a", 1000))),
            () -> claim(ClaimMode.CONFIRMED, List.of(), trade("a", 2000)));

    assertThat(changes).allMatch(each -> each.size() == 1);
    assertHeldAsRecorded(changes, "a");
  }

  @Test
  void twoThatRetractWhatTheOtherOneWrites() throws Exception {
    retractedAtTheFirstOfTwoKeys("a", "b");

    List<List<TradeChange>> changes =
        beside(
            "sync_retracted_id",
            () -> claim(ClaimMode.CONFIRMED, List.of(key("b", 1000)), trade("a", 2000)),
            () -> claim(ClaimMode.CONFIRMED, List.of(key("a", 1000)), trade("b", 2000)));

    assertThat(changes).allMatch(each -> each.size() == 2);
    assertHeldAsRecorded(changes, "a", "b");
  }

  @Test
  void retractionsOfWhichOneIsNewBesideAWriteOfAnother() throws Exception {
    retractedAtTheFirstOfTwoKeys("m", "z");
    claim(ClaimMode.REPAIR, List.of(), trade("a", 0));
    claim(ClaimMode.CONFIRMED, List.of(), trade("a", 1000));

    List<List<TradeChange>> changes =
        besideLocked(
            "select 1 from sync_retracted_id where trade_id = 'm' for update",
            () -> claim(ClaimMode.REPAIR, List.of(key("a", 1000), key("m", 1000), key("z", 1000))),
            () -> claim(ClaimMode.CONFIRMED, List.of(key("a", 0)), trade("z", 2000)));

    assertThat(changes.get(0)).hasSize(3);
    assertThat(changes.get(1)).hasSize(2);
    assertHeldAsRecorded(changes, "a", "z");
  }

  @Test
  void aHandOutThatIsRepeatedWhileItsTradeMoves() throws Exception {
    handOut(ClaimMode.CONFIRMED, List.of(), trade("a", 0));

    List<List<TradeChange>> changes =
        beside(
            "sync_handed_out",
            () -> handOut(ClaimMode.CONFIRMED, List.of(), trade("a", 1000), trade("b", 2000)),
            () -> handOut(ClaimMode.REPAIR, List.of(), trade("a", 0), trade("b", 2000)));

    assertThat(changes).anyMatch(each -> !each.isEmpty());
    settle(changes.get(1));
    settle(changes.get(0));
    assertHeldAsRecorded(changes, "a", "b");
  }

  @Test
  void handOutsOfTheSameIdsInAnotherOrderOfKeys() throws Exception {
    handOut(ClaimMode.CONFIRMED, List.of(), trade("b", 0));

    List<List<TradeChange>> changes =
        beside(
            "sync_handed_out",
            () -> handOut(ClaimMode.CONFIRMED, List.of(), trade("a", 3000), trade("b", 1000)),
            () -> handOut(ClaimMode.CONFIRMED, List.of(), trade("a", 2000), trade("b", 4000)));

    settle(changes.get(0));
    settle(changes.get(1));
    assertHeldAsRecorded(changes, "a", "b");
  }

  @Test
  void aRetractionThatIsHandedOutWhileItsTradeIsWrittenElsewhere() throws Exception {
    settle(handOut(ClaimMode.REPAIR, List.of(), trade("a", 0)));
    settle(handOut(ClaimMode.CONFIRMED, List.of(), trade("a", 1000)));
    recordGone(key("a", 0), key("a", 1000));

    List<List<TradeChange>> changes =
        beside(
            "sync_handed_out",
            () -> handOut(ClaimMode.REPAIR, List.of(key("a", 1000))),
            () -> handOut(ClaimMode.CONFIRMED, List.of(), trade("a", 2000)));

    settle(changes.get(1));
    settle(changes.get(0));
    assertHeldAsRecorded(changes, "a");
  }

  /** Final trades, whose ids are not tracked: only the rows of their hand-outs are locked. */
  @Test
  void changesThatAreWithdrawnWhileTheirTradesAreHandedOutAgain() throws Exception {
    List<TradeChange> refused = new ArrayList<>();
    refused.addAll(handOut(ClaimMode.REPAIR, List.of(), trade("b", 0)));
    refused.addAll(handOut(ClaimMode.REPAIR, List.of(), trade("a", 0)));

    List<List<TradeChange>> changes =
        besideLocked(
            "select 1 from sync_handed_out where trade_id = 'b' for update",
            () ->
                transact(
                    transaction -> {
                      transaction.withdraw(refused);
                      return List.of();
                    }),
            () -> handOut(ClaimMode.FORCE, List.of(), trade("a", 0), trade("b", 0)));

    assertThat(changes.get(1)).hasSize(2);
    assertThat(store.count("select count(*) from sync_handed_out")).isEqualTo(2);
  }
}
