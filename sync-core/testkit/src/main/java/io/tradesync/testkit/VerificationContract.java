package io.tradesync.testkit;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.tradesync.KeyRange;
import io.tradesync.Trade;
import io.tradesync.TradeKey;
import io.tradesync.Verified;
import io.tradesync.spi.SinkCapability;
import io.tradesync.spi.log.Claim;
import io.tradesync.spi.log.ClaimMode;
import io.tradesync.spi.log.FencingToken;
import io.tradesync.spi.log.LeaseKind;
import io.tradesync.spi.log.LeaseLostException;
import io.tradesync.spi.log.SyncLog;
import io.tradesync.spi.log.Verification;
import io.tradesync.spi.log.Verification.Snapshot;
import java.io.IOException;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/**
 * Checks {@link SyncLog#verification} of a log that remembers.
 *
 * <ul>
 *   <li>At first nothing is verified and nothing is marked.
 *   <li>The snapshot holds what was verified.
 *   <li>Every change up to the announced second marks its sub range.
 *   <li>Sub ranges begin at multiples of their length also before 1970.
 *   <li>A transaction that changes nothing marks nothing.
 *   <li>A comparison settles earlier marks and keeps those made during it.
 *   <li>A comparison that was not completed leaves its marks to the next one.
 *   <li>A change above the verified second needs no mark.
 *   <li>Forgetting removes what was verified and the marks.
 *   <li>A comparison during which the log forgot is not remembered.
 *   <li>A comparison cannot begin while a transaction is under way and takes nothing over.
 *   <li>A comparison that begins waits for a transaction under way.
 *   <li>A run settles its own marks and none that others made.
 *   <li>Settling changes no mark outside of the ranges.
 *   <li>A run that lost its lease neither begins nor completes a comparison.
 * </ul>
 */
public abstract class VerificationContract extends LogContract {

  @Test
  void atFirstNothingIsVerifiedAndNothingIsMarked() throws Exception {
    processed("a", T);
    log.failedTrades().markFailed(List.of(failure(trade("b", T, 1), "boom")), "r", 10);
    log.verification().markUnverified(List.of(subRange(0)));

    assertThat(log.verification().snapshot()).isEqualTo(Snapshot.NOTHING);
  }

  @Test
  void theSnapshotHoldsWhatWasVerified() {
    Instant before = log.orphans().now();
    assertThat(begin(T)).isTrue();
    Instant begun = log.orphans().now();
    complete(new Verified(T - 9, T, 12, 3, Instant.EPOCH), List.of());
    Verified first = log.verification().snapshot().verified().orElseThrow();
    assertThat(first).isEqualTo(new Verified(T - 9, T, 12, 3, first.at()));
    assertThat(first.at()).isBetween(before, begun);

    verify(T + 5, subRange(-3), KeyRange.seconds(T - 2 * SUB_RANGE, T + SUB_RANGE));

    Snapshot second = log.verification().snapshot();
    assertThat(second.verified().orElseThrow())
        .isEqualTo(new Verified(null, T + 5, 7, 0, second.verified().orElseThrow().at()));
    assertThat(second.verified().orElseThrow().at()).isAfterOrEqualTo(first.at());
    assertThat(second.unverified())
        .containsExactly(KeyRange.seconds(T - 3 * SUB_RANGE, T + SUB_RANGE));
  }

  @Test
  void everyChangeUpToTheAnnouncedSecondMarksItsSubRange() throws Exception {
    TradeKey retracted = processed("r", T + 3 * SUB_RANGE);
    claim(ClaimMode.NEW, trade("m", T + 4 * SUB_RANGE, 1));
    assertThat(begin(T + 9 * SUB_RANGE)).isTrue();

    processed("a", T + SUB_RANGE - 1);
    assertThat(marks()).containsExactly(subRange(0));
    log.failedTrades().markFailed(List.of(failure(trade("f", T + SUB_RANGE, 1), "boom")), "r", 10);
    assertThat(marks()).containsExactly(KeyRange.seconds(T, T + 2 * SUB_RANGE));
    retract(List.of(retracted));
    assertThat(marks()).hasSize(2).contains(subRange(3));
    claim(ClaimMode.CONFIRMED, trade("m", T + 7 * SUB_RANGE, 1));
    assertThat(marks())
        .containsExactly(
            KeyRange.seconds(T, T + 2 * SUB_RANGE),
            KeyRange.seconds(T + 3 * SUB_RANGE, T + 5 * SUB_RANGE),
            subRange(7));
    processed("b", T + 9 * SUB_RANGE);
    assertThat(marks()).hasSize(4).contains(subRange(9));
    processed("c", T + 9 * SUB_RANGE + 1);
    processed("d", T + 20 * SUB_RANGE);
    assertThat(marks()).hasSize(4);
  }

