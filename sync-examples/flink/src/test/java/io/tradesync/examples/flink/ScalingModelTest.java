package io.tradesync.examples.flink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.withinPercentage;

import java.math.BigDecimal;
import java.math.MathContext;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;

/** Holds the figures of docs/SCALING.md against the model and against what was measured. */
class ScalingModelTest {

  /** By CostOfATradeTest, but for what a run takes besides: that is the rest of the first point. */
  private static final ScalingModel SLEEPING_SINK = new ScalingModel(2_000, 25, 21, 23, 2.6);

  private static final ScalingModel PLAIN_SINK = new ScalingModel(0, 25, 21, 23, 2.6);

  private static final int TRADES = 12_000;
  private static final int DAYS = 30;

  /** A run of WorkersSpeedTest. */
  private record Measured(int workers, double seconds) {}

  private static final List<Measured> QUIET =
      List.of(new Measured(1, 27.4), new Measured(2, 16.2), new Measured(3, 10.8));

  private static final List<Measured> BUSIER =
      List.of(new Measured(1, 28.3), new Measured(2, 15.9), new Measured(3, 11.4));

  private static String page() throws Exception {
    return Files.readString(Path.of("../../docs/SCALING.md"));
  }

  private static String rounded(double perSecond) {
    BigDecimal digits = BigDecimal.valueOf(perSecond).round(new MathContext(3));
    return String.format(Locale.ROOT, "%,d", digits.longValueExact());
  }

  @Test
  void theModelIsNearEachMeasuredPoint() throws Exception {
    for (int i = 0; i < QUIET.size(); i++) {
      Measured quiet = QUIET.get(i);
      Measured busier = BUSIER.get(i);
      double computed = SLEEPING_SINK.seconds(TRADES, DAYS, quiet.workers);
      assertThat(computed).isCloseTo(quiet.seconds, withinPercentage(5));
      assertThat(computed).isCloseTo(busier.seconds, withinPercentage(5));
      assertThat(page())
          .contains(
              String.format(
                  Locale.ROOT,
                  "| %d | %.1f s | %.1f s | %.1f s |",
                  quiet.workers,
                  computed,
                  quiet.seconds,
                  busier.seconds));
    }
  }

  @Test
  void thePageSaysWhatTheModelComputesForLargerOnes() throws Exception {
    assertThat(page())
        .contains(
            row("2 ms a trade, 3 workers", SLEEPING_SINK, 3, 1, 1, 1),
            row("2 ms a trade, 32 workers", SLEEPING_SINK, 32, 1, 1, 1),
            row("2 ms a trade, 32 workers with `parallelism` 16", SLEEPING_SINK, 32, 16, 1, 1),
            row("no wait, one worker with `parallelism` 4", PLAIN_SINK, 1, 4, 1, 1),
            row("no wait, 4 of these", PLAIN_SINK, 4, 4, 1, 1),
            row("no wait, 32 of these, 10 stores, one source", PLAIN_SINK, 32, 4, 10, 1),
            row("no wait, 100 of these, 10 stores, 10 sources", PLAIN_SINK, 100, 4, 10, 10));
  }

  /** Machines with 4 processors for workers, and 8 for a store or a source. */
  private static String row(
      String setUp, ScalingModel model, int workers, int transactions, int stores, int sources) {
    double ofWorkers =
        Math.min(model.ofWorkers(workers, transactions), model.ofWorkersProcessors(workers, 4));
    double ofStores = model.ofStores(stores, 8);
    double ofSources = model.ofSource(8 * sources);
    double limit = Math.min(ofWorkers, Math.min(ofStores, ofSources));
    String which = limit == ofWorkers ? "workers" : limit == ofStores ? "stores" : "source";
    return "| "
        + String.join(
            " | ", setUp, rounded(ofWorkers), rounded(ofSources), rounded(ofStores), which)
        + " |";
  }

  @Test
  void aGapOfFewDaysKeepsFewWorkersBusy() {
    assertThat(ScalingModel.daysOfBusiest(30, 1)).isEqualTo(30);
    assertThat(ScalingModel.daysOfBusiest(30, 2)).isEqualTo(16);
    assertThat(ScalingModel.daysOfBusiest(30, 3)).isEqualTo(10);
    assertThat(ScalingModel.daysOfBusiest(30, 16)).isEqualTo(2);
    assertThat(ScalingModel.daysOfBusiest(30, 100)).isEqualTo(1);
  }
}
