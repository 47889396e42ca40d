package io.tradesync.examples.service.fault;

import java.util.Random;

/** The seed of all random numbers of these tests: the same seed causes the same faults. */
final class RandomSeed {

  /** A system property that replaces the default seed. */
  static final String PROPERTY = "tradesync.seed";

  private static final long DEFAULT = 20_260_801;

  private RandomSeed() {}

  static long value() {
    return Long.getLong(PROPERTY, DEFAULT);
  }

  /** Returns the random numbers of one test. */
  static Random random(String purpose) {
    return new Random(value() * 31 + purpose.hashCode());
  }
}
