package io.tradesync.testkit;

import static java.util.concurrent.TimeUnit.SECONDS;
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
import io.tradesync.spi.log.HandOut;
import io.tradesync.spi.log.HandedOut;
import io.tradesync.spi.log.LogEntry;
import io.tradesync.spi.log.LogTransaction;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/**
 * Checks what a log records of changes that are handed out: {@link LogTransaction#handOut}, {@link
 * LogTransaction#settle} and {@link LogTransaction#withdraw}.
 *
 * <ul>
 *   <li>What is handed out is listed and changes no entry until it is settled.
 *   <li>What is handed out again is the same change, with the same revision.
 *   <li>A force repeats a hand-out of a force only.
 *   <li>Other content, another key and a retraction have greater revisions and name what is perhaps
 *       in the sink.
 *   <li>A settled move leaves the id at its new key only.
 *   <li>A settled retraction ends the entry.
 *   <li>What was handed out before something newer is not carried out.
 *   <li>What is perhaps in the sink is never known.
 *   <li>What is withdrawn is no longer listed.
 *   <li>A hand-out waits for a change that is being carried out, and sees its outcome.
 *   <li>A retraction is not handed out while the id is to be written elsewhere.
 *   <li>What is gone is retracted at all keys where it is perhaps in the sink.
 *   <li>What is handed out since it was gone is not retracted elsewhere.
 *   <li>What is handed out again where it was gone is not retracted with another key of its id.
 *   <li>A failed entry that is perhaps in the sink has its grace period.
 *   <li>A failed entry that is retracted is no change, and lets another key of its id be gone.
 *   <li>A sink that only inserts gets the same content again and no other.
 *   <li>A hand-out marks its sub-range as unverified.
 * </ul>
 */
public abstract class HandOutContract extends LogContract {

  private HandedOut handOut(ClaimMode mode, List<TradeKey> retractions, Trade... trades)
      throws Exception {
    ClaimRequest request =
        new ClaimRequest(
            Arrays.asList(trades),
            retractions,
            mode,
            EnumSet.allOf(SinkCapability.class),
            "r",
            true);
    return log.transact(null, transaction -> transaction.handOut(request));
  }

  private List<TradeChange> changes(ClaimMode mode, Trade... trades) throws Exception {
    return handOut(mode, List.of(), trades).claim().changes();
  }

  private List<TradeChange> retraction(TradeKey... keys) throws Exception {
    return handOut(ClaimMode.REPAIR, List.of(keys)).claim().changes();
  }

  private List<TradeChange> settle(List<TradeChange> changes) throws Exception {
    return log.transact(null, transaction -> transaction.settle(changes, "r"));
  }

  private List<HandOut> handOuts() {
    return log.entries().handOuts(List.of(KeyRange.all()), 100);
  }

  private Trade settled(Trade trade) throws Exception {
    assertThat(settle(changes(ClaimMode.REPAIR, trade))).hasSize(1);
    return trade;
  }

  @Test
  void whatIsHandedOutIsListedAndChangesNoEntryUntilItIsSettled() throws Exception {
    Trade a = trade("a", T, 1);
    Trade b = trade("b", T + 1, 1);
    List<TradeChange> changes = changes(ClaimMode.NEW, a, b);

    assertThat(changes)
        .extracting(change -> change.withRevision(0))
        .containsExactly(new TradeChange.Insert(a), new TradeChange.Insert(b));
    assertThat(entries()).isEmpty();
    assertThat(handOuts()).extracting(HandOut::key).containsExactly(a.key(), b.key());
    assertThat(handOuts())
        .extracting(HandOut::fingerprint)
        .containsExactly(a.fingerprint(), b.fingerprint());
    assertThat(log.entries().lastHandOut(KeyRange.all())).contains(b.key());
    assertThat(log.entries().handOuts(List.of(KeyRange.all()), 1)).hasSize(1);

    assertThat(settle(changes)).isEqualTo(changes);
    assertThat(handOuts()).isEmpty();
    assertThat(log.entries().lastHandOut(KeyRange.all())).isEmpty();
    assertThat(entries()).extracting(LogEntry::status).containsOnly(EntryStatus.PROCESSED);
    assertThat(handOut(ClaimMode.REPAIR, List.of(), a, b).claim().known()).containsExactly(a, b);
  }

