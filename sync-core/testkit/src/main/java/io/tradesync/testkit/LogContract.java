package io.tradesync.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.tradesync.KeyRange;
import io.tradesync.Trade;
import io.tradesync.TradeKey;
import io.tradesync.Verified;
import io.tradesync.inmemory.InMemorySyncLog;
import io.tradesync.spi.SinkCapability;
import io.tradesync.spi.TradeChange;
import io.tradesync.spi.log.Claim;
import io.tradesync.spi.log.ClaimMode;
import io.tradesync.spi.log.ClaimRequest;
import io.tradesync.spi.log.FencingToken;
import io.tradesync.spi.log.GracePeriod;
import io.tradesync.spi.log.LeaseKind;
import io.tradesync.spi.log.LogEntry;
import io.tradesync.spi.log.SubRanges;
import io.tradesync.spi.log.SyncLog;
import io.tradesync.spi.log.TradeFailure;
import io.tradesync.spi.log.Verification;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * The base of the contracts of a log: makes an empty log for each test, and says in a failure which
 * rule was broken and what the log was asked and answered. Extend {@link SyncLogContract} or {@link
 * CompleteSyncLogContract}, which hold all of them; extend one of the parts to start with it.
 */
@ExtendWith(BrokenRuleReport.class)
public abstract class LogContract {

  /** The second at which the trades of these tests begin. */
  protected static final long T = 1_754_400_000L;

  static final Duration LONG = Duration.ofMinutes(10);
  static final Duration SHORT = Duration.ofMillis(100);
  static final long SUB_RANGE = SubRanges.SECONDS;
  static final long TRACKED = Verification.TRACKED_SECONDS;

  final RecordedCalls calls = new RecordedCalls();
  SyncLog log = calls.of(new InMemorySyncLog());

  protected LogContract() {}

  /**
   * Makes an empty log; called before each test.
   *
   * @return a log that {@link SyncLog#prepare()} was not called on yet
   * @throws Exception to fail the test
   */
  protected abstract SyncLog emptyLog() throws Exception;

  @BeforeEach
  final void makeLog() throws Exception {
    log = calls.of(emptyLog());
    log.prepare();
  }

  static Trade trade(String id, long second, long price) {
    return Trade.builder(id, second, 1, "pool")
        .price(BigDecimal.valueOf(price))
        .quantity(BigDecimal.ONE)
        .build();
  }

  static ClaimRequest request(ClaimMode mode, String runId, Trade... trades) {
    return new ClaimRequest(
        List.of(trades), List.of(), mode, EnumSet.allOf(SinkCapability.class), runId);
  }

  final Claim claim(ClaimMode mode, Trade... trades) throws Exception {
    return claim(request(mode, "r", trades));
  }

  final Claim claim(ClaimMode mode, Set<SinkCapability> capabilities, Trade... trades)
      throws Exception {
    return claim(new ClaimRequest(List.of(trades), List.of(), mode, capabilities, "r"));
  }

  final Claim claim(ClaimRequest request) throws Exception {
    return log.transact(null, transaction -> transaction.claim(request));
  }

  final List<TradeChange> retract(List<TradeKey> keys) throws Exception {
    Set<SinkCapability> all = EnumSet.allOf(SinkCapability.class);
    return claim(new ClaimRequest(List.of(), keys, ClaimMode.REPAIR, all, "r")).changes();
  }

  /** Has a trade processed, whether it is final or not. */
  final TradeKey processed(String id, long second) throws Exception {
    Trade trade = trade(id, second, 1);
    claim(ClaimMode.REPAIR, trade);
    return trade.key();
  }

  static TradeFailure failure(Trade trade, String reason) {
    return new TradeFailure(trade.key(), trade.fingerprint(), reason, true);
  }

  final List<LogEntry> entries() {
    return log.entries().page(List.of(KeyRange.all()), 1_000);
  }

  /**
   * Ends the entries of ids that were retracted at another key, as a run does that finds them at
   * the source.
   */
  final void endRetracted(TradeKey... keys) {
    log.orphans().settleRetracted(List.of(keys), List.of());
  }

  final LogEntry entry(TradeKey key) {
    return log.entries().find(List.of(key)).get(0);
  }

  final Set<TradeKey> recordGone(Duration grace, TradeKey... gone) {
    return recordGone(GracePeriod.overNow(grace), gone);
  }

  final Set<TradeKey> recordGone(GracePeriod grace, TradeKey... gone) {
    return log.orphans().recordGone(List.of(KeyRange.all()), List.of(gone), grace);
  }

  final FencingToken run() {
    return log.lease().acquire(LeaseKind.RUN, "a run that compares", LONG);
  }

  final boolean begin(long finalThrough) {
    return log.verification().begin(run(), finalThrough);
  }

  final void complete(Verified verified, List<KeyRange> unverified) {
    log.verification().complete(run(), verified, unverified);
  }

  static Verified verified(long through) {
    return new Verified(null, through, 7, 0, Instant.EPOCH);
  }

  final void verify(long through, KeyRange... unverified) {
    assertThat(begin(through)).isTrue();
    complete(verified(through), List.of(unverified));
  }

  /** Does something on a thread of its own: the common pool may have one thread only. */
  static <T> CompletableFuture<T> async(Callable<T> work) {
    return CompletableFuture.supplyAsync(
        () -> {
          try {
            return work.call();
          } catch (Exception e) {
            throw new CompletionException(e);
          }
        },
        task -> new Thread(task).start());
  }
}
