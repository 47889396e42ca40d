package io.tradesync.examples.benchmarks;

import java.util.Locale;

/**
 * What a figure should be.
 *
 * @param ofRatio whether the ratio to the baseline is judged, not the figure itself
 * @param isMax whether the bound is an upper one
 * @param bound reaching it is enough
 */
record Goal(boolean ofRatio, boolean isMax, double bound) {

  /** At least so many times the baseline. */
  static Goal minRatio(double bound) {
    return new Goal(true, false, bound);
  }

  /** At most so much, in the unit of the figure. */
  static Goal max(double bound) {
    return new Goal(false, true, bound);
  }

  boolean isReachedBy(double value, double ratio) {
    double judged = ofRatio ? ratio : value;
    return isMax ? judged <= bound : judged >= bound;
  }

  /** As in the table of results. */
  String text(Unit unit) {
    return ofRatio
        ? String.format(Locale.ROOT, "%s %.2f times", isMax ? "<=" : ">=", bound)
        : String.format(
            Locale.ROOT,
            isWhole() ? "%s %,.0f %s" : "%s %,.1f %s",
            isMax ? "<=" : ">=",
            bound,
            unit.text());
  }

  private boolean isWhole() {
    return bound == Math.rint(bound);
  }
}
