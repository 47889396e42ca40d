package io.tradesync.examples.benchmarks;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** The measurements of one contestant, one a round. Not thread-safe. */
final class Series {

  private final List<Double> values = new ArrayList<>();

  void add(double value) {
    values.add(value);
  }

  double median() {
    return median(values);
  }

  double min() {
    return values.stream().mapToDouble(value -> value).min().orElse(Double.NaN);
  }

  double max() {
    return values.stream().mapToDouble(value -> value).max().orElse(Double.NaN);
  }

  /**
   * Returns the median of the ratios of each round. Other work on the machine slows down a whole
   * round, so it cancels out in a ratio.
   */
  double ratioTo(Series other) {
    int rounds = Math.min(values.size(), other.values.size());
    return median(
        IntStream.range(0, rounds).mapToObj(i -> values.get(i) / other.values.get(i)).toList());
  }

  private static double median(List<Double> values) {
    double[] sorted = values.stream().mapToDouble(value -> value).sorted().toArray();
    if (sorted.length == 0) {
      return Double.NaN;
    }
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }
}
