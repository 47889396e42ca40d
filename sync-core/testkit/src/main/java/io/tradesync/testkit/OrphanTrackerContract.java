package io.tradesync.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tradesync.KeyRange;
import io.tradesync.Trade;
import io.tradesync.TradeKey;
import io.tradesync.spi.log.ClaimMode;
import io.tradesync.spi.log.GracePeriod;
import io.tradesync.spi.log.SyncLog;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Checks {@link SyncLog#orphans}.
 *
 * <ul>
 *   <li>A trade is due after its grace period and not before.
 *   <li>A trade that came back has its whole grace period again.
 *   <li>Only trades in the compared ranges are back.
 *   <li>Every trade outside of ranges can be recorded as back.
 *   <li>A failed entry has no grace period if its id is processed at another key.
 *   <li>What is seen gone after a time is not due by that time.
 * </ul>
 */
public abstract class OrphanTrackerContract extends LogContract {

  @Test
  void aTradeIsDueAfterItsGracePeriodAndNotBefore() throws Exception {
    TradeKey a = processed("a", T);
    TradeKey b = processed("b", T);

    assertThat(recordGone(LONG, a)).isEmpty();
    assertThat(recordGone(LONG, a, b)).isEmpty();
    assertThat(recordGone(Duration.ZERO, a, b)).containsExactlyInAnyOrder(a, b);
    assertThat(recordGone(Duration.ZERO)).isEmpty();
    awaitDue(a);
    assertThat(recordGone(LONG, a)).isEmpty();
  }

  @Test
  void aTradeThatCameBackHasItsWholeGracePeriodAgain() throws Exception {
    TradeKey a = processed("a", T);
    awaitDue(a);

    assertThat(recordGone(SHORT)).isEmpty();

    assertThat(recordGone(SHORT, a)).isEmpty();
  }

  @Test
  void onlyTradesInTheComparedRangesAreBack() throws Exception {
    TradeKey a = processed("a", T);
    TradeKey b = processed("b", T + 10);
    TradeKey c = processed("c", T + 20);
    await().until(() -> recordGone(SHORT, a, b, c).size() == 3);

    List<KeyRange> ranges = List.of(new KeyRange(TradeKey.MIN, a), new KeyRange(b, c));
    assertThat(log.orphans().recordGone(ranges, List.of(), GracePeriod.overNow(SHORT))).isEmpty();

    assertThat(recordGone(SHORT, a, b, c)).containsExactly(b);
  }

  @Test
  void everyTradeOutsideOfRangesCanBeRecordedAsBack() throws Exception {
    TradeKey a = processed("a", T);
    TradeKey b = processed("b", T + 10);
    TradeKey c = processed("c", T + 20);
    await().until(() -> recordGone(SHORT, a, b, c).size() == 3);

    log.orphans().recordBackOutside(List.of(new KeyRange(a, b)));
    assertThat(recordGone(SHORT, a, b, c)).containsExactly(b);
    await().until(() -> recordGone(SHORT, a, b, c).size() == 3);

    log.orphans().recordBackOutside(List.of());
    assertThat(recordGone(SHORT, a, b, c)).isEmpty();
  }

  @Test
  void aFailedEntryHasNoGracePeriodIfItsIdIsProcessedAtAnotherKey() throws Exception {
    Trade held = trade("a", T + 10, 1);
    Trade failed = trade("a", T, 1);
    claim(ClaimMode.NEW, held);
    log.failedTrades().markFailed(List.of(failure(failed, "boom")), "r", 10);

    List<KeyRange> ranges = List.of(KeyRange.seconds(T, T + 1));
    assertThat(log.orphans().recordGone(ranges, List.of(failed.key()), GracePeriod.overNow(LONG)))
        .containsExactly(failed.key());
    assertThat(
            log.orphans()
                .recordGone(
                    List.of(KeyRange.all()), List.of(held.key()), GracePeriod.overNow(LONG)))
        .isEmpty();
  }

  private void awaitDue(TradeKey key) {
    await().until(() -> recordGone(SHORT, key).contains(key));
  }

  @Test
  void whatIsSeenGoneAfterATimeIsNotDueByThatTime() throws Exception {
    TradeKey key = processed("a", T);
    Instant before = log.orphans().now();
    await().until(() -> log.orphans().now().isAfter(before));

    assertThat(recordGone(GracePeriod.overBy(Duration.ZERO, before), key)).isEmpty();
    assertThat(recordGone(GracePeriod.overBy(Duration.ZERO, log.orphans().now()), key))
        .containsExactly(key);
    assertThat(recordGone(GracePeriod.overBy(LONG, Instant.now().plusSeconds(86_400)), key))
        .as("a time that is still to come counts as now")
        .isEmpty();
    assertThat(recordGone(GracePeriod.overNow(Duration.ZERO), key)).containsExactly(key);
  }
}
