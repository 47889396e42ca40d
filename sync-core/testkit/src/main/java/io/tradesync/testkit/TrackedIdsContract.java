package io.tradesync.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.tradesync.KeyRange;
import io.tradesync.Trade;
import io.tradesync.TradeKey;
import io.tradesync.spi.TradeChange;
import io.tradesync.spi.log.Claim;
import io.tradesync.spi.log.ClaimMode;
import io.tradesync.spi.log.EntryStatus;
import io.tradesync.spi.log.GracePeriod;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Checks which ids are tracked by a log that remembers what was verified, and for how long.
 *
 * <ul>
 *   <li>A final trade is never claimed as new.
 *   <li>The final second never goes back.
 *   <li>Ids are tracked from an hour below the final second on.
 *   <li>Ids are tracked until they are verified and an hour old.
 *   <li>Ids of unverified and of gone trades are tracked.
 *   <li>The id of a gone trade is tracked.
 *   <li>A move to a key that is processed already retracts the old key.
 *   <li>A move to a key that is processed with other content replaces it and retracts the old key.
 *   <li>Of two gone keys of one id the second waits for the first.
 *   <li>Of two gone keys of one id the tracked one is first.
 * </ul>
 */
public abstract class TrackedIdsContract extends LogContract {

  @Test
  void aFinalTradeIsNeverClaimedAsNew() throws Exception {
    Trade held = trade("a", T, 1);
    Trade failed = trade("b", T, 1);
    Trade absent = trade("c", T + 9, 1);
    Trade atTheFinalSecond = trade("d", T + 10, 1);
    Trade young = trade("e", T + 11, 1);
    claim(ClaimMode.NEW, held);
    log.failedTrades().markFailed(List.of(failure(failed, "boom")), "r", 10);
    assertThat(begin(T + 10)).isTrue();

    Claim claim = claim(ClaimMode.NEW, held, failed, absent, atTheFinalSecond, young);

    assertThat(claim.known()).containsExactly(held);
    assertThat(claim.disputed()).containsExactly(failed, absent, atTheFinalSecond);
    assertThat(claim.changes()).containsExactly(new TradeChange.Insert(young));
    assertThat(claim(ClaimMode.REPAIR, failed, absent, atTheFinalSecond).changes()).hasSize(3);
  }

  @Test
  void theFinalSecondNeverGoesBack() throws Exception {
    assertThat(begin(T + 100)).isTrue();
    assertThat(begin(T)).isTrue();

    Trade late = trade("a", T + 50, 1);
    assertThat(claim(ClaimMode.NEW, late).disputed()).containsExactly(late);
  }

  @Test
  void idsAreTrackedFromAnHourBelowTheFinalSecondOn() throws Exception {
    assertThat(begin(T + TRACKED)).isTrue();
    claim(ClaimMode.REPAIR, trade("a", T, 1), trade("b", T + 1, 1));

    assertThat(isTracked("a")).isFalse();
    assertThat(isTracked("b")).isTrue();
  }

  @Test
  void idsAreTrackedUntilTheyAreVerifiedAndAnHourOld() throws Exception {
    claim(ClaimMode.NEW, trade("a", T, 1), trade("b", T + 1, 1));
    assertThat(begin(T + 2 * TRACKED)).isTrue();
    assertThat(isTracked("a")).isTrue();

    complete(verified(T + TRACKED), List.of());

    assertThat(isTracked("a")).isFalse();
    assertThat(isTracked("b")).isTrue();
  }

