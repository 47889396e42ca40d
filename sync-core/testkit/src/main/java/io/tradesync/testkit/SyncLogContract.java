package io.tradesync.testkit;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import io.tradesync.FailedTrade;
import io.tradesync.Fingerprint;
import io.tradesync.KeyRange;
import io.tradesync.RunKind;
import io.tradesync.RunOutcome;
import io.tradesync.SyncAlreadyRunningException;
import io.tradesync.SyncRun;
import io.tradesync.Trade;
import io.tradesync.TradeKey;
import io.tradesync.Verified;
import io.tradesync.spi.SinkCapability;
import io.tradesync.spi.TradeChange;
import io.tradesync.spi.log.Claim;
import io.tradesync.spi.log.ClaimMode;
import io.tradesync.spi.log.ClaimRequest;
import io.tradesync.spi.log.EntryStatus;
import io.tradesync.spi.log.FencingToken;
import io.tradesync.spi.log.LeaseKind;
import io.tradesync.spi.log.LeaseLostException;
import io.tradesync.spi.log.LogDigest;
import io.tradesync.spi.log.LogEntry;
import io.tradesync.spi.log.RunHistory;
import io.tradesync.spi.log.RunState;
import io.tradesync.spi.log.SyncLog;
import io.tradesync.spi.log.TradeFailure;
import io.tradesync.spi.log.Verification;
import io.tradesync.spi.log.Verification.Snapshot;
import java.io.IOException;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What {@link SyncLog} promises, as tests. Whoever implements a log extends this class and says how
 * to make one.
 */
public abstract class SyncLogContract {

  /** The second that the trades of these tests begin at. */
  protected static final long T = 1_754_400_000L;

  private static final Duration LONG = Duration.ofMinutes(10);
  private static final Duration SHORT = Duration.ofMillis(100);
  private static final long SUB_RANGE = Verification.SUB_RANGE_SECONDS;
  private static final long LONG_AGO = Verification.TRACKED_SECONDS;

  private SyncLog log;

  /** For subclasses. */
  protected SyncLogContract() {}

  /**
   * Makes an empty log; called before each test.
   *
   * @return a log that {@link SyncLog#prepare()} was not yet called on
   * @throws Exception to fail the test
   */
  protected abstract SyncLog emptyLog() throws Exception;

  @BeforeEach
  void make() throws Exception {
    log = emptyLog();
    log.prepare();
  }

  private static Trade trade(String id, long second, long price) {
    return Trade.builder(id, second, 1, "pool")
        .price(BigDecimal.valueOf(price))
        .quantity(BigDecimal.ONE)
        .build();
  }

  private Claim claim(ClaimMode mode, Trade... trades) throws Exception {
    return log.transact(null, transaction -> transaction.claim(request(mode, "r", trades)));
  }

  private static ClaimRequest request(ClaimMode mode, String runId, Trade... trades) {
    return new ClaimRequest(
        List.of(trades), List.of(), mode, EnumSet.allOf(SinkCapability.class), runId);
  }

  private FencingToken run() {
    return log.lease().acquire(LeaseKind.RUN, "a run that compares", LONG);
  }

  private boolean begin(long finalThrough) {
    return log.verification().begin(run(), finalThrough);
  }

  private void complete(Verified verified, List<KeyRange> unverified) {
    log.verification().complete(run(), verified, unverified);
  }

  private List<TradeChange> retract(List<TradeKey> keys) throws Exception {
    ClaimRequest request =
        new ClaimRequest(
            List.of(), keys, ClaimMode.REPAIR, EnumSet.allOf(SinkCapability.class), "r");
    return log.transact(null, transaction -> transaction.claim(request)).changes();
  }

  private List<LogEntry> entries() {
    return log.entries().page(List.of(KeyRange.all()), 1_000);
  }

  private static TradeFailure failure(Trade trade, String reason) {
    return new TradeFailure(trade.key(), Fingerprint.of(trade), reason, true);
  }

  // Claims

  @Test
  void aClaimOfNewTradesRecordsThemAndGivesInserts() throws Exception {
    Trade a = trade("a", T, 1);
    Trade b = trade("b", T, 2);

    Claim claim = claim(ClaimMode.NEW, a, b);

    assertThat(claim.changes())
        .containsExactly(new TradeChange.Insert(a), new TradeChange.Insert(b));
    assertThat(claim.known()).isEmpty();
    assertThat(claim.disputed()).isEmpty();
    assertThat(entries())
        .containsExactly(
            new LogEntry(a.key(), EntryStatus.PROCESSED, Fingerprint.of(a), null),
            new LogEntry(b.key(), EntryStatus.PROCESSED, Fingerprint.of(b), null));
  }

