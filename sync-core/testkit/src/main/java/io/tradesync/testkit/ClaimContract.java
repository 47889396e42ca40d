package io.tradesync.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.tradesync.KeyRange;
import io.tradesync.Trade;
import io.tradesync.TradeKey;
import io.tradesync.spi.SinkCapability;
import io.tradesync.spi.TradeChange;
import io.tradesync.spi.log.Claim;
import io.tradesync.spi.log.ClaimMode;
import io.tradesync.spi.log.ClaimRequest;
import io.tradesync.spi.log.EntryStatus;
import io.tradesync.spi.log.GracePeriod;
import io.tradesync.spi.log.LogEntry;
import io.tradesync.spi.log.LogTransaction;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * Checks what {@link LogTransaction#claim} does with trades and retractions.
 *
 * <ul>
 *   <li>A claim of new trades records them and inserts them.
 *   <li>A trade that is processed with the same content is known unless forced.
 *   <li>Other content is disputed when new and replaced when repaired.
 *   <li>A failed trade can be claimed in every mode and is then no longer failed.
 *   <li>A retracted trade is disputed when new and inserted when repaired.
 *   <li>A retraction is a change only if the entry was processed.
 *   <li>A trade whose id is at another key is disputed and changes nothing.
 *   <li>A confirmed move replaces the old key.
 *   <li>A move from a key that failed inserts and ends the failure.
 *   <li>A move needs a sink that replaces and retracts.
 *   <li>An id may come at another key after it was retracted.
 *   <li>A change that the sink cannot replace is disputed.
 *   <li>All changes of a claim are in key order.
 * </ul>
 */
public abstract class ClaimContract extends LogContract {

  @Test
  void aClaimOfNewTradesRecordsThemAndInsertsThem() throws Exception {
    Trade a = trade("a", T, 1);
    Trade b = trade("b", T, 2);

    Claim claim = claim(ClaimMode.NEW, a, b);

    assertThat(claim.changes())
        .containsExactly(new TradeChange.Insert(a), new TradeChange.Insert(b));
    assertThat(claim.known()).isEmpty();
    assertThat(claim.disputed()).isEmpty();
    assertThat(entries())
        .containsExactly(
            new LogEntry(a.key(), EntryStatus.PROCESSED, a.fingerprint(), null),
            new LogEntry(b.key(), EntryStatus.PROCESSED, b.fingerprint(), null));
  }

  @Test
  void aTradeThatIsProcessedWithTheSameContentIsKnownUnlessForced() throws Exception {
    Trade a = trade("a", T, 1);
    Trade b = trade("b", T, 2);
    claim(ClaimMode.NEW, a);

    for (ClaimMode mode : List.of(ClaimMode.NEW, ClaimMode.REPAIR)) {
      assertThat(claim(mode, a).known()).containsExactly(a);
    }
    Claim forced = claim(ClaimMode.FORCE, a, b);
    assertThat(forced.changes())
        .containsExactly(new TradeChange.Replace(a.key(), a), new TradeChange.Insert(b));
  }

  @Test
  void otherContentIsDisputedWhenNewAndReplacedWhenRepaired() throws Exception {
    claim(ClaimMode.NEW, trade("a", T, 1));
    Trade changed = trade("a", T, 2);

    Claim disputed = claim(ClaimMode.NEW, changed);
    assertThat(disputed.disputed()).containsExactly(changed);
    assertThat(entries().get(0).fingerprint()).isNotEqualTo(changed.fingerprint());

    assertThat(claim(ClaimMode.REPAIR, changed).changes())
        .containsExactly(new TradeChange.Replace(changed.key(), changed));
    assertThat(entries().get(0).fingerprint()).isEqualTo(changed.fingerprint());
  }

  @Test
  void aFailedTradeCanBeClaimedInEveryModeAndIsThenNoLongerFailed() throws Exception {
    for (ClaimMode mode : ClaimMode.values()) {
      Trade trade = trade("a" + mode, T, 1);
      log.failedTrades().markFailed(List.of(failure(trade, "boom")), "r", 10);

      assertThat(claim(mode, trade).changes()).containsExactly(new TradeChange.Insert(trade));
    }
    assertThat(log.failedTrades().list(TradeKey.MIN, 10)).isEmpty();
  }

  @Test
  void aRetractedTradeIsDisputedWhenNewAndInsertedWhenRepaired() throws Exception {
    Trade a = trade("a", T, 1);
    claim(ClaimMode.NEW, a);
    retract(List.of(a.key()));

    assertThat(claim(ClaimMode.NEW, a).disputed()).containsExactly(a);
    assertThat(claim(ClaimMode.REPAIR, a).changes()).containsExactly(new TradeChange.Insert(a));
    assertThat(entries().get(0).status()).isEqualTo(EntryStatus.PROCESSED);
  }

  @Test
  void aRetractionIsAChangeOnlyIfTheEntryWasProcessed() throws Exception {
    Trade processed = trade("a", T, 1);
    Trade failed = trade("b", T, 1);
    TradeKey unknown = new TradeKey(T, "c");
    claim(ClaimMode.NEW, processed);
    log.failedTrades().markFailed(List.of(failure(failed, "boom")), "r", 10);
    List<TradeKey> keys = List.of(processed.key(), failed.key(), unknown);

    assertThat(retract(keys)).containsExactly(new TradeChange.Retract(processed.key()));
    assertThat(retract(keys)).isEmpty();
    assertThat(entries()).extracting(LogEntry::status).containsOnly(EntryStatus.RETRACTED);
    assertThat(log.failedTrades().list(TradeKey.MIN, 10)).isEmpty();
  }

  @Test
  void aTradeWhoseIdIsAtAnotherKeyIsDisputedAndChangesNothing() throws Exception {
    Trade before = trade("a", T, 1);
    claim(ClaimMode.NEW, before);
    List<LogEntry> held = entries();

    for (long second : List.of(T - 10, T + 10)) {
      Trade moved = trade("a", second, 1);
      for (ClaimMode mode : List.of(ClaimMode.NEW, ClaimMode.REPAIR, ClaimMode.FORCE)) {
        Claim claim = claim(mode, moved);
        assertThat(claim.disputed()).as("%s", mode).containsExactly(moved);
        assertThat(claim.changes()).isEmpty();
        assertThat(claim.known()).isEmpty();
      }
    }
    assertThat(entries()).isEqualTo(held);
  }

  @Test
  void aConfirmedMoveReplacesTheOldKey() throws Exception {
    for (long second : List.of(T - 10, T + 10)) {
      String id = "a" + second;
      Trade before = trade(id, T, 1);
      Trade after = trade(id, second, 2);
      claim(ClaimMode.NEW, before);

      Claim claim = claim(ClaimMode.CONFIRMED, after);

      assertThat(claim.changes()).containsExactly(new TradeChange.Replace(before.key(), after));
      assertThat(claim.disputed()).isEmpty();
      assertThat(entry(before.key()).status()).isEqualTo(EntryStatus.RETRACTED);
      assertThat(entry(after.key()))
          .isEqualTo(new LogEntry(after.key(), EntryStatus.PROCESSED, after.fingerprint(), null));
      // The id is at that key now, and can move on, or back.
      assertThat(claim(ClaimMode.REPAIR, before).disputed()).containsExactly(before);
      assertThat(claim(ClaimMode.CONFIRMED, before).changes())
          .containsExactly(new TradeChange.Replace(after.key(), before));
      assertThat(entry(before.key()).status()).isEqualTo(EntryStatus.PROCESSED);
      assertThat(entry(after.key()).status()).isEqualTo(EntryStatus.RETRACTED);
    }
  }

  @Test
  void aMoveFromAKeyThatFailedInsertsAndEndsTheFailure() throws Exception {
    Trade before = trade("a", T, 1);
    Trade after = trade("a", T + 10, 1);
    log.failedTrades().markFailed(List.of(failure(before, "boom")), "r", 10);
    log.orphans()
        .recordGone(List.of(KeyRange.all()), List.of(before.key()), GracePeriod.overNow(LONG));
    assertThat(claim(ClaimMode.REPAIR, after).disputed()).containsExactly(after);

    assertThat(claim(ClaimMode.CONFIRMED, after).changes())
        .containsExactly(new TradeChange.Insert(after));
    assertThat(log.failedTrades().list(TradeKey.MIN, 10)).isEmpty();
    assertThat(entry(before.key()).status()).isEqualTo(EntryStatus.RETRACTED);
  }

  @Test
  void aMoveNeedsASinkThatReplacesAndRetracts() throws Exception {
    Trade before = trade("a", T, 1);
    Trade after = trade("a", T + 10, 1);
    claim(ClaimMode.NEW, before);

    for (SinkCapability lacking : List.of(SinkCapability.REPLACE, SinkCapability.RETRACT)) {
      Claim claim = claim(ClaimMode.CONFIRMED, allBut(lacking), after);
      assertThat(claim.disputed()).as("without %s", lacking).containsExactly(after);
      assertThat(claim.changes()).isEmpty();
    }
    assertThat(entries()).extracting(LogEntry::key).containsExactly(before.key());
    assertThat(claim(ClaimMode.CONFIRMED, after).changes()).hasSize(1);
  }

  @Test
  void anIdMayComeAtAnotherKeyAfterItWasRetracted() throws Exception {
    Trade before = trade("a", T, 1);
    Trade after = trade("a", T + 10, 1);
    claim(ClaimMode.NEW, before);
    retract(List.of(before.key()));

    assertThat(claim(ClaimMode.NEW, after).changes())
        .containsExactly(new TradeChange.Insert(after));
  }

  @Test
  void aChangeThatTheSinkCannotReplaceIsDisputed() throws Exception {
    Trade same = trade("a", T, 1);
    claim(ClaimMode.NEW, same, trade("b", T, 1));
    Trade changed = trade("b", T, 2);
    Trade fresh = trade("c", T, 1);

    for (ClaimMode mode : List.of(ClaimMode.REPAIR, ClaimMode.CONFIRMED)) {
      Claim claim = claim(mode, EnumSet.of(SinkCapability.INSERT), same, changed);
      assertThat(claim.known()).containsExactly(same);
      assertThat(claim.disputed()).containsExactly(changed);
    }
    Claim forced = claim(ClaimMode.FORCE, EnumSet.of(SinkCapability.INSERT), same, changed, fresh);
    assertThat(forced.disputed()).containsExactly(same, changed);
    assertThat(forced.changes()).containsExactly(new TradeChange.Insert(fresh));
  }

  @Test
  void allChangesOfAClaimAreInKeyOrder() throws Exception {
    Trade moving = trade("b", T + 5, 1);
    Trade gone = trade("d", T + 2, 1);
    claim(ClaimMode.NEW, trade("a", T + 1, 1), gone, moving);
    Trade changed = trade("a", T + 1, 2);
    Trade moved = trade("b", T, 1);
    Trade fresh = trade("c", T + 9, 1);
    ClaimRequest request =
        new ClaimRequest(
            List.of(moved, changed, fresh),
            List.of(gone.key()),
            ClaimMode.CONFIRMED,
            EnumSet.allOf(SinkCapability.class),
            "r");

    assertThat(log.transact(null, transaction -> transaction.claim(request)).changes())
        .containsExactly(
            new TradeChange.Replace(moving.key(), moved),
            new TradeChange.Replace(changed.key(), changed),
            new TradeChange.Retract(gone.key()),
            new TradeChange.Insert(fresh));
  }

  private static Set<SinkCapability> allBut(SinkCapability lacking) {
    return EnumSet.complementOf(EnumSet.of(lacking));
  }
}
