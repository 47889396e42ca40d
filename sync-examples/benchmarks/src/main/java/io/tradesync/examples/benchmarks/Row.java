package io.tradesync.examples.benchmarks;

import org.jspecify.annotations.Nullable;

/**
 * A line of the table of results.
 *
 * @param work what is done
 * @param contestant who does it
 * @param value the median of the rounds
 * @param unit of the value
 * @param ratio to the baseline's value; null if the work has none, or if this is the baseline
 * @param goal null if this is measured for comparison only
 * @param cost the CPU time
 */
record Row(
    String work,
    String contestant,
    double value,
    Unit unit,
    @Nullable Ratio ratio,
    @Nullable Goal goal,
    Cost cost) {

  /**
   * A value in relation to another one of the same rounds.
   *
   * @param baseline the contestant that is divided by
   * @param value the median of the ratios of the rounds
   */
  record Ratio(String baseline, double value) {}

  /**
   * CPU time in microseconds a trade; NaN where it is not known.
   *
   * @param jvm of this process
   * @param server of PostgreSQL with all its processes, those of the source included if both
   *     databases are on one server
   */
  record Cost(double jvm, double server) {
    static final Cost UNKNOWN = new Cost(Double.NaN, Double.NaN);
  }

  /** What makes it the same row in another run. */
  String name() {
    return work + ": " + contestant;
  }

  /** Whether the goal is reached; true without one. */
  boolean isGood() {
    return goal == null || goal.isReachedBy(value, ratio == null ? Double.NaN : ratio.value());
  }
}
