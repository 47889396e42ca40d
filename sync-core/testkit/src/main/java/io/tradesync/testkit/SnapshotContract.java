package io.tradesync.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.tradesync.KeyRange;
import io.tradesync.StoreDifferences.SubRange;
import io.tradesync.Trade;
import io.tradesync.TradeKey;
import io.tradesync.spi.HeldDigest;
import io.tradesync.spi.HeldTrade;
import io.tradesync.spi.KeyFingerprint;
import io.tradesync.spi.log.ClaimMode;
import io.tradesync.spi.log.EntryStatus;
import io.tradesync.spi.log.LogSnapshot;
import io.tradesync.spi.log.StoreDifferenceRecord;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/**
 * Checks {@link LogSnapshot} of a log that offers snapshots.
 *
 * <ul>
 *   <li>A snapshot tells what is processed, and nothing else.
 *   <li>Buckets begin at multiples, also before 1970.
 *   <li>Adoption makes the log say what the sink holds.
 *   <li>A snapshot sees nothing that is committed meanwhile.
 * </ul>
 */
public abstract class SnapshotContract extends LogContract {

  protected SnapshotContract() {}

  @Test
  void aSnapshotTellsWhatIsProcessedAndNothingElse() throws Exception {
    Trade first = trade("a", T, 1);
    Trade second = trade("b", T + 299, 2);
    Trade third = trade("c", T + 300, 3);
    claim(ClaimMode.REPAIR, first, second, third, trade("gone", T + 1, 4));
    retract(List.of(trade("gone", T + 1, 4).key()));
    Trade failed = trade("failed", T + 2, 5);
    log.failedTrades().markFailed(List.of(failure(failed, "refused")), "r", 5);
    // The content that was written counts, not the one that failed since.
    log.failedTrades().markFailed(List.of(failure(trade("b", T + 299, 9), "refused")), "r", 5);

    KeyRange all = KeyRange.seconds(T, T + 1_000);
    boolean ignored =
        log.snapshot(
            snapshot -> {
              assertThat(snapshot.first(KeyRange.all())).contains(first.key());
              assertThat(snapshot.first(KeyRange.from(T + 301))).isEmpty();
              assertThat(snapshot.held(all, 10))
                  .containsExactly(
                      KeyFingerprint.of(first),
                      KeyFingerprint.of(second),
                      KeyFingerprint.of(third));
              assertThat(snapshot.held(all.after(first.key()), 1))
                  .containsExactly(KeyFingerprint.of(second));
              assertThat(snapshot.digests(all, 300))
                  .usingElementComparator(Comparator.comparing(HeldDigest::toString))
                  .containsExactlyInAnyOrder(
                      new HeldDigest(T, 2, first.fingerprint() + second.fingerprint(), 0),
                      new HeldDigest(T + 300, 1, third.fingerprint(), 0));
              assertThat(log.transactionType().isInstance(snapshot.handle())).isTrue();
              return true;
            });
  }

  @Test
  void bucketsBeginAtMultiplesAlsoBefore1970() throws Exception {
    TradeKey key = processed("a", -1);

    List<HeldDigest> digests = log.snapshot(s -> s.digests(KeyRange.seconds(-250, 0), 300));
    assertThat(digests).extracting(HeldDigest::startEpochSecond).containsExactly(-300L);
    assertThat(log.<List<KeyFingerprint>>snapshot(s -> s.held(KeyRange.seconds(-250, 0), 2)))
        .extracting(KeyFingerprint::key)
        .containsExactly(key);
  }

  @Test
  void adoptionMakesTheLogSayWhatTheSinkHolds() throws Exception {
    List<SubRange> differing = List.of(new SubRange(T, 4, 0), new SubRange(T + 300, 1, 2));
    log.storeDifferences().replace(differing, Duration.ofMinutes(2));
    if (log.storeDifferences().list().isEmpty()) {
      return;
    }
    assertThat(log.storeDifferences().list()).isEqualTo(differing);
    assertThat(log.storeDifferences().known().differing()).isEqualTo(7);
    Instant first = Objects.requireNonNull(log.storeDifferences().known().asOf());
    TradeKey same = processed("a", T);
    TradeKey other = processed("b", T);
    TradeKey unsound = processed("c", T);
    TradeKey absent = processed("d", T);
    TradeKey unknown = new TradeKey(T, "e");
    long fingerprint = entry(same).fingerprint();

    boolean ignored =
        log.transact(
            null,
            transaction -> {
              transaction.adopt(
                  new TreeSet<>(List.of(same, other, unsound, absent, unknown)),
                  () ->
                      List.of(
                          new HeldTrade(same, fingerprint, true),
                          new HeldTrade(other, 5, true),
                          new HeldTrade(unsound, entry(unsound).fingerprint(), false),
                          new HeldTrade(unknown, 6, true)),
                  "r");
              transaction.storeRepaired(T);
              return true;
            });

    List<KeyFingerprint> held = log.snapshot(s -> s.held(KeyRange.from(T), 10));
    assertThat(held)
        .contains(
            new KeyFingerprint(same, fingerprint),
            new KeyFingerprint(other, 5),
            new KeyFingerprint(unknown, 6))
        .hasSize(4);
    assertThat(entry(absent).status()).isEqualTo(EntryStatus.RETRACTED);
    assertThat(entry(unsound).fingerprint()).isNotEqualTo(trade("c", T, 1).fingerprint());
    assertThat(log.storeDifferences().list()).isEqualTo(differing.subList(1, 2));
    assertThat(log.storeDifferences().known().asOf()).as("a repair is no audit").isEqualTo(first);
    log.storeDifferences().replace(List.of(), Duration.ofMinutes(1));
    StoreDifferenceRecord.Known second = log.storeDifferences().known();
    assertThat(second.differing()).isZero();
    assertThat(second.asOf()).isAfterOrEqualTo(first.plusSeconds(60));
  }

  @Test
  void aSnapshotSeesNothingThatIsCommittedMeanwhile() throws Exception {
    TradeKey before = processed("a", T);
    AtomicReference<CompletableFuture<TradeKey>> meanwhile = new AtomicReference<>();
    List<KeyFingerprint> seen =
        log.snapshot(
            snapshot -> {
              List<KeyFingerprint> first = snapshot.held(KeyRange.from(T), 10);
              meanwhile.set(async(() -> processed("b", T + 1)));
              try {
                // A log that lets nobody write meanwhile keeps the promise as well.
                TradeKey ignored =
                    Objects.requireNonNull(meanwhile.get()).get(500, TimeUnit.MILLISECONDS);
              } catch (TimeoutException e) {
                assertThat(first).hasSize(1);
              }
              return snapshot.held(KeyRange.from(T), 10);
            });

    assertThat(seen).extracting(KeyFingerprint::key).containsExactly(before);
    assertThat(Objects.requireNonNull(meanwhile.get()).get(30, TimeUnit.SECONDS)).isNotNull();
  }
}
