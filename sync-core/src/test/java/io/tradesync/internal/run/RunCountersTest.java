package io.tradesync.internal.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.tradesync.KeyRange;
import io.tradesync.RunProgress;
import io.tradesync.TradeKey;
import io.tradesync.internal.compare.PlannedRange;
import io.tradesync.internal.work.UnitResult.Counts;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The figures of a run, whoever else writes its trades meanwhile. */
class RunCountersTest {

  private static final int BATCH_SIZE = 5;

  private final RunCounters counters = new RunCounters("run", BATCH_SIZE);
  private long number;

  private static PlannedRange planned(long writes, long trades) {
    return new PlannedRange(KeyRange.all(), writes, 0, trades);
  }

  private RunProgress finished(long batches, long written) {
    Counts counts = new Counts(batches, written, 0, 0, 0);
    return counters
        .finished(new RepairStep(number++, TradeKey.MIN, TradeKey.MAX, counts, List.of(), true))
        .run();
  }

  @Test
  void aRunOfFullBatchesKeepsItsNumberOfBatches() {
    counters.planned(12);

    assertThat(finished(1, 5)).isEqualTo(new RunProgress("run", 1, 3, 5, 0, 12));
    assertThat(finished(1, 5)).isEqualTo(new RunProgress("run", 2, 3, 10, 0, 12));
    assertThat(finished(1, 2)).isEqualTo(new RunProgress("run", 3, 3, 12, 0, 12));
  }

  @Test
  void theLastBatchIsTheLastOneIfAnotherPathWroteSomeOfTheTrades() {
    counters.planned(20);
    assertThat(finished(1, 5).batches()).isEqualTo(4);

    counters.read(planned(20, 20), 12, 20);

    assertThat(finished(1, 5)).isEqualTo(new RunProgress("run", 2, 3, 18, 0, 20));
    assertThat(finished(1, 2)).isEqualTo(new RunProgress("run", 3, 3, 20, 0, 20));
  }

  @Test
  void batchesThatAreNotFullAreMore() {
    counters.planned(9);

    assertThat(finished(2, 6)).isEqualTo(new RunProgress("run", 2, 3, 6, 0, 9));
    assertThat(finished(2, 3)).isEqualTo(new RunProgress("run", 4, 4, 9, 0, 9));
  }

  @Test
  void moreTradesThanPlannedAreNeverMoreThanAll() {
    counters.planned(4);
    assertThat(finished(1, 5)).isEqualTo(new RunProgress("run", 1, 1, 5, 0, 5));

    counters.read(planned(4, 4), 7, 7);

    assertThat(finished(1, 2)).isEqualTo(new RunProgress("run", 2, 2, 7, 0, 7));
  }
}