  @Test
  void whatIsHandedOutAgainIsTheSameChangeWithTheSameRevision() throws Exception {
    Trade before = settled(trade("a", T, 1));
    for (Trade trade : List.of(trade("b", T, 1), trade("a", T, 2), trade("a", T + 10, 2))) {
      List<TradeChange> first = changes(ClaimMode.CONFIRMED, trade);
      HandedOut again = handOut(ClaimMode.CONFIRMED, List.of(), trade);

      assertThat(again.claim().changes()).isEqualTo(first);
      assertThat(again.repeated()).containsExactly(trade.id());
      settle(first);
    }
    TradeKey now = new TradeKey(T + 10, before.id());
    List<TradeChange> retraction = retraction(now);
    assertThat(retraction(now)).isEqualTo(retraction);
  }

  @Test
  void aForceRepeatsAHandOutOfAForceOnly() throws Exception {
    Trade a = trade("a", T, 1);
    List<TradeChange> plain = changes(ClaimMode.REPAIR, a);
    List<TradeChange> forced = changes(ClaimMode.FORCE, a);

    assertThat(forced.get(0).revision()).isGreaterThan(plain.get(0).revision());
    assertThat(changes(ClaimMode.FORCE, a)).isEqualTo(forced);
    settle(forced);
    assertThat(changes(ClaimMode.FORCE, a).get(0).revision())
        .isGreaterThan(forced.get(0).revision());
  }

  @Test
  void otherContentAnotherKeyAndARetractionHaveGreaterRevisionsAndNameWhatIsPerhapsInTheSink()
      throws Exception {
    Trade a = trade("a", T, 1);
    Trade changed = trade("a", T, 2);
    Trade moved = trade("a", T + 10, 2);
    long first = changes(ClaimMode.NEW, a).get(0).revision();

    List<TradeChange> second = changes(ClaimMode.REPAIR, changed);
    assertThat(second.get(0).before()).contains(a.key());
    assertThat(second.get(0).revision()).isGreaterThan(first);

    assertThat(handOut(ClaimMode.REPAIR, List.of(), moved).claim().disputed())
        .containsExactly(moved);
    List<TradeChange> third = changes(ClaimMode.CONFIRMED, moved);
    assertThat(third).hasSize(1);
    assertThat(third.get(0).before()).contains(a.key());
    assertThat(third.get(0).revision()).isGreaterThan(second.get(0).revision());

    List<TradeChange> fourth = retraction(a.key(), moved.key());
    assertThat(fourth).extracting(TradeChange::key).containsExactly(a.key(), moved.key());
    assertThat(fourth).allMatch(change -> change.revision() > third.get(0).revision());
    assertThat(settle(fourth)).hasSize(2);
    assertThat(handOuts()).isEmpty();
    assertThat(entries()).isEmpty();
  }

  @Test
  void aSettledMoveLeavesTheIdAtItsNewKeyOnly() throws Exception {
    for (long second : List.of(T - 10, T + 10)) {
      Trade before = settled(trade("a" + second, T, 1));
      Trade after = trade("a" + second, second, 1);

      settle(changes(ClaimMode.CONFIRMED, after));

      assertThat(entry(before.key()).status()).isEqualTo(EntryStatus.RETRACTED);
      assertThat(entry(after.key()).status()).isEqualTo(EntryStatus.PROCESSED);
      assertThat(handOuts()).isEmpty();
      assertThat(handOut(ClaimMode.REPAIR, List.of(), before).claim().disputed())
          .containsExactly(before);
      settle(changes(ClaimMode.CONFIRMED, before));
      assertThat(entry(before.key()).status()).isEqualTo(EntryStatus.PROCESSED);
      assertThat(entry(after.key()).status()).isEqualTo(EntryStatus.RETRACTED);
    }
  }

  @Test
  void aSettledRetractionEndsTheEntry() throws Exception {
    Trade a = settled(trade("a", T, 1));
    List<TradeChange> retraction = retraction(a.key());
    assertThat(entry(a.key()).status()).isEqualTo(EntryStatus.PROCESSED);
    assertThat(handOuts()).extracting(HandOut::isWrite).containsExactly(false);

    settle(retraction);
    assertThat(entry(a.key()).status()).isEqualTo(EntryStatus.RETRACTED);
    assertThat(handOuts()).isEmpty();
    assertThat(changes(ClaimMode.REPAIR, a).get(0)).isInstanceOf(TradeChange.Insert.class);
  }