  @Test
  void idsOfUnverifiedAndOfGoneTradesAreTracked() throws Exception {
    Trade gone = trade("c", T + 2 * SUB_RANGE, 1);
    Trade back = trade("d", T + 2 * SUB_RANGE, 1);
    claim(
        ClaimMode.NEW, trade("a", T + SUB_RANGE - 1, 1), trade("b", T + SUB_RANGE, 1), gone, back);
    log.orphans()
        .recordGone(
            List.of(KeyRange.all()), List.of(gone.key(), back.key()), GracePeriod.overNow(LONG));
    log.orphans()
        .recordGone(List.of(KeyRange.all()), List.of(gone.key()), GracePeriod.overNow(LONG));

    verify(T + 2 * TRACKED, KeyRange.seconds(T, T + SUB_RANGE));

    assertThat(isTracked("a")).isTrue();
    assertThat(isTracked("b")).isFalse();
    assertThat(isTracked("c")).isTrue();
    assertThat(isTracked("d")).isFalse();
  }

  @Test
  void theIdOfAGoneTradeIsTracked() throws Exception {
    assertThat(begin(T + TRACKED)).isTrue();
    TradeKey a = processed("a", T);
    processed("b", T);
    recordGone(LONG, a);

    assertThat(isTracked("a")).isTrue();
    assertThat(isTracked("b")).isFalse();
  }

  @Test
  void aMoveToAKeyThatIsProcessedAlreadyRetractsTheOldKey() throws Exception {
    Trade old = trade("a", T, 1);
    Trade young = trade("a", T + TRACKED + 1, 1);
    countTwice(old, young);
    assertThat(claim(ClaimMode.NEW, old).disputed()).containsExactly(old);

    Claim claim = claim(ClaimMode.CONFIRMED, old);

    assertThat(claim.known()).containsExactly(old);
    assertThat(claim.changes()).containsExactly(new TradeChange.Retract(young.key()));
    assertThat(entry(old.key()).status()).isEqualTo(EntryStatus.PROCESSED);
    assertThat(entry(young.key()).status()).isEqualTo(EntryStatus.RETRACTED);
  }

  @Test
  void aMoveToAKeyThatIsProcessedWithOtherContentReplacesItAndRetractsTheOldKey() throws Exception {
    Trade young = trade("a", T + TRACKED + 1, 1);
    countTwice(trade("a", T, 1), young);
    Trade changed = trade("a", T, 2);

    assertThat(claim(ClaimMode.CONFIRMED, changed).changes())
        .containsExactly(
            new TradeChange.Replace(changed.key(), changed), new TradeChange.Retract(young.key()));
    assertThat(entry(changed.key()).fingerprint()).isEqualTo(changed.fingerprint());
    assertThat(entry(young.key()).status()).isEqualTo(EntryStatus.RETRACTED);
  }

  @Test
  void ofTwoGoneKeysOfOneIdTheSecondWaitsForTheFirst() throws Exception {
    assertThat(begin(T + TRACKED)).isTrue();
    TradeKey old = processed("a", T - 10);
    TradeKey older = processed("a", T - 20);

    assertThat(recordGone(Duration.ZERO, older, old)).containsExactly(older);
    assertThat(recordGone(Duration.ZERO, older, old)).containsExactly(older);
    retract(List.of(older));

    assertThat(recordGone(Duration.ZERO, old)).containsExactly(old);
  }

  @Test
  void ofTwoGoneKeysOfOneIdTheTrackedOneIsFirst() throws Exception {
    Trade old = trade("a", T, 1);
    Trade young = trade("a", T + TRACKED + 1, 1);
    countTwice(old, young);

    assertThat(recordGone(Duration.ZERO, old.key(), young.key())).containsExactly(young.key());
    retract(List.of(young.key()));
    assertThat(recordGone(Duration.ZERO, old.key())).containsExactly(old.key());
  }

  /** One id at two keys: the one below the final second was not remembered. */
  private void countTwice(Trade old, Trade young) throws Exception {
    assertThat(begin(T + TRACKED)).isTrue();
    claim(ClaimMode.REPAIR, old);
    claim(ClaimMode.NEW, young);
  }

  /** Claims an id at another key: disputed if the id is tracked, else recorded there. */
  private boolean isTracked(String id) throws Exception {
    return claim(ClaimMode.REPAIR, trade(id, T + 900_000, 1)).changes().isEmpty();
  }
}
