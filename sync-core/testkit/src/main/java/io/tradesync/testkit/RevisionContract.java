package io.tradesync.testkit;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.tradesync.KeyRange;
import io.tradesync.Trade;
import io.tradesync.TradeKey;
import io.tradesync.spi.SinkCapability;
import io.tradesync.spi.TradeChange;
import io.tradesync.spi.log.ClaimMode;
import io.tradesync.spi.log.ClaimRequest;
import io.tradesync.spi.log.EntryStatus;
import io.tradesync.spi.log.LogTransaction;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/**
 * Checks the revisions of {@link LogTransaction#claim}.
 *
 * <ul>
 *   <li>Each change has a revision, and each later change of an id a greater one.
 *   <li>A change of a sink that uses no revisions has revision 0.
 *   <li>A force gives each change a greater revision.
 *   <li>A trade that comes back has a greater revision than its retraction.
 *   <li>A move has a greater revision than what the id had at its old key.
 *   <li>A claim that retracts the old key of a moved id gives the write the greatest revision.
 *   <li>An id that is processed at another key is not retracted.
 *   <li>A failed entry is retracted also if its id is processed at another key.
 *   <li>Of two claims at once the one that commits later has the greater revision.
 * </ul>
 */
public abstract class RevisionContract extends LogContract {

  private List<TradeChange> change(ClaimMode mode, List<TradeKey> retractions, Trade... trades)
      throws Exception {
    ClaimRequest request = revised(mode, retractions, trades);
    return claim(request).changes();
  }

  private static ClaimRequest revised(ClaimMode mode, List<TradeKey> retractions, Trade... trades) {
    return new ClaimRequest(
        Arrays.asList(trades), retractions, mode, EnumSet.allOf(SinkCapability.class), "r", true);
  }

  private long revision(ClaimMode mode, Trade trade) throws Exception {
    List<TradeChange> changes = change(mode, List.of(), trade);
    assertThat(changes).hasSize(1);
    return changes.get(0).revision();
  }

  @Test
  void eachChangeHasARevisionAndEachLaterChangeOfAnIdAGreaterOne() throws Exception {
    List<TradeChange> first =
        change(ClaimMode.NEW, List.of(), trade("a", T, 1), trade("b", T, 1), trade("c", T, 1));

    assertThat(first).extracting(TradeChange::revision).doesNotHaveDuplicates();
    assertThat(first).allMatch(change -> change.revision() > 0);
    long greatest = first.stream().mapToLong(TradeChange::revision).max().orElseThrow();
    long second = revision(ClaimMode.REPAIR, trade("a", T, 2));
    long third = revision(ClaimMode.REPAIR, trade("a", T, 1));
    assertThat(second).isGreaterThan(greatest);
    assertThat(third).isGreaterThan(second);
  }

  @Test
  void aChangeOfASinkThatUsesNoRevisionsHasRevision0() throws Exception {
    assertThat(claim(ClaimMode.NEW, trade("a", T, 1), trade("b", T, 1)).changes())
        .extracting(TradeChange::revision)
        .containsOnly(0L);
  }

  @Test
  void aForceGivesEachChangeAGreaterRevision() throws Exception {
    Trade a = trade("a", T, 1);
    long first = revision(ClaimMode.NEW, a);
    long second = revision(ClaimMode.FORCE, a);

    assertThat(second).isGreaterThan(first);
    assertThat(revision(ClaimMode.FORCE, a)).isGreaterThan(second);
  }

  @Test
  void aTradeThatComesBackHasAGreaterRevisionThanItsRetraction() throws Exception {
    Trade a = trade("a", T, 1);
    long written = revision(ClaimMode.NEW, a);
    List<TradeChange> retracted = change(ClaimMode.REPAIR, List.of(a.key()));

    assertThat(retracted)
        .singleElement()
        .satisfies(change -> assertThat(change.revision()).isGreaterThan(written));
    assertThat(revision(ClaimMode.REPAIR, a)).isGreaterThan(retracted.get(0).revision());
  }

