package io.tradesync.internal.compare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.tradesync.KeyRange;
import io.tradesync.SampleTrades;
import io.tradesync.TradeKey;
import io.tradesync.internal.compare.InMemorySides.State;
import io.tradesync.internal.thread.StopCheck;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What several threads find is what one finds. */
class ComparisonWorkersTest {

  private final InMemorySides sides = new InMemorySides();

  private void fill(int count) {
    State[] all = State.values();
    for (int i = 0; i < count; i++) {
      boolean hole = i > count / 2 && i < count / 2 + 9_000;
      State odd = all[i / 997 % all.length];
      State state = hole ? State.MISSING : i % 997 == 0 ? odd : State.SAME;
      sides.add(SampleTrades.nth(i, SampleTrades.T0 + 3L * i), state);
    }
    sides.store();
  }

  private Findings compare(int workers, StopCheck stopCheck) {
    ComparisonContext context =
        new ComparisonContext(
            sides.source,
            sides.log.entries(),
            GapSelection.all(),
            sides.retractions(),
            ListedErrors.ALL,
            TradeKey.MIN,
            stopCheck);
    Findings found = context.noFindings();
    new Comparison(context, found).compare(KeyRange.all(), new ComparisonThreads(workers));
    return found;
  }

  @Test
  void severalWorkersFindWhatOneFinds() {
    fill(120_000);

    Findings one = compare(1, StopCheck.NEVER);
    assertThat(one.counts()).isEqualTo(sides.gaps(KeyRange.all()));
    for (int workers : List.of(2, 5)) {
      Findings several = compare(workers, StopCheck.NEVER);
      assertThat(several.counts()).isEqualTo(one.counts());
      assertThat(several.trades()).isEqualTo(one.trades());
      assertThat(several.processed()).isEqualTo(one.processed());
      assertThat(several.gone()).isEqualTo(one.gone());
      assertThat(several.unverified().known()).isEqualTo(one.unverified().known());
      assertThat(several.orphans().all())
          .extracting(KeyRange::upTo)
          .isNotEmpty()
          .isEqualTo(one.orphans().all().stream().map(KeyRange::upTo).toList());
      assertThat(several.gapRanges().describe(sides.source, sides.log.entries()))
          .isEqualTo(one.gapRanges().describe(sides.source, sides.log.entries()));
      assertThat(several.plannedRanges().all().stream().mapToLong(PlannedRange::repairs).sum())
          .isEqualTo(one.plannedRanges().all().stream().mapToLong(PlannedRange::repairs).sum());
    }
  }

  @Test
  void whatAStopCheckThrowsEndsItAndLeavesNoThreadBehind() {
    fill(120_000);

    assertThatThrownBy(
            () ->
                compare(
                    3,
                    () -> {
                      if (Thread.currentThread().getName().equals("tradesync-comparison")) {
                        throw new IllegalStateException("enough");
                      }
                    }))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("enough");
    // A thread that has done all its work takes a moment to end.
    await()
        .untilAsserted(
            () ->
                assertThat(Thread.getAllStackTraces().keySet())
                    .extracting(Thread::getName)
                    .doesNotContain("tradesync-comparison"));
  }
}
