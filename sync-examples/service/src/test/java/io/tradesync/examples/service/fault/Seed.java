package io.tradesync.examples.service.fault;

import java.util.Random;

/** Where the randomness of these tests comes from: the same seed, the same faults. */
final class Seed {

  /** A system property that replaces the default seed. */
  static final String PROPERTY = "tradesync.seed";

  private static final long DEFAULT = 20_260_801;

  private Seed() {}

  static long value() {
    return Long.getLong(PROPERTY, DEFAULT);
  }

  /** Random numbers of a test's own. */
  static Random random(String purpose) {
    return new Random(value() * 31 + purpose.hashCode());
  }
}
