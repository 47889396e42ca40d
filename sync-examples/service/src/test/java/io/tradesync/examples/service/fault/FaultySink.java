package io.tradesync.examples.service.fault;

import io.tradesync.spi.ForwardingSink;
import io.tradesync.spi.TradeBatch;
import io.tradesync.spi.TransactionalSink;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Random;

/** A sink that fails at random, before or after it has written. Its writes are rolled back. */
final class FaultySink extends ForwardingSink<Connection> {

  private final Random random;
  private volatile int perMille;

  FaultySink(TransactionalSink<Connection> sink, Random random) {
    super(sink);
    this.random = random;
  }

  /** Sets how many of a thousand batches fail. The kind of failure is random. */
  void failing(int batchesOfThousand) {
    perMille = batchesOfThousand;
  }

  @Override
  public void write(TradeBatch batch, Connection transaction) throws Exception {
    int dice;
    int kind;
    synchronized (random) {
      dice = random.nextInt(1_000);
      kind = random.nextInt(8);
    }
    boolean fails = dice < perMille;
    if (fails && kind % 2 == 0) {
      fail(kind);
    }
    super.write(batch, transaction);
    if (fails) {
      fail(kind);
    }
  }

  private static void fail(int kind) throws Exception {
    switch (kind) {
      case 0, 1 -> throw new SocketTimeoutException("Read timed out");
      case 2 -> throw new IOException("Connection reset");
      case 3 -> throw new SQLException("could not serialize access", "40001");
      case 4 -> throw new SQLException("deadlock detected", "40P01");
      case 5 -> throw new SQLException("value out of range", "22003");
      case 6 -> throw new IllegalStateException("a fault of the sink's own");
      default -> throw new SQLException("terminating connection", "57P01");
    }
  }
}
