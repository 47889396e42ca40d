package io.tradesync.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.tradesync.FailedTrade;
import io.tradesync.KeyRange;
import io.tradesync.Trade;
import io.tradesync.TradeKey;
import io.tradesync.spi.TradeChange;
import io.tradesync.spi.log.ClaimMode;
import io.tradesync.spi.log.EntryStatus;
import io.tradesync.spi.log.LogDigest;
import io.tradesync.spi.log.LogEntry;
import io.tradesync.spi.log.SyncLog;
import io.tradesync.spi.log.TradeFailure;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Checks {@link SyncLog#failedTrades}.
 *
 * <ul>
 *   <li>Failures are listed with reason and attempts.
 *   <li>Marking returns the trades that are marked now, as they are listed.
 *   <li>A processed trade that fails stays processed.
 *   <li>A failed retraction leaves the trade processed.
 *   <li>A retracted trade that fails is failed.
 *   <li>A trade that fails on its content in so many runs is parked until it is released.
 *   <li>Other content and success start the count for parking again.
 *   <li>A processed trade that cannot be replaced or retracted is parked as well.
 *   <li>An unreadable row is parked at once, and a processed trade stays beside it.
 *   <li>An accepted failure counts as accepted until other content fails.
 *   <li>An accepted failure ends when the trade is processed, retracted or released.
 *   <li>A failure is settled when the source is back at what was processed.
 * </ul>
 */
public abstract class FailedTradesContract extends LogContract {

  @Test
  void failuresAreListedWithReasonAndAttempts() {
    Trade a = trade("a", T, 1);
    Trade b = trade("b", T, 1);
    log.failedTrades().markFailed(List.of(failure(a, "first"), failure(b, "other")), "r1", 10);
    log.failedTrades().markFailed(List.of(failure(a, "second")), "r2", 10);

    var failed = log.failedTrades().list(TradeKey.MIN, 10);
    assertThat(failed).extracting(f -> f.key().id()).containsExactly("a", "b");
    assertThat(failed.get(0).reason()).isEqualTo("second");
    assertThat(failed.get(0).attempts()).isEqualTo(2);
    assertThat(failed.get(0).runId()).isEqualTo("r2");
    assertThat(failed.get(1).attempts()).isEqualTo(1);
    assertThat(log.failedTrades().list(a.key(), 10)).hasSize(1);
    assertThat(log.failedTrades().list(TradeKey.MIN, 1)).hasSize(1);
  }

  @Test
  void markingReturnsTheTradesThatAreMarkedNow() throws Exception {
    Trade a = trade("a", T, 1);
    Trade b = trade("b", T, 1);
    Trade c = trade("c", T - 1, 1);
    claim(ClaimMode.NEW, b);

    List<FailedTrade> first =
        markFailed("r1", failure(c, "odd"), failure(a, "bad"), failure(b, "late"));
    List<FailedTrade> firstList = log.failedTrades().list(TradeKey.MIN, 10);
    List<FailedTrade> second = markFailed("r2", failure(a, "bad again"));

    assertThat(first).isEqualTo(firstList);
    assertThat(first).extracting(FailedTrade::key).containsExactly(c.key(), a.key());
    assertThat(first).extracting(FailedTrade::parked).containsExactly(false, false);
    assertThat(second).isEqualTo(log.failedTrades().list(c.key(), 10));
    assertThat(second).extracting(FailedTrade::parked).containsExactly(true);
    assertThat(markFailed("r3", failure(b, "late"))).isEmpty();
  }

  private List<FailedTrade> markFailed(String runId, TradeFailure... failures) {
    return log.failedTrades().markFailed(List.of(failures), runId, 2);
  }

  @Test
  void aProcessedTradeThatFailsStaysProcessed() throws Exception {
    Trade a = trade("a", T, 1);
    claim(ClaimMode.NEW, a);

    log.failedTrades().markFailed(List.of(failure(a, "late news")), "r", 10);
    log.failedTrades().markFailed(List.of(failure(trade("a", T, 2), "replacing failed")), "r", 10);

    assertThat(entries())
        .containsExactly(
            new LogEntry(
                a.key(),
                EntryStatus.PROCESSED,
                a.fingerprint(),
                new LogEntry.Failure(trade("a", T, 2).fingerprint(), 0, false)));
    assertThat(log.failedTrades().list(TradeKey.MIN, 10))
        .singleElement()
        .satisfies(failed -> assertThat(failed.reason()).isEqualTo("replacing failed"));
  }

  @Test
  void aFailedRetractionLeavesTheTradeProcessed() throws Exception {
    TradeKey key = processed("a", T);

    log.failedTrades().markFailed(List.of(new TradeFailure(key, 0, "boom", true)), "r", 10);

    assertThat(entry(key).status()).isEqualTo(EntryStatus.PROCESSED);
    assertThat(entry(key).fingerprint()).isEqualTo(trade("a", T, 1).fingerprint());
  }

  @Test
  void aRetractedTradeThatFailsIsFailed() throws Exception {
    TradeKey key = processed("a", T);
    retract(List.of(key));

    log.failedTrades().markFailed(List.of(new TradeFailure(key, 5, "boom", true)), "r", 10);

    assertThat(entry(key))
        .isEqualTo(new LogEntry(key, EntryStatus.ERROR, 5, new LogEntry.Failure(5, 0, false)));
    assertThat(log.failedTrades().list(TradeKey.MIN, 10)).hasSize(1);
  }

  @Test
  void aTradeThatFailsOnItsContentInSoManyRunsIsParkedUntilItIsReleased() throws Exception {
    Trade a = trade("a", T, 1);
    TradeFailure network = new TradeFailure(a.key(), a.fingerprint(), "timeout", false);
    log.failedTrades().markFailed(List.of(failure(a, "bad")), "r1", 2);
    log.failedTrades().markFailed(List.of(network), "r2", 2);
    log.failedTrades().markFailed(List.of(failure(a, "bad")), "", 2);
    assertThat(entries()).extracting(LogEntry::parked).containsOnlyNulls();

    log.failedTrades().markFailed(List.of(failure(a, "bad")), "r3", 2);
    assertThat(entries()).extracting(LogEntry::parked).containsExactly(a.fingerprint());
    assertThat(log.failedTrades().list(TradeKey.MIN, 10))
        .singleElement()
        .satisfies(
            failed -> {
              assertThat(failed.parked()).isTrue();
              assertThat(failed.attempts()).isEqualTo(4);
            });
    log.failedTrades().markFailed(List.of(network), "r4", 2);
    assertThat(entries()).extracting(LogEntry::parked).containsExactly(a.fingerprint());

    assertThat(log.failedTrades().releaseParked(KeyRange.all().after(a.key()))).isZero();
    assertThat(log.failedTrades().releaseParked(KeyRange.all())).isEqualTo(1);
    assertThat(log.failedTrades().releaseParked(KeyRange.all())).isZero();
    log.failedTrades().markFailed(List.of(failure(a, "bad")), "r5", 2);
    assertThat(entries()).extracting(LogEntry::parked).containsOnlyNulls();
  }

  @Test
  void otherContentAndSuccessStartTheCountForParkingAgain() throws Exception {
    Trade a = trade("a", T, 1);
    Trade other = trade("a", T, 2);
    log.failedTrades().markFailed(List.of(failure(a, "bad")), "r1", 2);
    log.failedTrades().markFailed(List.of(failure(other, "bad")), "r2", 2);
    assertThat(entries()).extracting(LogEntry::parked).containsOnlyNulls();
    log.failedTrades().markFailed(List.of(failure(other, "bad")), "r3", 2);
    assertThat(entries()).extracting(LogEntry::parked).containsExactly(other.fingerprint());

    claim(ClaimMode.REPAIR, other);
    assertThat(entries())
        .containsExactly(new LogEntry(a.key(), EntryStatus.PROCESSED, other.fingerprint(), null));
    assertThat(log.failedTrades().list(TradeKey.MIN, 10)).isEmpty();
  }

  @Test
  void aProcessedTradeThatCannotBeReplacedOrRetractedIsParkedAsWell() throws Exception {
    Trade a = trade("a", T, 1);
    Trade other = trade("a", T, 2);
    TradeFailure retraction = new TradeFailure(a.key(), TradeFailure.RETRACTION, "no", true);
    claim(ClaimMode.NEW, a);
    log.failedTrades().markFailed(List.of(failure(other, "bad")), "r1", 2);
    log.failedTrades().markFailed(List.of(failure(other, "bad")), "r2", 2);
    LogEntry entry = entry(a.key());
    assertThat(entry)
        .isEqualTo(
            new LogEntry(
                a.key(),
                EntryStatus.PROCESSED,
                a.fingerprint(),
                new LogEntry.Failure(other.fingerprint(), 0, true)));
    assertThat(entry.isParked(other.fingerprint())).isTrue();
    assertThat(entry.isParked(TradeFailure.RETRACTION)).isFalse();
    assertThat(log.failedTrades().list(TradeKey.MIN, 10))
        .singleElement()
        .matches(FailedTrade::parked);

    log.failedTrades().markFailed(List.of(retraction), "r3", 2);
    assertThat(entry(a.key()).parked()).isNull();
    log.failedTrades().markFailed(List.of(retraction), "r4", 2);
    assertThat(entry(a.key()).isParked(TradeFailure.RETRACTION)).isTrue();
    assertThat(log.failedTrades().releaseParked(KeyRange.all())).isEqualTo(1);
    assertThat(entry(a.key()).parked()).isNull();

    log.failedTrades().markFailed(List.of(failure(other, "bad")), "r5", 1);
    claim(ClaimMode.REPAIR, other);
    assertThat(entry(a.key()))
        .isEqualTo(new LogEntry(a.key(), EntryStatus.PROCESSED, other.fingerprint(), null));
    assertThat(log.failedTrades().list(TradeKey.MIN, 10)).isEmpty();
  }

  @Test
  void anUnreadableRowIsParkedAtOnceAndAProcessedTradeStaysBesideIt() throws Exception {
    Trade kept = trade("a", T, 1);
    TradeKey unreadable = new TradeKey(T, "b");
    claim(ClaimMode.NEW, kept);

    log.failedTrades()
        .markFailed(
            List.of(
                new TradeFailure(kept.key(), 7, "price is NaN", true, 1),
                new TradeFailure(unreadable, 8, "pool_id is null", true, 1)),
            "",
            10);

    assertThat(entries())
        .containsExactly(
            new LogEntry(
                kept.key(),
                EntryStatus.PROCESSED,
                kept.fingerprint(),
                new LogEntry.Failure(7, 1, true)),
            new LogEntry(unreadable, EntryStatus.ERROR, 8, new LogEntry.Failure(8, 1, true)));
    assertThat(log.failedTrades().list(TradeKey.MIN, 10))
        .extracting(FailedTrade::key, FailedTrade::reason, FailedTrade::parked)
        .containsExactly(
            tuple(kept.key(), "price is NaN", true), tuple(unreadable, "pool_id is null", true));

    Trade corrected = trade("a", T, 2);
    assertThat(claim(ClaimMode.REPAIR, corrected).changes())
        .containsExactly(new TradeChange.Replace(kept.key(), corrected));
    assertThat(entry(kept.key()).failure()).isNull();
  }

  private List<String> acceptedReasons() {
    return log.failedTrades().list(TradeKey.MIN, 10).stream().map(FailedTrade::accepted).toList();
  }

  private LogDigest digest() {
    return log.entries().digests(List.of(KeyRange.all())).get(0);
  }

  @Test
  void anAcceptedFailureCountsAsAcceptedUntilOtherContentFails() throws Exception {
    Trade a = trade("a", T, 1);
    Trade b = trade("b", T, 1);
    Trade processed = trade("c", T + 1, 1);
    claim(ClaimMode.NEW, processed);
    markFailed("r1", failure(a, "bad"), failure(b, "bad"));
    List<TradeKey> keys = List.of(processed.key(), b.key(), a.key(), new TradeKey(T, "none"));

    assertThat(log.failedTrades().accept(keys.subList(2, 4), "known")).isEqualTo(1);
    assertThat(acceptedReasons()).containsExactly("known", null);
    assertThat(entry(a.key()).isAccepted(a.fingerprint())).isTrue();
    assertThat(entry(a.key()).isAccepted(a.fingerprint() + 1)).isFalse();
    assertThat(entry(a.key()).isParked(a.fingerprint())).isTrue();
    assertThat(entry(b.key()).isAccepted(b.fingerprint())).isFalse();
    assertThat(digest())
        .isEqualTo(
            new LogDigest(
                0, 1, 2, 3, processed.fingerprint() + a.fingerprint() + b.fingerprint(), 1, 1, 1));
    assertThat(log.entries().digests(KeyRange.seconds(T, T + 10), 100))
        .extracting(LogDigest::errors, LogDigest::retriable, LogDigest::accepted)
        .containsExactly(tuple(1L, 1L, 1L));
    assertThat(log.entries().errors(List.of(KeyRange.all()))).isEqualTo(1);
    assertThat(log.entries().accepted(List.of(KeyRange.all()))).isEqualTo(1);
    assertThat(log.entries().retriable(KeyRange.all(), 10)).containsExactly(b.key());

    assertThat(log.failedTrades().accept(keys, "all of them")).isEqualTo(2);
    markFailed("r2", failure(a, "bad"));
    assertThat(acceptedReasons()).containsExactly("all of them", "all of them");
    assertThat(entry(a.key()).isParked(a.fingerprint())).isTrue();

    Trade other = trade("a", T, 2);
    markFailed("r3", failure(other, "bad"));
    assertThat(acceptedReasons()).containsExactly(null, "all of them");
    assertThat(entry(a.key()).parked()).isNull();
    assertThat(log.failedTrades().accept(List.of(), "none")).isZero();
  }

  @Test
  void anAcceptedFailureEndsWhenTheTradeIsProcessedRetractedOrReleased() throws Exception {
    Trade a = trade("a", T, 1);
    Trade b = trade("b", T, 1);
    Trade c = trade("c", T, 1);
    Trade changed = trade("c", T, 2);
    claim(ClaimMode.NEW, c);
    markFailed("r1", failure(a, "bad"), failure(b, "bad"), failure(changed, "bad"));
    assertThat(log.failedTrades().accept(List.of(a.key(), b.key(), c.key()), "known")).isEqualTo(3);
    assertThat(entry(c.key()).isAccepted(changed.fingerprint())).isTrue();
    assertThat(digest().accepted()).isEqualTo(2);

    assertThat(log.failedTrades().releaseParked(KeyRange.all().upTo(a.key()))).isEqualTo(1);
    assertThat(acceptedReasons()).containsExactly(null, "known", "known");
    claim(ClaimMode.REPAIR, b);
    claim(ClaimMode.REPAIR, changed);
    markFailed("r2", failure(trade("b", T, 3), "bad"));
    assertThat(acceptedReasons()).containsExactly(null, null);
    assertThat(digest().accepted()).isZero();
  }

  @Test
  void aFailureIsSettledWhenTheSourceIsBackAtWhatWasProcessed() throws Exception {
    Trade kept = trade("a", T, 1);
    claim(ClaimMode.NEW, kept);
    log.failedTrades()
        .markFailed(List.of(new TradeFailure(kept.key(), 7, "price is NaN", true, 1)), "r", 10);

    assertThat(claim(ClaimMode.NEW, kept).known()).containsExactly(kept);
    assertThat(log.failedTrades().list(TradeKey.MIN, 10)).hasSize(1);
    assertThat(claim(ClaimMode.REPAIR, kept).known()).containsExactly(kept);
    assertThat(log.failedTrades().list(TradeKey.MIN, 10)).isEmpty();
    assertThat(entry(kept.key()))
        .isEqualTo(new LogEntry(kept.key(), EntryStatus.PROCESSED, kept.fingerprint(), null));
  }
}