  @Test
  void subRangesBeginAtMultiplesOfTheirLengthAlsoBefore1970() throws Exception {
    assertThat(begin(T)).isTrue();

    processed("a", -1);
    processed("b", -SUB_RANGE);
    processed("c", 0);

    assertThat(marks()).containsExactly(KeyRange.seconds(-SUB_RANGE, SUB_RANGE));
  }

  @Test
  void aTransactionThatChangesNothingMarksNothing() throws Exception {
    Trade held = trade("a", T, 1);
    claim(ClaimMode.NEW, held);
    TradeKey retracted = processed("b", T);
    retract(List.of(retracted));
    verify(T + 900);

    claim(ClaimMode.NEW, held, trade("c", T + 1, 1));
    claim(ClaimMode.REPAIR, EnumSet.of(SinkCapability.INSERT), trade("a", T, 2));
    retract(List.of(retracted, new TradeKey(T, "unknown")));
    assertThatThrownBy(
            () ->
                log.transact(
                    null,
                    transaction -> {
                      transaction.claim(request(ClaimMode.REPAIR, "r", trade("d", T, 1)));
                      throw new IOException("boom");
                    }))
        .isInstanceOf(IOException.class);

    assertThat(marks()).isEmpty();
  }

  @Test
  void aComparisonSettlesEarlierMarksAndKeepsThoseMadeDuringIt() throws Exception {
    verify(T + 9 * SUB_RANGE, subRange(0), subRange(2));
    processed("a", T + 4 * SUB_RANGE);

    assertThat(begin(T + 9 * SUB_RANGE)).isTrue();
    assertThat(marks()).containsExactly(subRange(0), subRange(2), subRange(4));
    processed("b", T + 2 * SUB_RANGE);
    log.verification().markUnverified(List.of(subRange(7)));
    assertThat(marks()).containsExactly(subRange(0), subRange(2), subRange(4), subRange(7));
    complete(verified(T + 9 * SUB_RANGE), List.of(subRange(5)));

    assertThat(marks()).containsExactly(subRange(2), subRange(5), subRange(7));
  }

  @Test
  void aComparisonThatWasNotCompletedLeavesItsMarksToTheNextOne() {
    verify(T + 900, subRange(0), subRange(2));
    assertThat(begin(T + 900)).isTrue();
    assertThat(begin(T + 900)).isTrue();
    assertThat(marks()).containsExactly(subRange(0), subRange(2));

    complete(verified(T + 900), List.of());

    assertThat(marks()).isEmpty();
  }

  @Test
  void aChangeAboveTheVerifiedSecondNeedsNoMark() throws Exception {
    assertThat(begin(T + 9 * SUB_RANGE)).isTrue();
    processed("a", T + 2 * SUB_RANGE);
    processed("b", T + 4 * SUB_RANGE);
    complete(verified(T + 2 * SUB_RANGE), List.of());
    assertThat(marks()).containsExactly(subRange(2));

    processed("c", T + 2 * SUB_RANGE + 1);
    processed("d", T + 3 * SUB_RANGE);
    log.verification().markUnverified(List.of(subRange(0), KeyRange.from(T + 2 * SUB_RANGE)));
    log.verification().markUnverified(List.of(subRange(6)));

    assertThat(marks()).containsExactly(subRange(0), subRange(2));
  }

  @Test
  void forgettingRemovesWhatWasVerifiedAndTheMarks() throws Exception {
    verify(T + 900, subRange(0));
    processed("a", T + SUB_RANGE);

    log.verification().forget();

    assertThat(log.verification().snapshot()).isEqualTo(Snapshot.NOTHING);
    verify(T + 800);
    assertThat(log.verification().snapshot().verified()).isPresent();
    assertThat(marks()).isEmpty();
  }

  @Test
  void aComparisonDuringWhichTheLogForgotIsNotRemembered() throws Exception {
    verify(T + 900, subRange(0));
    assertThat(begin(T + 900)).isTrue();
    log.verification().forget();

    complete(verified(T + 900), List.of());

    assertThat(log.verification().snapshot()).isEqualTo(Snapshot.NOTHING);
  }

