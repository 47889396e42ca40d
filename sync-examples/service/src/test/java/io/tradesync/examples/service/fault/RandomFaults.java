package io.tradesync.examples.service.fault;

import io.tradesync.spi.TradeBatch;
import io.tradesync.testkit.FaultInjectingSink;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.sql.SQLException;
import java.util.Random;

/** Failures of a sink at random, of any kind, before or after it has written. */
final class RandomFaults implements FaultInjectingSink.Fault {

  private final Random random;
  private volatile int perMille;

  RandomFaults(Random random) {
    this.random = random;
  }

  /** Sets how many of a thousand batches fail. */
  void failing(int batchesOfThousand) {
    perMille = batchesOfThousand;
  }

  /** Called before and after each write, so that half of the failures are of either kind. */
  @Override
  public void strike(TradeBatch batch) throws Exception {
    int dice;
    int kind;
    synchronized (random) {
      dice = random.nextInt(2_000);
      kind = random.nextInt(7);
    }
    if (dice < perMille) {
      fail(kind);
    }
  }

  private static void fail(int kind) throws Exception {
    switch (kind) {
      case 0 -> throw new SocketTimeoutException("Read timed out");
      case 1 -> throw new IOException("Connection reset");
      case 2 -> throw new SQLException("could not serialize access", "40001");
      case 3 -> throw new SQLException("deadlock detected", "40P01");
      case 4 -> throw new SQLException("value out of range", "22003");
      case 5 -> throw new IllegalStateException("a fault of the sink's own");
      default -> throw new SQLException("terminating connection", "57P01");
    }
  }
}
