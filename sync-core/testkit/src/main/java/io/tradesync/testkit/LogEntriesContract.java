package io.tradesync.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.tradesync.KeyRange;
import io.tradesync.Trade;
import io.tradesync.TradeKey;
import io.tradesync.spi.log.ClaimMode;
import io.tradesync.spi.log.EntryStatus;
import io.tradesync.spi.log.LogDigest;
import io.tradesync.spi.log.LogEntry;
import io.tradesync.spi.log.SyncLog;
import io.tradesync.spi.log.TradeFailure;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * Checks {@link SyncLog#entries}.
 *
 * <ul>
 *   <li>Pages are in key order and cut at the limit over all ranges.
 *   <li>Entries are found by their keys whatever their status.
 *   <li>Digests count by bucket and leave retracted entries out.
 *   <li>Each of several ranges has a digest of its own.
 *   <li>A failure counts in a digest as what failed.
 *   <li>Failures are counted, and those that are not parked are listed.
 *   <li>A failed change is counted and listed also if it is parked, until it is settled.
 *   <li>Sums of fingerprints are modulo 64 bits.
 *   <li>The last key is of a processed or failed entry.
 *   <li>The first key and the last processed key ignore retracted entries.
 * </ul>
 */
public abstract class LogEntriesContract extends LogContract {

  @Test
  void pagesAreInKeyOrderAndCutAtTheLimitOverAllRanges() throws Exception {
    List<Trade> trades =
        List.of(
            trade("B", T, 1),
            trade("a", T, 1),
            trade("é", T, 1),
            trade("\uFFFD", T, 1),
            trade("𝄞", T, 1),
            trade("A", T + 1, 1),
            trade("C", T + 2, 1));
    claim(ClaimMode.NEW, trades.toArray(Trade[]::new));
    List<TradeKey> keys = trades.stream().map(Trade::key).toList();

    assertThat(entries()).extracting(LogEntry::key).containsExactlyElementsOf(keys);
    List<KeyRange> ranges =
        List.of(
            new KeyRange(keys.get(0), keys.get(2)),
            new KeyRange(keys.get(3), keys.get(3)),
            new KeyRange(keys.get(4), TradeKey.MAX));
    assertThat(log.entries().page(ranges, 10))
        .extracting(LogEntry::key)
        .containsExactly(keys.get(1), keys.get(2), keys.get(5), keys.get(6));
    assertThat(log.entries().page(ranges, 3))
        .extracting(LogEntry::key)
        .containsExactly(keys.get(1), keys.get(2), keys.get(5));
  }

  @Test
  void entriesAreFoundByTheirKeysWhateverTheirStatus() throws Exception {
    Trade a = trade("a", T, 1);
    Trade b = trade("b", T, 1);
    Trade c = trade("a", T + 1, 1);
    claim(ClaimMode.NEW, b);
    log.failedTrades().markFailed(List.of(failure(a, "boom")), "r", 10);
    claim(ClaimMode.NEW, trade("d", T + 1, 1));
    retract(List.of(new TradeKey(T + 1, "d")));

    assertThat(
            log.entries()
                .find(List.of(a.key(), b.key(), c.key(), new TradeKey(T + 1, "d"), TradeKey.MAX)))
        .extracting(LogEntry::key, LogEntry::status)
        .containsExactly(
            tuple(a.key(), EntryStatus.ERROR),
            tuple(b.key(), EntryStatus.PROCESSED),
            tuple(new TradeKey(T + 1, "d"), EntryStatus.RETRACTED));
    assertThat(log.entries().find(List.of(c.key()))).isEmpty();
    assertThat(log.entries().find(List.of())).isEmpty();
  }

  @Test
  void digestsCountByBucketAndLeaveRetractedEntriesOut() throws Exception {
    Trade a = trade("a", T, 1);
    Trade b = trade("b", T + 9, 2);
    Trade c = trade("c", T + 10, 3);
    Trade gone = trade("d", T + 10, 4);
    Trade late = trade("e", T + 25, 5);
    claim(ClaimMode.NEW, a, b, c, gone, late);
    retract(List.of(gone.key()));
    Trade failed = trade("f", T + 10, 6);
    log.failedTrades().markFailed(List.of(failure(failed, "boom")), "r", 10);

    long both = c.fingerprint() + failed.fingerprint();
    assertThat(log.entries().digests(KeyRange.seconds(T, T + 25), 10))
        .containsExactly(
            LogDigest.ofProcessed(0, 2, a.fingerprint() + b.fingerprint()),
            new LogDigest(1, 1, 1, 2, both, 1, 1));
  }

  @Test
  void eachOfSeveralRangesHasADigestOfItsOwn() throws Exception {
    Trade a = trade("a", T, 1);
    Trade b = trade("b", T, 2);
    Trade c = trade("c", T + 10, 3);
    Trade gone = trade("d", T + 10, 4);
    claim(ClaimMode.NEW, a, b, c, gone);
    retract(List.of(gone.key()));
    Trade failed = trade("e", T + 10, 5);
    log.failedTrades().markFailed(List.of(failure(failed, "boom")), "r", 10);
    long both = c.fingerprint() + failed.fingerprint();
    List<KeyRange> ranges =
        List.of(
            KeyRange.seconds(T - 10, T),
            new KeyRange(a.key(), b.key()),
            KeyRange.seconds(T + 1, T + 11),
            KeyRange.seconds(T + 20, T + 20),
            KeyRange.from(T + 30));

    assertThat(log.entries().digests(ranges))
        .containsExactly(
            LogDigest.empty(0),
            LogDigest.ofProcessed(1, 1, b.fingerprint()),
            new LogDigest(2, 1, 1, 2, both, 1, 1),
            LogDigest.empty(3),
            LogDigest.empty(4));
    assertThat(log.entries().digests(List.of())).isEmpty();
  }

  @Test
  void aFailureCountsInADigestAsWhatFailed() throws Exception {
    Trade kept = trade("a", T, 1);
    Trade notReplaced = trade("b", T, 2);
    TradeKey unreadable = new TradeKey(T, "c");
    TradeKey twice = new TradeKey(T, "d");
    claim(ClaimMode.NEW, kept, notReplaced);
    log.failedTrades()
        .markFailed(
            List.of(
                new TradeFailure(kept.key(), 7, "price is NaN", true, 1),
                failure(trade("b", T, 3), "boom"),
                new TradeFailure(unreadable, -9, "price is NaN", true, 1),
                new TradeFailure(twice, 1_000, "2 times in the source", true, 2)),
            "r",
            10);

    LogDigest expected = new LogDigest(0, 2, 2, 5, 7 + notReplaced.fingerprint() - 9 + 1_000, 4, 1);
    assertThat(log.entries().digests(KeyRange.seconds(T, T + 1), 1)).containsExactly(expected);
    assertThat(log.entries().digests(List.of(KeyRange.seconds(T, T + 1))))
        .containsExactly(expected);
  }

  @Test
  void failuresAreCountedAndThoseThatAreNotParkedAreListed() throws Exception {
    Trade kept = trade("a", T, 1);
    Trade late = trade("e", T + 9, 1);
    claim(ClaimMode.NEW, kept, trade("x", T, 1));
    log.failedTrades()
        .markFailed(
            List.of(
                new TradeFailure(kept.key(), 7, "price is NaN", true, 1),
                failure(trade("b", T, 3), "boom"),
                failure(late, "boom")),
            "r",
            10);
    List<KeyRange> ranges = List.of(KeyRange.seconds(T, T + 1), KeyRange.from(T + 9));

    assertThat(log.entries().errors(ranges)).isEqualTo(3);
    assertThat(log.entries().errors(ranges.subList(0, 1))).isEqualTo(2);
    assertThat(log.entries().errors(List.of())).isZero();
    assertThat(log.entries().retriable(KeyRange.all(), 10))
        .containsExactly(new TradeKey(T, "b"), late.key());
    assertThat(log.entries().retriable(KeyRange.all(), 1)).containsExactly(new TradeKey(T, "b"));
    log.failedTrades().releaseParked(KeyRange.all());
    assertThat(log.entries().retriable(KeyRange.all(), 1)).containsExactly(kept.key());
  }

  @Test
  void aFailedChangeIsCountedAndListedAlsoIfItIsParkedUntilItIsSettled() throws Exception {
    Trade changed = trade("a", T, 1);
    Trade retracted = trade("b", T, 1);
    claim(ClaimMode.NEW, changed, retracted);
    log.failedTrades()
        .markFailed(
            List.of(
                failure(trade("a", T, 2), "boom"),
                new TradeFailure(retracted.key(), TradeFailure.RETRACTION, "boom", true, 0)),
            "r",
            1);
    LogDigest kept =
        new LogDigest(0, 2, 0, 2, changed.fingerprint() + retracted.fingerprint(), 2, 2);

    assertThat(log.entries().errors(List.of(KeyRange.all()))).isEqualTo(2);
    assertThat(log.entries().retriable(KeyRange.all(), 10))
        .containsExactly(changed.key(), retracted.key());
    assertThat(log.entries().digests(KeyRange.seconds(T, T + 1), 1)).containsExactly(kept);
    claim(ClaimMode.CONFIRMED, changed, retracted);
    assertThat(log.entries().errors(List.of(KeyRange.all()))).isZero();
    assertThat(log.entries().retriable(KeyRange.all(), 10)).isEmpty();
  }

  @Test
  void sumsOfFingerprintsAreModulo64Bits() throws Exception {
    List<Trade> large =
        IntStream.range(0, 10_000)
            .mapToObj(i -> trade(String.format(Locale.ROOT, "t%04d", i), T, 1))
            .filter(trade -> trade.fingerprint() > Long.MAX_VALUE / 2)
            .limit(9)
            .toList();
    claim(ClaimMode.NEW, large.toArray(Trade[]::new));
    LogDigest sum = LogDigest.ofProcessed(0, 9, large.stream().mapToLong(Trade::fingerprint).sum());

    assertThat(log.entries().digests(List.of(KeyRange.all()))).containsExactly(sum);
    assertThat(log.entries().digests(KeyRange.seconds(T, T + 1), 1)).containsExactly(sum);
  }

  @Test
  void theLastKeyIsOfAProcessedOrFailedEntry() throws Exception {
    Trade processed = trade("a", T, 1);
    Trade gone = trade("c", T + 2, 1);
    claim(ClaimMode.NEW, processed, gone);
    retract(List.of(gone.key()));
    assertThat(log.entries().last(KeyRange.all())).contains(processed.key());

    TradeKey failed = new TradeKey(T + 1, "b");
    log.failedTrades().markFailed(List.of(new TradeFailure(failed, 1, "boom", true)), "r", 10);
    assertThat(log.entries().last(KeyRange.all())).contains(failed);
    assertThat(log.entries().last(new KeyRange(TradeKey.MIN, processed.key())))
        .contains(processed.key());
    assertThat(log.entries().last(KeyRange.from(T + 2))).isEmpty();
    assertThat(log.entries().first(KeyRange.seconds(T, T))).isEmpty();
    assertThat(log.entries().last(KeyRange.seconds(T, T))).isEmpty();
  }

  @Test
  void theFirstKeyAndTheLastProcessedKeyIgnoreRetractedEntries() throws Exception {
    Trade gone = trade("a", T, 1);
    Trade processed = trade("b", T + 1, 1);
    claim(ClaimMode.NEW, gone, processed);
    retract(List.of(gone.key()));
    log.failedTrades().markFailed(List.of(failure(trade("c", T + 2, 1), "boom")), "r", 10);

    assertThat(log.entries().first(KeyRange.all())).contains(processed.key());
    assertThat(log.entries().first(KeyRange.from(T + 2))).contains(new TradeKey(T + 2, "c"));
    assertThat(log.entries().first(KeyRange.from(T + 3))).isEmpty();
    assertThat(log.entries().lastProcessed(KeyRange.all())).contains(processed.key());
    assertThat(log.entries().lastProcessed(KeyRange.from(T + 2))).isEmpty();
  }
}