  @Test
  void aMoveHasAGreaterRevisionThanWhatTheIdHadAtItsOldKey() throws Exception {
    for (long second : List.of(T - 10, T + 10)) {
      long first = revision(ClaimMode.NEW, trade("a" + second, T, 1));

      assertThat(revision(ClaimMode.CONFIRMED, trade("a" + second, second, 1)))
          .isGreaterThan(first);
    }
  }

  @Test
  void aClaimThatRetractsTheOldKeyOfAMovedIdGivesTheWriteTheGreatestRevision() throws Exception {
    Trade before = trade("a", T, 1);
    Trade after = trade("a", T + 10, 1);
    long first = revision(ClaimMode.NEW, before);

    List<TradeChange> changes = change(ClaimMode.CONFIRMED, List.of(before.key()), after);

    TradeChange write = changes.get(changes.size() - 1);
    assertThat(write.after()).contains(after);
    assertThat(changes).allMatch(change -> change.revision() > first);
    assertThat(changes).allMatch(change -> change.revision() <= write.revision());
    assertThat(changes.stream().flatMap(change -> change.before().stream())).contains(before.key());
    assertThat(change(ClaimMode.CONFIRMED, List.of(before.key()), after)).isEmpty();
  }

  @Test
  void anIdThatIsProcessedAtAnotherKeyIsNotRetracted() throws Exception {
    Trade before = trade("a", T, 1);
    Trade after = trade("a", T + 10, 1);
    change(ClaimMode.NEW, List.of(), before);
    change(ClaimMode.CONFIRMED, List.of(), after);

    assertThat(change(ClaimMode.REPAIR, List.of(before.key()))).isEmpty();
    assertThat(change(ClaimMode.REPAIR, List.of(after.key()))).hasSize(1);
  }

  @Test
  void aFailedEntryIsRetractedAlsoIfItsIdIsProcessedAtAnotherKey() throws Exception {
    Trade held = trade("a", T + 10, 1);
    Trade failed = trade("a", T, 1);
    change(ClaimMode.NEW, List.of(), held);
    log.failedTrades().markFailed(List.of(failure(failed, "boom")), "r", 10);

    assertThat(change(ClaimMode.REPAIR, List.of(failed.key()))).isEmpty();

    assertThat(entry(failed.key()).status()).isEqualTo(EntryStatus.RETRACTED);
    assertThat(entry(held.key()).status()).isEqualTo(EntryStatus.PROCESSED);
  }

  @Test
  void ofTwoClaimsAtOnceTheOneThatCommitsLaterHasTheGreaterRevision() throws Exception {
    for (Trade second : List.of(trade("a", T, 2), trade("a", T + 10, 1))) {
      log.orphans().recordBackOutside(List.of(KeyRange.all()));
      Trade first = trade("a", T, 1);
      CountDownLatch claimed = new CountDownLatch(1);
      CountDownLatch commit = new CountDownLatch(1);
      CompletableFuture<List<TradeChange>> slow =
          async(
              () ->
                  log.transact(
                      null,
                      transaction -> {
                        List<TradeChange> changes =
                            transaction.claim(revised(ClaimMode.FORCE, List.of(), first)).changes();
                        claimed.countDown();
                        commit.await();
                        return changes;
                      }));
      assertThat(claimed.await(20, SECONDS)).isTrue();
      CompletableFuture<List<TradeChange>> waiting =
          async(() -> change(ClaimMode.CONFIRMED, List.of(), second));
      assertThat(waiting).isNotDone();
      commit.countDown();

      assertThat(waiting.get(20, SECONDS).get(0).revision())
          .isGreaterThan(slow.get(20, SECONDS).get(0).revision());
      change(ClaimMode.REPAIR, List.of(second.key()));
    }
  }
}
