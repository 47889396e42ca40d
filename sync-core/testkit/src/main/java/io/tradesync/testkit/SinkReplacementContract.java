package io.tradesync.testkit;

import io.tradesync.Trade;
import io.tradesync.spi.SinkCapability;
import io.tradesync.spi.TradeChange;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Checks replacements, moves and retractions. */
abstract class SinkReplacementContract extends SinkContractPart {

  SinkReplacementContract(AnalyticsSinkContract contract) {
    super(contract);
  }

  @Test
  void aReplacedTradeIsHeldWithItsNewContentOnly() throws Exception {
    if (!can(SinkCapability.REPLACE)) {
      assertThatNothingUndeclaredIsSent();
      return;
    }
    List<Trade> trades = trades(5);
    insert(trades);
    Trade changed = trade("t0001", T, 99);
    write(replace(changed));
    assertHeld(trades.get(0), changed, trades.get(2), trades.get(3), trades.get(4));

    Trade withoutNumbers = Trade.builder("t0001", T, 7, "other").build();
    write(replace(withoutNumbers));
    write(replace(trades.get(3)));
    assertHeld(trades.get(0), withoutNumbers, trades.get(2), trades.get(3), trades.get(4));
  }

  @Test
  void aForcedBatchWritesAgainWhatIsThere() throws Exception {
    if (!can(SinkCapability.REPLACE)) {
      assertThatNothingUndeclaredIsSent();
      return;
    }
    List<Trade> trades = trades(10);
    insert(trades.subList(0, 8));
    List<TradeChange> changes = new ArrayList<>();
    trades.subList(0, 8).forEach(trade -> changes.add(replace(trade)));
    trades.subList(8, 10).forEach(trade -> changes.add(insert(trade)));
    write(batch(true, changes));
    completeDeferred();
    write(batch(true, trades.stream().map(SinkContractPart::replace).toList()));
    completeDeferred();
    assertHeld(trades);
  }

  @Test
  void aTradeThatMovedIsHeldAtItsNewKeyOnly() throws Exception {
    if (!can(SinkCapability.REPLACE, SinkCapability.RETRACT)) {
      assertThatNothingUndeclaredIsSent();
      return;
    }
    Trade a = trade("a", T, 1);
    Trade b = trade("b", T + 100, 1);
    Trade c = trade("c", T + 50, 1);
    insert(List.of(a, c, b));
    Trade later = trade("a", T + 100, 3);
    Trade earlier = trade("b", T, 4);
    write(new TradeChange.Replace(a.key(), later), new TradeChange.Replace(b.key(), earlier));
    assertHeld(earlier, c, later);

    write(new TradeChange.Replace(later.key(), a));
    assertHeld(a, earlier, c);
  }

  @Test
  void aRetractedTradeIsNoLongerHeldAndCanComeBack() throws Exception {
    if (!can(SinkCapability.RETRACT)) {
      assertThatNothingUndeclaredIsSent();
      return;
    }
    List<Trade> trades = trades(4);
    insert(trades);
    write(
        new TradeChange.Retract(trades.get(0).key()), new TradeChange.Retract(trades.get(2).key()));
    assertHeld(trades.get(1), trades.get(3));

    insert(List.of(trades.get(2)));
    Trade elsewhere = trade("t0000", T + 60, 9);
    insert(List.of(elsewhere));
    assertHeld(trades.get(1), trades.get(2), trades.get(3), elsewhere);
  }

  @Test
  void oneBatchCanHoldAllKindsOfChange() throws Exception {
    if (!can(SinkCapability.REPLACE, SinkCapability.RETRACT)) {
      assertThatNothingUndeclaredIsSent();
      return;
    }
    Trade changing = trade("a", T, 1);
    Trade leaving = trade("b", T + 1, 1);
    Trade moving = trade("c", T + 2, 1);
    // Both at its new key and at its old one, as after a move that nobody saw.
    Trade twice = trade("d", T + 3, 1);
    Trade twiceLater = trade("d", T + 30, 1);
    insert(List.of(changing, leaving, moving, twice, twiceLater));

    Trade changed = trade("a", T, 2);
    Trade moved = trade("c", T - 20, 2);
    Trade once = trade("d", T + 30, 2);
    Trade fresh = trade("e", T + 1, 2);
    write(
        replace(changed),
        new TradeChange.Retract(leaving.key()),
        new TradeChange.Replace(moving.key(), moved),
        new TradeChange.Retract(twice.key()),
        replace(once),
        insert(fresh));
    assertHeld(moved, changed, fresh, once);
  }
}
