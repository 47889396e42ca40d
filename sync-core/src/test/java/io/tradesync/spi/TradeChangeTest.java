package io.tradesync.spi;

import static org.assertj.core.api.Assertions.assertThat;

import io.tradesync.SampleTrades;
import io.tradesync.Trade;
import io.tradesync.TradeKey;
import org.junit.jupiter.api.Test;

class TradeChangeTest {

  private static final Trade TRADE = SampleTrades.trade("a", SampleTrades.T0);
  private static final TradeKey OLD_KEY = new TradeKey(SampleTrades.T0 - 60, "a");

  @Test
  void anInsertHasNothingBefore() {
    TradeChange change = new TradeChange.Insert(TRADE, 7);

    assertThat(change.before()).isEmpty();
    assertThat(change.after()).contains(TRADE);
    assertThat(change.key()).isEqualTo(TRADE.key());
    assertThat(change.withRevision(8)).isEqualTo(new TradeChange.Insert(TRADE, 8));
  }

  @Test
  void aReplacementHasBoth() {
    TradeChange change = new TradeChange.Replace(OLD_KEY, TRADE, 7);

    assertThat(change.before()).contains(OLD_KEY);
    assertThat(change.after()).contains(TRADE);
    assertThat(change.key()).isEqualTo(TRADE.key());
    assertThat(change.withRevision(8)).isEqualTo(new TradeChange.Replace(OLD_KEY, TRADE, 8));
  }

  @Test
  void aRetractionHasNothingAfter() {
    TradeChange change = new TradeChange.Retract(OLD_KEY, 7);

    assertThat(change.before()).contains(OLD_KEY);
    assertThat(change.after()).isEmpty();
    assertThat(change.withRevision(8)).isEqualTo(new TradeChange.Retract(OLD_KEY, 8));
  }
}