  @Test
  void whatWasHandedOutBeforeSomethingNewerIsNotCarriedOut() throws Exception {
    Trade a = trade("a", T, 1);
    List<TradeChange> first = changes(ClaimMode.NEW, a);
    List<TradeChange> second = changes(ClaimMode.REPAIR, trade("a", T, 2));
    assertThat(settle(first)).isEmpty();
    List<TradeChange> third = changes(ClaimMode.CONFIRMED, trade("a", T + 10, 2));
    assertThat(settle(second)).isEmpty();
    List<TradeChange> fourth = retraction(a.key(), new TradeKey(T + 10, "a"));
    assertThat(settle(third)).isEmpty();

    assertThat(entries()).isEmpty();
    assertThat(settle(fourth)).isEqualTo(fourth);
    assertThat(settle(fourth)).isEmpty();
  }

  @Test
  void whatIsPerhapsInTheSinkIsNeverKnown() throws Exception {
    Trade a = settled(trade("a", T, 1));
    changes(ClaimMode.REPAIR, trade("a", T, 2));

    Claim claim = handOut(ClaimMode.REPAIR, List.of(), a).claim();
    assertThat(claim.known()).isEmpty();
    assertThat(claim.changes()).hasSize(1);
    settle(claim.changes());

    retraction(a.key());
    assertThat(handOut(ClaimMode.REPAIR, List.of(), a).claim().changes()).hasSize(1);
    assertThat(handOut(ClaimMode.NEW, List.of(), a).claim().disputed()).containsExactly(a);
  }

  @Test
  void whatIsWithdrawnIsNoLongerListed() throws Exception {
    Trade a = trade("a", T, 1);
    Trade b = trade("b", T, 1);
    List<TradeChange> changes = changes(ClaimMode.NEW, a, b);

    boolean ignored =
        log.transact(
            null,
            transaction -> {
              transaction.withdraw(changes.subList(0, 1));
              return true;
            });

    assertThat(handOuts()).extracting(HandOut::key).containsExactly(b.key());
  }

  @Test
  void aHandOutWaitsForAChangeThatIsBeingCarriedOutAndSeesItsOutcome() throws Exception {
    Trade a = trade("a", T, 1);
    List<TradeChange> changes = changes(ClaimMode.NEW, a);
    CountDownLatch settled = new CountDownLatch(1);
    CountDownLatch commit = new CountDownLatch(1);
    CompletableFuture<Integer> slow =
        async(
            () ->
                log.transact(
                    null,
                    transaction -> {
                      int current = transaction.settle(changes, "r").size();
                      settled.countDown();
                      commit.await();
                      return current;
                    }));
    assertThat(settled.await(20, SECONDS)).isTrue();
    CompletableFuture<HandedOut> waiting = async(() -> handOut(ClaimMode.REPAIR, List.of(), a));
    assertThat(waiting).isNotDone();
    commit.countDown();

    assertThat(slow.get(20, SECONDS)).isEqualTo(1);
    assertThat(waiting.get(20, SECONDS).claim().known()).containsExactly(a);
  }

  @Test
  void aRetractionIsNotHandedOutWhileTheIdIsToBeWrittenElsewhere() throws Exception {
    Trade before = settled(trade("a", T, 1));
    Trade after = trade("a", T + 10, 1);
    List<TradeChange> move = changes(ClaimMode.CONFIRMED, after);

    assertThat(retraction(before.key())).isEmpty();
    assertThat(settle(move)).hasSize(1);
    assertThat(retraction(before.key())).isEmpty();
    assertThat(retraction(after.key())).hasSize(1);
  }

  @Test
  void whatIsGoneIsRetractedAtAllKeysWhereItIsPerhapsInTheSink() throws Exception {
    for (long second : List.of(T - 10, T + 10)) {
      TradeKey before = trade("a" + second, T, 1).key();
      Trade after = trade("a" + second, second, 1);
      changes(ClaimMode.REPAIR, trade("a" + second, T, 1));
      long last = changes(ClaimMode.CONFIRMED, after).get(0).revision();
      recordGone(Duration.ZERO, sorted(before, after.key()));

      List<TradeChange> both = retraction(before);

      assertThat(both).extracting(TradeChange::key).containsExactly(sorted(before, after.key()));
      assertThat(both).allMatch(change -> change.after().isEmpty() && change.revision() > last);
      assertThat(retraction(before)).isEqualTo(both);
      assertThat(retraction(after.key())).isEqualTo(both);
      assertThat(settle(both)).isEqualTo(both);
      assertThat(handOuts()).isEmpty();
    }
  }