  @Test
  void whatIsProcessedWithTheSameContentIsKnownUnlessForced() throws Exception {
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
    assertThat(entries().get(0).fingerprint()).isNotEqualTo(Fingerprint.of(changed));

    assertThat(claim(ClaimMode.REPAIR, changed).changes())
        .containsExactly(new TradeChange.Replace(changed.key(), changed));
    assertThat(entries().get(0).fingerprint()).isEqualTo(Fingerprint.of(changed));
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
  void retractingGivesAChangeForWhatWasProcessedOnly() throws Exception {
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

  // An id counts once

  @Test
  void anIdThatStandsAtAnotherKeyIsDisputedAndNothingIsChanged() throws Exception {
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
  void aConfirmedMoveTakesTheOldKeysPlace() throws Exception {
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
          .isEqualTo(new LogEntry(after.key(), EntryStatus.PROCESSED, Fingerprint.of(after), null));
      // It stands there now, and can move on, or back.
      assertThat(claim(ClaimMode.REPAIR, before).disputed()).containsExactly(before);
      assertThat(claim(ClaimMode.CONFIRMED, before).changes())
          .containsExactly(new TradeChange.Replace(after.key(), before));
      assertThat(entry(before.key()).status()).isEqualTo(EntryStatus.PROCESSED);
      assertThat(entry(after.key()).status()).isEqualTo(EntryStatus.RETRACTED);
    }
  }

  /** One id at two keys: the one below the final second was not remembered. */
  private void countTwice(Trade old, Trade young) throws Exception {
    assertThat(begin(T + LONG_AGO)).isTrue();
    claim(ClaimMode.REPAIR, old);
    claim(ClaimMode.NEW, young);
  }

  @Test
  void aMoveToAKeyThatIsProcessedAlreadyRetractsTheOldOne() throws Exception {
    Trade old = trade("a", T, 1);
    Trade young = trade("a", T + LONG_AGO + 1, 1);
    countTwice(old, young);
    assertThat(claim(ClaimMode.NEW, old).disputed()).containsExactly(old);

    Claim claim = claim(ClaimMode.CONFIRMED, old);

    assertThat(claim.known()).containsExactly(old);
    assertThat(claim.changes()).containsExactly(new TradeChange.Retract(young.key()));
    assertThat(entry(old.key()).status()).isEqualTo(EntryStatus.PROCESSED);
    assertThat(entry(young.key()).status()).isEqualTo(EntryStatus.RETRACTED);
  }

  @Test
  void aMoveToAKeyThatIsProcessedWithOtherContentReplacesAndRetracts() throws Exception {
    Trade young = trade("a", T + LONG_AGO + 1, 1);
    countTwice(trade("a", T, 1), young);
    Trade changed = trade("a", T, 2);

    assertThat(claim(ClaimMode.CONFIRMED, changed).changes())
        .containsExactly(
            new TradeChange.Replace(changed.key(), changed), new TradeChange.Retract(young.key()));
    assertThat(entry(changed.key()).fingerprint()).isEqualTo(Fingerprint.of(changed));
    assertThat(entry(young.key()).status()).isEqualTo(EntryStatus.RETRACTED);
  }

  @Test
  void whatFailedAtTheOldKeyIsNoLongerFailedAndWasNeverInTheSink() throws Exception {
    Trade before = trade("a", T, 1);
    Trade after = trade("a", T + 10, 1);
    log.failedTrades().markFailed(List.of(failure(before, "boom")), "r", 10);
    log.orphans().recordGone(List.of(KeyRange.all()), List.of(before.key()), LONG);
    assertThat(claim(ClaimMode.REPAIR, after).disputed()).containsExactly(after);

    assertThat(claim(ClaimMode.CONFIRMED, after).changes())
        .containsExactly(new TradeChange.Insert(after));
    assertThat(log.failedTrades().list(TradeKey.MIN, 10)).isEmpty();
    assertThat(entry(before.key()).status()).isEqualTo(EntryStatus.RETRACTED);
  }

  @Test
  void whatFailedAtAKeyWaitsForNothingWhereItsIdIsProcessedElsewhere() throws Exception {
    Trade held = trade("a", T + 10, 1);
    Trade failed = trade("a", T, 1);
    claim(ClaimMode.NEW, held);
    log.failedTrades().markFailed(List.of(failure(failed, "boom")), "r", 10);

    List<KeyRange> stretch = List.of(KeyRange.seconds(T, T + 1));
    assertThat(log.orphans().recordGone(stretch, List.of(failed.key()), LONG))
        .containsExactly(failed.key());
    assertThat(log.orphans().recordGone(List.of(KeyRange.all()), List.of(held.key()), LONG))
        .isEmpty();
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
  void aRetractedIdMayComeElsewhere() throws Exception {
    Trade before = trade("a", T, 1);
    Trade after = trade("a", T + 10, 1);
    claim(ClaimMode.NEW, before);
    retract(List.of(before.key()));

    assertThat(claim(ClaimMode.NEW, after).changes())
        .containsExactly(new TradeChange.Insert(after));
  }

  @Test
  void whatASinkCannotReplaceIsDisputed() throws Exception {
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
  void finalTradesAreNeverNew() throws Exception {
    Trade held = trade("a", T, 1);
    Trade failed = trade("b", T, 1);
    Trade absent = trade("c", T + 9, 1);
    Trade onTheBorder = trade("d", T + 10, 1);
    Trade young = trade("e", T + 11, 1);
    claim(ClaimMode.NEW, held);
    log.failedTrades().markFailed(List.of(failure(failed, "boom")), "r", 10);
    assertThat(begin(T + 10)).isTrue();

    Claim claim = claim(ClaimMode.NEW, held, failed, absent, onTheBorder, young);

    assertThat(claim.known()).containsExactly(held);
    assertThat(claim.disputed()).containsExactly(failed, absent, onTheBorder);
    assertThat(claim.changes()).containsExactly(new TradeChange.Insert(young));
    assertThat(claim(ClaimMode.REPAIR, failed, absent, onTheBorder).changes()).hasSize(3);
  }

  @Test
  void allChangesOfAnOfferAreInKeyOrder() throws Exception {
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

  private Claim claim(ClaimMode mode, Set<SinkCapability> capabilities, Trade... trades)
      throws Exception {
    ClaimRequest request = new ClaimRequest(List.of(trades), List.of(), mode, capabilities, "r");
    return log.transact(null, transaction -> transaction.claim(request));
  }

  private static Set<SinkCapability> allBut(SinkCapability lacking) {
    return EnumSet.complementOf(EnumSet.of(lacking));
  }

  private LogEntry entry(TradeKey key) {
    return log.entries().find(List.of(key)).get(0);
  }

  // How long an id is remembered

  /** Offers an id elsewhere: refused if it is remembered where it stands, else recorded there. */
  private boolean isRemembered(String id) throws Exception {
    return claim(ClaimMode.REPAIR, trade(id, T + 900_000, 1)).changes().isEmpty();
  }

  private static Verified verified(long through) {
    return new Verified(null, through, 7, Instant.EPOCH);
  }

  private void verify(long through, KeyRange... unverified) {
    assertThat(begin(through)).isTrue();
    complete(verified(through), List.of(unverified));
  }

  @Test
  void idsAreRememberedFromLongBeforeTheFinalSecondOn() throws Exception {
    assertThat(begin(T + LONG_AGO)).isTrue();
    claim(ClaimMode.REPAIR, trade("a", T, 1), trade("b", T + 1, 1));

    assertThat(isRemembered("a")).isFalse();
    assertThat(isRemembered("b")).isTrue();
  }

  @Test
  void idsAreRememberedUntilTheyAreVerifiedAndOld() throws Exception {
    claim(ClaimMode.NEW, trade("a", T, 1), trade("b", T + 1, 1));
    assertThat(begin(T + 2 * LONG_AGO)).isTrue();
    assertThat(isRemembered("a")).isTrue();

    complete(verified(T + LONG_AGO), List.of());

    assertThat(isRemembered("a")).isFalse();
    assertThat(isRemembered("b")).isTrue();
  }

  @Test
  void idsOfWhatIsUnverifiedOrGoneAreRemembered() throws Exception {
    Trade gone = trade("c", T + 2 * SUB_RANGE, 1);
    Trade back = trade("d", T + 2 * SUB_RANGE, 1);
    claim(
        ClaimMode.NEW, trade("a", T + SUB_RANGE - 1, 1), trade("b", T + SUB_RANGE, 1), gone, back);
    log.orphans().recordGone(List.of(KeyRange.all()), List.of(gone.key(), back.key()), LONG);
    log.orphans().recordGone(List.of(KeyRange.all()), List.of(gone.key()), LONG);

    verify(T + 2 * LONG_AGO, KeyRange.seconds(T, T + SUB_RANGE));

    assertThat(isRemembered("a")).isTrue();
    assertThat(isRemembered("b")).isFalse();
    assertThat(isRemembered("c")).isTrue();
    assertThat(isRemembered("d")).isFalse();
  }

  @Test
  void theAnnouncedSecondNeverGoesBack() throws Exception {
    assertThat(begin(T + 100)).isTrue();
    assertThat(begin(T)).isTrue();

    Trade late = trade("a", T + 50, 1);
    assertThat(claim(ClaimMode.NEW, late).disputed()).containsExactly(late);
  }

  // What is gone

  private Set<TradeKey> note(Duration grace, TradeKey... gone) {
    return log.orphans().recordGone(List.of(KeyRange.all()), List.of(gone), grace);
  }

  private TradeKey processed(String id, long second) throws Exception {
    claim(ClaimMode.REPAIR, trade(id, second, 1));
    return new TradeKey(second, id);
  }

  private void awaitOverdue(TradeKey key) {
    await().until(() -> note(SHORT, key).contains(key));
  }

  @Test
  void whatIsGoneIsOverdueAfterItsGraceAndNotBefore() throws Exception {
    TradeKey a = processed("a", T);
    TradeKey b = processed("b", T);

    assertThat(note(LONG, a)).isEmpty();
    assertThat(note(LONG, a, b)).isEmpty();
    assertThat(note(Duration.ZERO, a, b)).containsExactlyInAnyOrder(a, b);
    assertThat(note(Duration.ZERO)).isEmpty();
    awaitOverdue(a);
    assertThat(note(LONG, a)).isEmpty();
  }

  @Test
  void whatWasSeenAgainHasAllItsGraceAnew() throws Exception {
    TradeKey a = processed("a", T);
    awaitOverdue(a);

    assertThat(note(SHORT)).isEmpty();

    assertThat(note(SHORT, a)).isEmpty();
  }

  @Test
  void onlyWhatWasLookedAtIsBack() throws Exception {
    TradeKey a = processed("a", T);
    TradeKey b = processed("b", T + 10);
    TradeKey c = processed("c", T + 20);
    await().until(() -> note(SHORT, a, b, c).size() == 3);

    List<KeyRange> ranges = List.of(new KeyRange(TradeKey.MIN, a), new KeyRange(b, c));
    assertThat(log.orphans().recordGone(ranges, List.of(), SHORT)).isEmpty();

    assertThat(note(SHORT, a, b, c)).containsExactly(b);
  }

  @Test
  void everythingOutsideOfWhatWasLookedAtCanBeBack() throws Exception {
    TradeKey a = processed("a", T);
    TradeKey b = processed("b", T + 10);
    TradeKey c = processed("c", T + 20);
    await().until(() -> note(SHORT, a, b, c).size() == 3);

    log.orphans().recordBackOutside(List.of(new KeyRange(a, b)));
    assertThat(note(SHORT, a, b, c)).containsExactly(b);
    await().until(() -> note(SHORT, a, b, c).size() == 3);

    log.orphans().recordBackOutside(List.of());
    assertThat(note(SHORT, a, b, c)).isEmpty();
  }

  @Test
  void whereAGoneIdStandsIsKnown() throws Exception {
    assertThat(begin(T + LONG_AGO)).isTrue();
    TradeKey a = processed("a", T);
    processed("b", T);
    note(LONG, a);

    assertThat(isRemembered("a")).isTrue();
    assertThat(isRemembered("b")).isFalse();
  }

  @Test
  void ofTwoKeysOfOneIdOneIsGoneAfterTheOther() throws Exception {
    assertThat(begin(T + LONG_AGO)).isTrue();
    TradeKey old = processed("a", T - 10);
    TradeKey older = processed("a", T - 20);

    assertThat(note(Duration.ZERO, older, old)).containsExactly(older);
    assertThat(note(Duration.ZERO, older, old)).containsExactly(older);
    retract(List.of(older));

    assertThat(note(Duration.ZERO, old)).containsExactly(old);
  }

  @Test
  void ofTwoKeysOfOneIdTheOneThatIsRememberedIsGoneFirst() throws Exception {
    Trade old = trade("a", T, 1);
    Trade young = trade("a", T + LONG_AGO + 1, 1);
    countTwice(old, young);

    assertThat(note(Duration.ZERO, old.key(), young.key())).containsExactly(young.key());
    retract(List.of(young.key()));
    assertThat(note(Duration.ZERO, old.key())).containsExactly(old.key());
  }

  // What was verified

  private List<KeyRange> marks() {
    return log.verification().snapshot().unverified();
  }

  private static KeyRange subRange(int number) {
    return KeyRange.seconds(T + number * SUB_RANGE, T + (number + 1) * SUB_RANGE);
  }

  @Test
  void atFirstNothingIsVerifiedAndNothingIsMarked() throws Exception {
    processed("a", T);
    log.failedTrades().markFailed(List.of(failure(trade("b", T, 1), "boom")), "r", 10);
    log.verification().markUnverified(List.of(subRange(0)));

    assertThat(log.verification().snapshot()).isEqualTo(Snapshot.NOTHING);
  }

  @Test
  void whatWasVerifiedIsRecalled() {
    assertThat(begin(T)).isTrue();
    complete(new Verified(T - 9, T, 12, Instant.EPOCH), List.of());
    Verified first = log.verification().snapshot().verified().orElseThrow();
    assertThat(first).isEqualTo(new Verified(T - 9, T, 12, first.at()));
    assertThat(first.at()).isAfter(Instant.EPOCH);

    verify(T + 5, subRange(-3), KeyRange.seconds(T - 2 * SUB_RANGE, T + SUB_RANGE));

    Snapshot second = log.verification().snapshot();
    assertThat(second.verified().orElseThrow())
        .isEqualTo(new Verified(null, T + 5, 7, second.verified().orElseThrow().at()));
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
  void whatChangesNothingMarksNothing() throws Exception {
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
  void aComparisonSettlesTheMarksFromBeforeItAndKeepsThoseMadeMeanwhile() throws Exception {
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
  void aComparisonThatWasNotCompletedLeavesItsMarksToTheNext() {
    verify(T + 900, subRange(0), subRange(2));
    assertThat(begin(T + 900)).isTrue();
    assertThat(begin(T + 900)).isTrue();
    assertThat(marks()).containsExactly(subRange(0), subRange(2));

    complete(verified(T + 900), List.of());

    assertThat(marks()).isEmpty();
  }

  @Test
  void whatLiesAboveTheVerifiedSecondNeedsNoMark() throws Exception {
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
  void whatIsForgottenIsForgotten() throws Exception {
    verify(T + 900, subRange(0));
    processed("a", T + SUB_RANGE);

    log.verification().forget();

    assertThat(log.verification().snapshot()).isEqualTo(Snapshot.NOTHING);
    verify(T + 800);
    assertThat(log.verification().snapshot().verified()).isPresent();
    assertThat(marks()).isEmpty();
  }

  @Test
  void aComparisonThatWasForgottenMeanwhileIsNotRemembered() throws Exception {
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
                unchecked(
                    () ->
                        log.transact(
                            null,
                            t -> {
                              Claim claim =
                                  t.claim(request(ClaimMode.REPAIR, "r", trade("a", T, 1)));
                              inside.countDown();
                              commit.await();
                              return claim;
                            })));
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
                unchecked(
                    () ->
                        log.transact(
                            null,
                            t -> {
                              inside.countDown();
                              commit.await();
                              return t.claim(request(ClaimMode.REPAIR, "r", trade("a", T, 1)));
                            })));
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
  void whoLostTheLeaseNeitherBeginsNorCompletesAComparison() throws Exception {
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
    assertThat(log.verification().snapshot()).isEqualTo(before);
    assertThat(before.verified()).isEmpty();

    log.verification().complete(other, verified(T + 900), List.of());
    assertThat(log.verification().snapshot().verified()).isPresent();
  }

  // More of entries

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
  void rangesAreDigestedEachAsAWhole() throws Exception {
    Trade a = trade("a", T, 1);
    Trade b = trade("b", T, 2);
    Trade c = trade("c", T + 10, 3);
    Trade gone = trade("d", T + 10, 4);
    claim(ClaimMode.NEW, a, b, c, gone);
    retract(List.of(gone.key()));
    log.failedTrades().markFailed(List.of(failure(trade("e", T + 10, 5), "boom")), "r", 10);
    List<KeyRange> ranges =
        List.of(
            KeyRange.seconds(T - 10, T),
            new KeyRange(a.key(), b.key()),
            KeyRange.seconds(T + 1, T + 11),
            KeyRange.seconds(T + 20, T + 20),
            KeyRange.from(T + 30));

    assertThat(log.entries().digests(ranges))
        .containsExactly(
            new LogDigest(0, 0, 0, 0),
            new LogDigest(1, 1, Fingerprint.of(b), 0),
            new LogDigest(2, 1, Fingerprint.of(c), 1),
            new LogDigest(3, 0, 0, 0),
            new LogDigest(4, 0, 0, 0));
    assertThat(log.entries().digests(List.of())).isEmpty();
  }

  @Test
  void sumsOfFingerprintsWrapRound() throws Exception {
    List<Trade> large =
        IntStream.range(0, 10_000)
            .mapToObj(i -> trade("t%04d".formatted(i), T, 1))
            .filter(trade -> Fingerprint.of(trade) > Long.MAX_VALUE / 2)
            .limit(9)
            .toList();
    claim(ClaimMode.NEW, large.toArray(Trade[]::new));
    LogDigest sum = new LogDigest(0, 9, large.stream().mapToLong(Fingerprint::of).sum(), 0);

    assertThat(log.entries().digests(List.of(KeyRange.all()))).containsExactly(sum);
    assertThat(log.entries().digests(KeyRange.seconds(T, T + 1), 1)).containsExactly(sum);
  }

  @Test
  void theLastIsProcessedOrFailed() throws Exception {
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
  void aFailedRetractionLeavesTheTradeProcessed() throws Exception {
    TradeKey key = processed("a", T);

    log.failedTrades().markFailed(List.of(new TradeFailure(key, 0, "boom", true)), "r", 10);

    assertThat(entry(key).status()).isEqualTo(EntryStatus.PROCESSED);
    assertThat(entry(key).fingerprint()).isEqualTo(Fingerprint.of(trade("a", T, 1)));
  }

  @Test
  void aFailureOfARetractedTradeIsAFailure() throws Exception {
    TradeKey key = processed("a", T);
    retract(List.of(key));

    log.failedTrades().markFailed(List.of(new TradeFailure(key, 5, "boom", true)), "r", 10);

    assertThat(entry(key)).isEqualTo(new LogEntry(key, EntryStatus.ERROR, 5, null));
    assertThat(log.failedTrades().list(TradeKey.MIN, 10)).hasSize(1);
  }

  @Test
  void whatItCannotTellIsEmpty() throws Exception {
    log.probe();
    assertThat(log.classify(new IllegalStateException("no kind of mine"))).isEmpty();
  }

  // Transactions

  @Test
  void whatTheWorkThrowsIsThrownAndNothingIsKept() {
    Trade a = trade("a", T, 1);

    assertThatThrownBy(
            () ->
                log.transact(
                    null,
                    transaction -> {
                      transaction.claim(request(ClaimMode.NEW, "r", a));
                      throw new IOException("boom");
                    }))
        .isInstanceOf(IOException.class)
        .hasMessage("boom");
    assertThat(entries()).isEmpty();
  }

  @Test
  void theHandleIsOfTheTypeThatTheLogNames() throws Exception {
    Object handle = log.transact(null, transaction -> transaction.handle());

    assertThat(handle).isInstanceOf(log.transactionType());
  }

  @Test
  void ofTwoClaimsAtOnceOneWaitsAndSeesWhatTheOtherCommitted() throws Exception {
    Trade a = trade("a", T, 1);
    CountDownLatch claimed = new CountDownLatch(1);
    CountDownLatch commit = new CountDownLatch(1);
    CompletableFuture<Claim> first =
        async(
            () ->
                unchecked(
                    () ->
                        log.transact(
                            null,
                            transaction -> {
                              Claim claim = transaction.claim(request(ClaimMode.NEW, "r", a));
                              claimed.countDown();
                              commit.await();
                              return claim;
                            })));
    assertThat(claimed.await(20, SECONDS)).isTrue();
    CompletableFuture<Claim> second = async(() -> unchecked(() -> claim(ClaimMode.NEW, a)));

    assertThat(second).isNotDone();
    commit.countDown();

    assertThat(first.get(10, SECONDS).changes()).hasSize(1);
    assertThat(second.get(10, SECONDS).known()).containsExactly(a);
  }

  @Test
  void aClaimThatWaitedForOneThatWasRolledBackGetsTheTrade() throws Exception {
    Trade a = trade("a", T, 1);
    CountDownLatch claimed = new CountDownLatch(1);
    CountDownLatch fail = new CountDownLatch(1);
    CompletableFuture<Object> first =
        async(
            () ->
                unchecked(
                    () ->
                        log.transact(
                            null,
                            transaction -> {
                              Claim ignored = transaction.claim(request(ClaimMode.NEW, "r", a));
                              claimed.countDown();
                              fail.await();
                              throw new IOException("boom");
                            })));
    assertThat(claimed.await(20, SECONDS)).isTrue();
    CompletableFuture<Claim> second = async(() -> unchecked(() -> claim(ClaimMode.NEW, a)));
    fail.countDown();

    assertThat(second.get(10, SECONDS).changes()).hasSize(1);
    assertThat(first).isCompletedExceptionally();
  }

  private static <T> T unchecked(Callable<T> call) {
    try {
      return call.call();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  // Entries

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
  void digestsCountByBucketAndLeaveRetractedEntriesOut() throws Exception {
    Trade a = trade("a", T, 1);
    Trade b = trade("b", T + 9, 2);
    Trade c = trade("c", T + 10, 3);
    Trade gone = trade("d", T + 10, 4);
    Trade late = trade("e", T + 25, 5);
    claim(ClaimMode.NEW, a, b, c, gone, late);
    retract(List.of(gone.key()));
    log.failedTrades().markFailed(List.of(failure(trade("f", T + 10, 6), "boom")), "r", 10);

    assertThat(log.entries().digests(KeyRange.seconds(T, T + 25), 10))
        .containsExactly(
            new LogDigest(0, 2, Fingerprint.of(a) + Fingerprint.of(b), 0),
            new LogDigest(1, 1, Fingerprint.of(c), 1));
  }

  @Test
  void theFirstIsProcessedOrFailedAndTheLastProcessedIsProcessedNow() throws Exception {
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
  void markingNeverTakesAProcessedTradeAway() throws Exception {
    Trade a = trade("a", T, 1);
    claim(ClaimMode.NEW, a);

    log.failedTrades().markFailed(List.of(failure(a, "late news")), "r", 10);
    log.failedTrades().markFailed(List.of(failure(trade("a", T, 2), "replacing failed")), "r", 10);

    assertThat(entries())
        .containsExactly(new LogEntry(a.key(), EntryStatus.PROCESSED, Fingerprint.of(a), null));
    assertThat(log.failedTrades().list(TradeKey.MIN, 10))
        .singleElement()
        .satisfies(failed -> assertThat(failed.reason()).isEqualTo("replacing failed"));
  }

  @Test
  void aTradeThatFailsOnItsContentInSoManyRunsIsParkedUntilItIsReleased() throws Exception {
    Trade a = trade("a", T, 1);
    TradeFailure network = new TradeFailure(a.key(), Fingerprint.of(a), "timeout", false);
    log.failedTrades().markFailed(List.of(failure(a, "bad")), "r1", 2);
    log.failedTrades().markFailed(List.of(network), "r2", 2);
    log.failedTrades().markFailed(List.of(failure(a, "bad")), "", 2);
    assertThat(entries()).extracting(LogEntry::parked).containsOnlyNulls();

    log.failedTrades().markFailed(List.of(failure(a, "bad")), "r3", 2);
    assertThat(entries()).extracting(LogEntry::parked).containsExactly(Fingerprint.of(a));
    assertThat(log.failedTrades().list(TradeKey.MIN, 10))
        .singleElement()
        .satisfies(
            failed -> {
              assertThat(failed.parked()).isTrue();
              assertThat(failed.attempts()).isEqualTo(4);
            });
    log.failedTrades().markFailed(List.of(network), "r4", 2);
    assertThat(entries()).extracting(LogEntry::parked).containsExactly(Fingerprint.of(a));

    assertThat(log.failedTrades().releaseParked(KeyRange.all().after(a.key()))).isZero();
    assertThat(log.failedTrades().releaseParked(KeyRange.all())).isEqualTo(1);
    assertThat(log.failedTrades().releaseParked(KeyRange.all())).isZero();
    log.failedTrades().markFailed(List.of(failure(a, "bad")), "r5", 2);
    assertThat(entries()).extracting(LogEntry::parked).containsOnlyNulls();
  }

  @Test
  void otherContentOrBeingProcessedBeginsTheCountAnew() throws Exception {
    Trade a = trade("a", T, 1);
    Trade other = trade("a", T, 2);
    log.failedTrades().markFailed(List.of(failure(a, "bad")), "r1", 2);
    log.failedTrades().markFailed(List.of(failure(other, "bad")), "r2", 2);
    assertThat(entries()).extracting(LogEntry::parked).containsOnlyNulls();
    log.failedTrades().markFailed(List.of(failure(other, "bad")), "r3", 2);
    assertThat(entries()).extracting(LogEntry::parked).containsExactly(Fingerprint.of(other));

    claim(ClaimMode.REPAIR, other);
    assertThat(entries())
        .containsExactly(new LogEntry(a.key(), EntryStatus.PROCESSED, Fingerprint.of(other), null));
    assertThat(log.failedTrades().list(TradeKey.MIN, 10)).isEmpty();
  }

  @Test
  void whatCannotBeReplacedOrRetractedIsParkedAsWell() throws Exception {
    Trade a = trade("a", T, 1);
    Trade other = trade("a", T, 2);
    TradeFailure retraction = new TradeFailure(a.key(), TradeFailure.RETRACTION, "no", true);
    claim(ClaimMode.NEW, a);
    log.failedTrades().markFailed(List.of(failure(other, "bad")), "r1", 2);
    log.failedTrades().markFailed(List.of(failure(other, "bad")), "r2", 2);
    LogEntry entry = entry(a.key());
    assertThat(entry)
        .isEqualTo(
            new LogEntry(a.key(), EntryStatus.PROCESSED, Fingerprint.of(a), Fingerprint.of(other)));
    assertThat(entry.isParked(Fingerprint.of(other))).isTrue();
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
        .isEqualTo(new LogEntry(a.key(), EntryStatus.PROCESSED, Fingerprint.of(other), null));
    assertThat(log.failedTrades().list(TradeKey.MIN, 10)).isEmpty();
  }

  @Test
  void theBaselineIsKeptOrReplacedAsAsked() {
    assertThat(log.scope().keepBaseline(T)).isEqualTo(T);
    assertThat(log.scope().keepBaseline(T + 1)).isEqualTo(T);
    log.scope().setBaseline(T + 2);
    assertThat(log.scope().keepBaseline(T)).isEqualTo(T + 2);
  }

  // The audit trail

  @Test
  void aRunIsReadableWhileItIsUnderWayAndAfterwards() {
    log.runs().begin("r1", RunKind.FORCE, "host", T);
    SyncRun begun = log.runs().find("r1").orElseThrow();
    assertThat(begun.outcome()).isEqualTo(RunOutcome.RUNNING);
    assertThat(begun.kind()).isEqualTo(RunKind.FORCE);
    assertThat(begun.forcedAfterEpochSecond()).isEqualTo(T);
    assertThat(begun.endedAt()).isNull();
    assertThat(begun.through()).isNull();

    TradeKey through = new TradeKey(T + 5, "x");
    log.runs().update("r1", new RunState(RunOutcome.RUNNING, 1, 0, 3, through, null));
    assertThat(log.runs().find("r1").orElseThrow().endedAt()).isNull();
    log.runs().update("r1", new RunState(RunOutcome.COMPLETED, 2, 1, 3, through, "done"));

    SyncRun ended = log.runs().find("r1").orElseThrow();
    assertThat(ended.outcome()).isEqualTo(RunOutcome.COMPLETED);
    assertThat(ended.processed()).isEqualTo(2);
    assertThat(ended.errors()).isEqualTo(1);
    assertThat(ended.total()).isEqualTo(3);
    assertThat(ended.through()).isEqualTo(through);
    assertThat(ended.message()).isEqualTo("done");
    assertThat(ended.endedAt()).isAfterOrEqualTo(ended.startedAt());
    assertThat(log.runs().find("r2")).isEqualTo(Optional.empty());
  }

  @Test
  void theLatestRunsComeFirst() {
    for (String run : List.of("r1", "r2", "r3")) {
      log.runs().begin(run, RunKind.RUN, "host", null);
    }

    assertThat(log.runs().latest(2)).extracting(SyncRun::id).containsExactly("r3", "r2");
  }

  @Test
  void aRunThatBeginsClosesThoseThatDied() {
    TradeKey through = new TradeKey(T + 5, "x");
    log.runs().begin("ended", RunKind.RUN, "host", null);
    log.runs().update("ended", new RunState(RunOutcome.COMPLETED, 1, 0, 1, null, "done"));
    log.runs().begin("audit", RunKind.AUDIT, "host", null);
    log.runs().begin("died", RunKind.FORCE, "host", T);
    log.runs().update("died", new RunState(RunOutcome.RUNNING, 5, 1, 9, through, null));

    log.runs().begin("next", RunKind.RUN, "host", null);

    SyncRun died = log.runs().find("died").orElseThrow();
    assertThat(died.outcome()).isEqualTo(RunOutcome.ABORTED);
    assertThat(died.endedAt()).isNotNull();
    assertThat(died.message()).isEqualTo(RunHistory.ABORTED_MESSAGE);
    assertThat(List.of(died.processed(), died.errors(), died.total())).containsExactly(5L, 1L, 9L);
    assertThat(died.through()).isEqualTo(through);
    assertThat(log.runs().find("ended").orElseThrow().message()).isEqualTo("done");
    assertThat(log.runs().find("audit").orElseThrow().outcome()).isEqualTo(RunOutcome.RUNNING);
    assertThat(log.runs().find("next").orElseThrow().outcome()).isEqualTo(RunOutcome.RUNNING);
    log.runs().begin("audit 2", RunKind.AUDIT, "host", null);
    assertThat(log.runs().find("audit").orElseThrow().outcome()).isEqualTo(RunOutcome.ABORTED);
  }

  /** A process that was only stopped comes back, and finds its lease lost. */
  @Test
  void aClosedRunDoesNotRunAgainAndMaySayHowItEnded() {
    log.runs().begin("r1", RunKind.RUN, "host", null);
    log.runs().begin("r2", RunKind.RUN, "host", null);

    log.runs().update("r1", new RunState(RunOutcome.RUNNING, 5, 0, 9, null, null));
    assertThat(log.runs().find("r1").orElseThrow().outcome()).isEqualTo(RunOutcome.ABORTED);
    log.runs().update("r1", new RunState(RunOutcome.FAILED, 5, 0, 9, null, "lease lost"));
    assertThat(log.runs().find("r1").orElseThrow().outcome()).isEqualTo(RunOutcome.FAILED);
  }

  @Test
  void aForceThatDiedIsOpenUntilOneThatGoesAsFarBackEnded() {
    assertThat(log.runs().abortedForce()).isEmpty();
    force("alive", T, RunOutcome.RUNNING, null);
    assertThat(log.runs().abortedForce()).isEmpty();

    log.runs().begin("r1", RunKind.RUN, "host", null);
    assertThat(log.runs().abortedForce()).map(SyncRun::id).contains("alive");
    force("shorter", T + 1, RunOutcome.COMPLETED, null);
    force("failed", T, RunOutcome.FAILED, null);
    assertThat(log.runs().abortedForce()).map(SyncRun::id).contains("alive");

    force("further", T, RunOutcome.RUNNING, new TradeKey(T + 9, "x"));
    force("not so far", T, RunOutcome.RUNNING, new TradeKey(T + 9, "a"));
    force("not at all", T, RunOutcome.RUNNING, null);
    log.runs().begin("r2", RunKind.RUN, "host", null);
    assertThat(log.runs().abortedForce()).map(SyncRun::id).contains("further");
    force("rest", T, RunOutcome.COMPLETED, null);
    assertThat(log.runs().abortedForce()).isEmpty();

    force("again", T, RunOutcome.RUNNING, null);
    force("unwanted", T - 1, RunOutcome.CANCELLED, null);
    assertThat(log.runs().abortedForce()).isEmpty();
  }

  private void force(String runId, long after, RunOutcome outcome, @Nullable TradeKey through) {
    log.runs().begin(runId, RunKind.FORCE, "host", after);
    log.runs().update(runId, new RunState(outcome, 0, 0, 9, through, "words"));
  }

  @Test
  void aRunThatBeginsTwiceIsOne() {
    log.runs().begin("r1", RunKind.RUN, "host", null);
    log.runs().update("r1", new RunState(RunOutcome.RUNNING, 1, 0, 2, null, null));
    log.runs().begin("r1", RunKind.RUN, "host", null);

    assertThat(log.runs().latest(10)).singleElement().extracting(SyncRun::processed).isEqualTo(1L);
  }

  // The lease

  @Test
  void oneRunAtATimeHoldsTheLeaseAndTheSecondIsToldWhich() {
    FencingToken fence = log.lease().acquire(LeaseKind.RUN, "r1", LONG);

    assertThatThrownBy(() -> log.lease().acquire(LeaseKind.RUN, "r2", LONG))
        .isInstanceOfSatisfying(
            SyncAlreadyRunningException.class, e -> assertThat(e.runId()).isEqualTo("r1"));
    assertThat(log.lease().renew(fence, LONG)).isTrue();
    log.lease().release(fence);
    assertThat(log.lease().acquire(LeaseKind.RUN, "r3", LONG).number())
        .isGreaterThan(fence.number());
  }

  @Test
  void aRunThatAsksAgainForItsLeaseIsGivenTheSameGrant() throws Exception {
    FencingToken fence = log.lease().acquire(LeaseKind.RUN, "r1", LONG);

    assertThat(log.lease().acquire(LeaseKind.RUN, "r1", LONG)).isEqualTo(fence);
    assertThat(log.lease().renew(fence, LONG)).isTrue();
    assertThat(log.<Boolean>transact(fence, transaction -> true)).isTrue();
  }

  /** A heartbeat that was under way when its run ended must not bring the lease back. */
  @Test
  void aLeaseThatWasGivenBackCannotBeRenewedOrUsed() {
    FencingToken fence = log.lease().acquire(LeaseKind.RUN, "r1", LONG);
    log.lease().release(fence);

    assertThat(log.lease().renew(fence, LONG)).isFalse();
    assertThatThrownBy(() -> log.<Boolean>transact(fence, transaction -> true))
        .isInstanceOf(LeaseLostException.class);
    assertThat(log.lease().acquire(LeaseKind.RUN, "r2", LONG).number())
        .isGreaterThan(fence.number());
  }

  @Test
  void anAuditDoesNotExcludeARun() {
    FencingToken audit = log.lease().acquire(LeaseKind.AUDIT, "a", LONG);

    assertThat(log.lease().acquire(LeaseKind.RUN, "r", LONG).runId()).isEqualTo("r");
    assertThatThrownBy(() -> log.lease().acquire(LeaseKind.AUDIT, "b", LONG))
        .isInstanceOf(SyncAlreadyRunningException.class);
    assertThat(log.lease().renew(audit, LONG)).isTrue();
  }

  @Test
  void aLeaseThatIsNotRenewedEndsAndItsHolderCanNoLongerCommit() throws Exception {
    FencingToken old = log.lease().acquire(LeaseKind.RUN, "r1", Duration.ofMillis(50));
    FencingToken taken = takeOver("r2");

    assertThat(taken.number()).isGreaterThan(old.number());
    assertThat(log.lease().renew(old, LONG)).isFalse();
    log.lease().release(old);
    assertThatThrownBy(
            () ->
                log.transact(
                    old,
                    transaction ->
                        transaction.claim(request(ClaimMode.NEW, "r1", trade("a", T, 1)))))
        .isInstanceOf(LeaseLostException.class);
    assertThat(entries()).isEmpty();
    assertThat(
            log.transact(
                    taken,
                    transaction ->
                        transaction.claim(request(ClaimMode.NEW, "r2", trade("a", T, 1))))
                .changes())
        .hasSize(1);
  }

  @Test
  void aTakeoverWaitsForABatchUnderWay() throws Exception {
    FencingToken old = log.lease().acquire(LeaseKind.RUN, "r1", Duration.ofMillis(50));
    CountDownLatch inside = new CountDownLatch(1);
    CountDownLatch commit = new CountDownLatch(1);
    CompletableFuture<Claim> batch =
        async(
            () ->
                unchecked(
                    () ->
                        log.transact(
                            old,
                            transaction -> {
                              inside.countDown();
                              commit.await();
                              return transaction.claim(
                                  request(ClaimMode.NEW, "r1", trade("a", T, 1)));
                            })));
    assertThat(inside.await(20, SECONDS)).isTrue();
    CompletableFuture<Integer> seen =
        async(
            () -> {
              FencingToken ignored = takeOver("r2");
              return entries().size();
            });
    commit.countDown();

    assertThat(batch.get(10, SECONDS).changes()).hasSize(1);
    assertThat(seen.get(20, SECONDS)).isEqualTo(1);
  }

  private FencingToken takeOver(String runId) {
    return await()
        .ignoreExceptionsInstanceOf(SyncAlreadyRunningException.class)
        .until(() -> log.lease().acquire(LeaseKind.RUN, runId, LONG), fence -> true);
  }

  // Not on the common pool, whose one thread on two cores would do one thing after the other.
  private static <T> CompletableFuture<T> async(Supplier<T> work) {
    return CompletableFuture.supplyAsync(work, task -> new Thread(task).start());
  }
}
