package io.tradesync.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.tradesync.Trade;
import io.tradesync.TradeKey;
import io.tradesync.spi.SinkCapability;
import io.tradesync.spi.TradeChange;
import io.tradesync.spi.log.ClaimMode;
import io.tradesync.spi.log.ClaimRequest;
import io.tradesync.spi.log.EntryStatus;
import io.tradesync.spi.log.OrphanTracker;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Checks what a log records of ids that a sink holds at no key: {@link OrphanTracker#retractedIds}.
 *
 * <ul>
 *   <li>An id that was retracted at one key can be ended at another one.
 *   <li>An id that a claim retracted at one key can be ended at another one.
 *   <li>An id that was retracted can be searched for.
 *   <li>An id that is written again is retracted no longer.
 * </ul>
 */
public abstract class RetractedIdsContract extends LogContract {

  private static ClaimRequest request(ClaimMode mode, List<TradeKey> retractions, Trade... trades) {
    return new ClaimRequest(
        Arrays.asList(trades), retractions, mode, EnumSet.allOf(SinkCapability.class), "r", true);
  }

  private List<TradeChange> settle(ClaimMode mode, List<TradeKey> retractions, Trade... trades)
      throws Exception {
    ClaimRequest request = request(mode, retractions, trades);
    List<TradeChange> changes =
        log.transact(null, transaction -> transaction.handOut(request)).claim().changes();
    return log.transact(null, transaction -> transaction.settle(changes, "r"));
  }

  private Trade settled(Trade trade) throws Exception {
    assertThat(settle(ClaimMode.REPAIR, List.of(), trade)).hasSize(1);
    return trade;
  }

  /** Has a final trade written at two keys, of which the log cannot know the first one. */
  private TradeKey movedWhenItWasFinal() throws Exception {
    verify(T + 10 * TRACKED);
    Trade before = settled(trade("a", T, 1));
    assertThat(settle(ClaimMode.CONFIRMED, List.of(), trade("a", T + 2 * SUB_RANGE, 1))).hasSize(1);
    return before.key();
  }

  private void retractedAtTheOtherKey() throws Exception {
    TradeKey now = new TradeKey(T + 2 * SUB_RANGE, "a");
    assertThat(recordGone(Duration.ZERO, now)).containsExactly(now);
    assertThat(settle(ClaimMode.REPAIR, List.of(now))).hasSize(1);
  }

  @Test
  void anIdThatWasRetractedAtOneKeyCanBeEndedAtAnotherOne() throws Exception {
    TradeKey before = movedWhenItWasFinal();
    Trade other = settled(trade("b", T, 1));
    endRetracted(before);
    assertThat(entry(before).status()).isEqualTo(EntryStatus.PROCESSED);
    retractedAtTheOtherKey();
    verify(T + 10 * TRACKED);

    endRetracted(before, other.key());

    assertThat(entry(before).status()).isEqualTo(EntryStatus.RETRACTED);
    assertThat(entry(other.key()).status()).isEqualTo(EntryStatus.PROCESSED);
    assertThat(log.verification().snapshot().unverified())
        .anyMatch(range -> range.contains(before));
  }

  private List<TradeChange> claimed(ClaimMode mode, List<TradeKey> retractions, Trade... trades)
      throws Exception {
    return claim(request(mode, retractions, trades)).changes();
  }

  @Test
  void anIdThatAClaimRetractedAtOneKeyCanBeEndedAtAnotherOne() throws Exception {
    verify(T + 10 * TRACKED);
    Trade before = trade("a", T, 1);
    Trade after = trade("a", T + 10, 1);
    Trade other = trade("b", T, 1);
    assertThat(claimed(ClaimMode.REPAIR, List.of(), before, other)).hasSize(2);
    assertThat(claimed(ClaimMode.CONFIRMED, List.of(), after)).hasSize(1);
    assertThat(claimed(ClaimMode.REPAIR, List.of(after.key()))).hasSize(1);

    endRetracted(before.key(), other.key());

    assertThat(entry(before.key()).status()).isEqualTo(EntryStatus.RETRACTED);
    assertThat(entry(other.key()).status()).isEqualTo(EntryStatus.PROCESSED);
    assertThat(claimed(ClaimMode.REPAIR, List.of(), before)).hasSize(1);
    endRetracted(before.key());
    assertThat(entry(before.key()).status()).isEqualTo(EntryStatus.PROCESSED);
  }

  @Test
  void anIdThatWasRetractedCanBeSearchedFor() throws Exception {
    TradeKey before = movedWhenItWasFinal();
    retractedAtTheOtherKey();
    OrphanTracker orphans = log.orphans();
    List<String> ids = orphans.retractedIds(10);
    assertThat(ids).containsExactly("a");
    assertThat(orphans.retractedIds(0)).isEmpty();
    assertThat(orphans.searchProcessed(ids)).containsExactly(before);
    assertThat(orphans.searchProcessed(List.of("b"))).isEmpty();

    orphans.settleRetracted(List.of(before), ids);

    assertThat(entry(before).status()).isEqualTo(EntryStatus.RETRACTED);
    assertThat(orphans.retractedIds(10)).isEmpty();
  }

  @Test
  void anIdThatIsWrittenAgainIsRetractedNoLonger() throws Exception {
    TradeKey before = movedWhenItWasFinal();
    retractedAtTheOtherKey();
    settled(trade("a", T + 2 * SUB_RANGE, 1));
    assertThat(log.orphans().retractedIds(10)).isEmpty();

    endRetracted(before);

    assertThat(entry(before).status()).isEqualTo(EntryStatus.PROCESSED);
  }
}