  private static TradeKey[] sorted(TradeKey... keys) {
    return Arrays.stream(keys).sorted().toArray(TradeKey[]::new);
  }

  @Test
  void whatIsHandedOutSinceItWasGoneIsNotRetractedElsewhere() throws Exception {
    Trade before = settled(trade("a", T, 1));
    recordGone(Duration.ZERO, before.key());
    Trade after = trade("a", T + 10, 1);
    List<TradeChange> move = changes(ClaimMode.CONFIRMED, after);

    assertThat(retraction(before.key())).isEmpty();
    assertThat(settle(move)).hasSize(1);
    assertThat(retraction(before.key())).isEmpty();
  }

  @Test
  void whatIsHandedOutAgainWhereItWasGoneIsNotRetractedWithAnotherKeyOfItsId() throws Exception {
    verify(T + 10 * TRACKED);
    for (ClaimMode mode : List.of(ClaimMode.CONFIRMED, ClaimMode.FORCE)) {
      Trade before = settled(trade("a" + mode, T, 1));
      TradeKey after = new TradeKey(T + 10, before.id());
      settle(changes(ClaimMode.CONFIRMED, trade(before.id(), T + 10, 1)));
      recordGone(Duration.ZERO, before.key(), after);
      List<TradeChange> again = changes(mode, trade(before.id(), T, 2));

      assertThat(retraction(after)).extracting(TradeChange::key).doesNotContain(before.key());
      settle(again);
      assertThat(retraction(after)).extracting(TradeChange::key).doesNotContain(before.key());
      assertThat(entry(before.key()).status()).isEqualTo(EntryStatus.PROCESSED);
    }
  }

  @Test
  void aFailedEntryThatIsPerhapsInTheSinkHasItsGracePeriod() throws Exception {
    Trade before = settled(trade("a", T, 1));
    Trade after = trade("a", T + 10, 1);
    List<TradeChange> move = changes(ClaimMode.CONFIRMED, after);
    log.failedTrades().markFailed(List.of(failure(after, "no answer")), "r", 10);

    assertThat(recordGone(LONG, before.key(), after.key())).isEmpty();
    assertThat(recordGone(Duration.ZERO, before.key(), after.key())).containsExactly(after.key());
    assertThat(retraction(after.key()))
        .hasSize(2)
        .allMatch(change -> change.revision() > move.get(0).revision());
  }

  @Test
  void aFailedEntryThatIsRetractedIsNoChangeAndLetsAnotherKeyOfItsIdBeGone() throws Exception {
    Trade a = trade("a", T, 1);
    Trade other = trade("a", T + 10, 1);
    for (Trade failed : List.of(a, other)) {
      log.failedTrades().markFailed(List.of(failure(failed, "boom")), "r", 10);
    }
    assertThat(recordGone(Duration.ZERO, a.key(), other.key())).containsExactly(a.key());

    assertThat(retraction(a.key())).isEmpty();
    assertThat(entry(a.key()).status()).isEqualTo(EntryStatus.RETRACTED);
    assertThat(handOuts()).isEmpty();
    assertThat(recordGone(Duration.ZERO, other.key())).containsExactly(other.key());
  }

  @Test
  void aSinkThatOnlyInsertsGetsTheSameContentAgainAndNoOther() throws Exception {
    Trade a = trade("a", T, 1);
    Trade changed = trade("a", T, 2);
    List<TradeChange> first = inserting(a).changes();

    assertThat(inserting(a).changes()).isEqualTo(first);
    assertThat(inserting(changed).disputed()).containsExactly(changed);
  }

  private Claim inserting(Trade trade) throws Exception {
    ClaimRequest request =
        new ClaimRequest(
            List.of(trade), List.of(), ClaimMode.REPAIR, Set.of(SinkCapability.INSERT), "r", true);
    return log.transact(null, transaction -> transaction.handOut(request)).claim();
  }

  @Test
  void aHandOutMarksItsSubRangeAsUnverified() throws Exception {
    Trade a = settled(trade("a", T, 1));
    Trade b = settled(trade("b", T + 2 * SUB_RANGE, 1));
    verify(T + 3 * SUB_RANGE);
    assertThat(log.verification().snapshot().unverified()).isEmpty();

    assertThat(changes(ClaimMode.REPAIR, trade("a", T, 2))).hasSize(1);

    assertThat(log.verification().snapshot().unverified())
        .anyMatch(range -> range.contains(a.key()))
        .noneMatch(range -> range.contains(b.key()));
  }
}