  @Test
  void aComparisonCannotBeginWhileATransactionIsUnderWayAndTakesNothingOver() throws Exception {
    verify(T + 900, subRange(0));
    CountDownLatch inside = new CountDownLatch(1);
    CountDownLatch commit = new CountDownLatch(1);
    CompletableFuture<Claim> transaction =
        async(
            () ->
                log.transact(
                    null,
                    t -> {
                      Claim claim = t.claim(request(ClaimMode.REPAIR, "r", trade("a", T, 1)));
                      inside.countDown();
                      commit.await();
                      return claim;
                    }));
    assertThat(inside.await(20, SECONDS)).isTrue();

    assertThat(begin(T + 900)).isFalse();
    assertThat(marks()).containsExactly(subRange(0));
    commit.countDown();
    assertThat(transaction.get(10, SECONDS).changes()).hasSize(1);
    assertThat(begin(T + 900)).isTrue();
    complete(verified(T + 900), List.of());
    assertThat(marks()).isEmpty();
  }

  @Test
  void aComparisonThatBeginsWaitsForATransactionUnderWay() throws Exception {
    CountDownLatch inside = new CountDownLatch(1);
    CountDownLatch commit = new CountDownLatch(1);
    CompletableFuture<Claim> transaction =
        async(
            () ->
                log.transact(
                    null,
                    t -> {
                      inside.countDown();
                      commit.await();
                      return t.claim(request(ClaimMode.REPAIR, "r", trade("a", T, 1)));
                    }));
    assertThat(inside.await(20, SECONDS)).isTrue();
    CompletableFuture<Integer> seen =
        async(
            () -> {
              await().until(() -> begin(T + 900));
              return entries().size();
            });
    commit.countDown();

    assertThat(transaction.get(10, SECONDS).changes()).hasSize(1);
    assertThat(seen.get(20, SECONDS)).isEqualTo(1);
  }

  @Test
  void aRunSettlesItsOwnMarksAndNoneThatOthersMade() throws Exception {
    verify(T + 9 * SUB_RANGE, subRange(0), subRange(1), subRange(2));
    assertThat(begin(T + 9 * SUB_RANGE)).isTrue();
    complete(verified(T + 9 * SUB_RANGE), List.of(subRange(0), subRange(1)));
    FencingToken token = run();
    log.transact(
        token,
        transaction ->
            transaction.claim(
                request(
                    ClaimMode.REPAIR, "r", trade("a", T, 1), trade("b", T + 3 * SUB_RANGE, 1))));
    processed("c", T + SUB_RANGE);
    log.verification().markUnverified(List.of(subRange(4)));

    log.verification().settle(token, List.of(KeyRange.seconds(T, T + 9 * SUB_RANGE)));

    assertThat(marks()).containsExactly(subRange(1), subRange(4));
    verify(T + 9 * SUB_RANGE);
    assertThat(marks()).isEmpty();
  }

  @Test
  void settlingChangesNoMarkOutsideOfTheRanges() {
    verify(T + 9 * SUB_RANGE, subRange(0), subRange(1), subRange(2), subRange(5));

    log.verification()
        .settle(
            run(),
            List.of(
                new KeyRange(TradeKey.MIN, TradeKey.startOf(T + SUB_RANGE)),
                subRange(2),
                KeyRange.seconds(T + 3 * SUB_RANGE, T + 5 * SUB_RANGE)));

    assertThat(marks()).containsExactly(subRange(1), subRange(5));
  }

  @Test
  void aRunThatLostItsLeaseNeitherBeginsNorCompletesAComparison() throws Exception {
    claim(ClaimMode.REPAIR, trade("a", T, 1));
    FencingToken lost = run();
    assertThat(log.verification().begin(lost, T + 900)).isTrue();
    log.lease().release(lost);
    FencingToken other = log.lease().acquire(LeaseKind.RUN, "another run", LONG);
    assertThat(log.verification().begin(other, T + 900)).isTrue();
    Verification.Snapshot before = log.verification().snapshot();

    assertThatExceptionOfType(LeaseLostException.class)
        .isThrownBy(() -> log.verification().begin(lost, T + 9_000));
    assertThatExceptionOfType(LeaseLostException.class)
        .isThrownBy(() -> log.verification().complete(lost, verified(T + 900), List.of()));
    assertThatExceptionOfType(LeaseLostException.class)
        .isThrownBy(() -> log.verification().settle(lost, List.of(subRange(0))));
    assertThat(log.verification().snapshot()).isEqualTo(before);
    assertThat(before.verified()).isEmpty();

    log.verification().complete(other, verified(T + 900), List.of());
    assertThat(log.verification().snapshot().verified()).isPresent();
  }

  private List<KeyRange> marks() {
    return log.verification().snapshot().unverified();
  }

  private static KeyRange subRange(int number) {
    return KeyRange.seconds(T + number * SUB_RANGE, T + (number + 1) * SUB_RANGE);
  }
}
