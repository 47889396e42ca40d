package io.tradesync.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.tradesync.Trade;
import io.tradesync.TradeKey;
import io.tradesync.spi.SinkCapability;
import io.tradesync.spi.TradeBatch;
import io.tradesync.spi.TradeChange;
import io.tradesync.spi.TransactionalSink;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Checks changes that come again, as after a crash between the sink and the log. */
abstract class SinkRepetitionContract extends SinkContractPart {

  SinkRepetitionContract(AnalyticsSinkContract contract) {
    super(contract);
  }

  @Test
  void aBatchThatIsWrittenAgainLeavesTheSame() throws Exception {
    if (!canComeAgain()) {
      assertThatNothingUndeclaredIsSent();
      return;
    }
    List<Trade> trades = trades(20);
    TradeBatch batch = batch(false, trades.stream().map(TradeChange.Insert::new).toList());
    for (int i = 0; i < 3; i++) {
      write(batch);
      assertHeld(trades);
    }
  }

  @Test
  void tradesThatComeAgainInOtherBatchesLeaveTheSame() throws Exception {
    if (!canComeAgain()) {
      assertThatNothingUndeclaredIsSent();
      return;
    }
    List<Trade> trades = trades(20);
    insert(trades.subList(0, 10));
    insert(trades.subList(5, 20));
    insert(trades.subList(3, 4));
    assertHeld(trades);
  }

  @Test
  void aTradeThatComesAgainWithOtherContentIsNotTakenForTheSame() throws Exception {
    if (!canComeAgain()) {
      assertThatNothingUndeclaredIsSent();
      return;
    }
    Trade first = trade("a", T, 1);
    Trade second = trade("a", T, 2);
    insert(List.of(first));
    insert(List.of(second));

    assertThat(contract.held()).contains(contract.kept(second));
    if (can(SinkCapability.REPLACE)) {
      assertHeld(second);
    }
  }

  @Test
  void replacementsAndRetractionsThatComeAgainLeaveTheSame() throws Exception {
    if (sink instanceof TransactionalSink || !can(SinkCapability.REPLACE, SinkCapability.RETRACT)) {
      assertThatNothingUndeclaredIsSent();
      return;
    }
    Trade gone = trade("c", T + 2, 1);
    insert(List.of(trade("a", T, 1), trade("b", T + 1, 1), gone));
    Trade changed = trade("a", T, 5);
    Trade moved = trade("b", T + 9, 5);
    TradeBatch batch =
        batch(
            false,
            List.of(
                replace(changed),
                new TradeChange.Replace(new TradeKey(T + 1, "b"), moved),
                new TradeChange.Retract(gone.key())));
    write(batch);
    write(batch);
    write(new TradeChange.Replace(new TradeKey(T + 1, "b"), moved));
    write(new TradeChange.Retract(gone.key()), replace(changed));
    assertHeld(changed, moved);
  }
}
