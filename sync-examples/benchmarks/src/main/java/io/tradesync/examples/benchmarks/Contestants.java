package io.tradesync.examples.benchmarks;

import java.util.List;

/**
 * Contestants that are found by {@link java.util.ServiceLoader}, since what they need is no
 * dependency of this program: Spring Batch's are among the tests.
 */
interface Contestants {

  /** All of them, in the order in which they take turns. */
  List<Contestant> all();
}
