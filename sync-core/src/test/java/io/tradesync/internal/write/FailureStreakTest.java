package io.tradesync.internal.write;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tradesync.FailedBatchesException;
import io.tradesync.SampleTrades;
import io.tradesync.Side;
import io.tradesync.Trade;
import io.tradesync.spi.FailureKind;
import java.util.List;
import org.junit.jupiter.api.Test;

class FailureStreakTest {

  private final FailureStreak streak = new FailureStreak(3);

  private static BatchResult failed(FailureKind... kinds) {
    List<Trade> trades = SampleTrades.trades(kinds.length, 1);
    BatchResult result = BatchResult.NOTHING;
    for (int i = 0; i < kinds.length; i++) {
      Repair repair = new Repair.Write(trades.get(i));
      result = result.plus(BatchResult.failed(List.of(new FailedRepair(repair, "no", kinds[i]))));
    }
    return result;
  }

  private void finish(FailureKind... kinds) {
    streak.finished(failed(kinds), Side.SINK);
  }

  @Test
  void theLastBatchAllowedEndsTheRun() {
    finish(FailureKind.NETWORK);
    finish(FailureKind.UNKNOWN, FailureKind.DATA);

    assertThatThrownBy(() -> finish(FailureKind.TRANSIENT))
        .isInstanceOf(FailedBatchesException.class)
        .hasMessage("3 batches in a row failed, the last one in the sink with: no");
  }

  @Test
  void aBatchThatSucceedsEndsTheStreak() {
    finish(FailureKind.NETWORK);
    finish(FailureKind.NETWORK);
    streak.succeeded();
    finish(FailureKind.NETWORK);
    finish(FailureKind.NETWORK);

    assertThatThrownBy(() -> finish(FailureKind.NETWORK)).hasMessageContaining("3 batches");
  }

  @Test
  void aBatchOfWhichATradeIsWrittenEndsTheStreak() {
    BatchOutcome written =
        BatchOutcome.of(List.of(SampleTrades.trades(9, 1).get(8).key()), List.of());
    BatchResult partly =
        failed(FailureKind.UNKNOWN).plus(new BatchResult(written, List.of(), List.of()));
    finish(FailureKind.UNKNOWN);
    finish(FailureKind.UNKNOWN);
    streak.finished(partly, Side.SINK);
    finish(FailureKind.UNKNOWN);
    finish(FailureKind.UNKNOWN);

    assertThatThrownBy(() -> finish(FailureKind.UNKNOWN)).hasMessageContaining("3 batches");
  }

  @Test
  void aBatchThatItsTradesMadeFailNeitherCountsNorEndsTheStreak() {
    finish(FailureKind.UNKNOWN);
    finish(FailureKind.UNKNOWN);
    for (int i = 0; i < 10; i++) {
      finish(FailureKind.DATA, FailureKind.DATA);
    }

    assertThatThrownBy(() -> finish(FailureKind.UNKNOWN)).hasMessageContaining("3 batches");
  }
}
