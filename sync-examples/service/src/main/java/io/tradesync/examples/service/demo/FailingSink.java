package io.tradesync.examples.service.demo;

import io.tradesync.spi.ForwardingSink;
import io.tradesync.spi.TradeBatch;
import io.tradesync.spi.TransactionalSink;
import java.net.SocketTimeoutException;
import java.util.function.Predicate;

/** A sink whose network fails for chosen trades. */
final class FailingSink<T> extends ForwardingSink<T> {

  private final Predicate<String> broken;

  FailingSink(TransactionalSink<T> sink, Predicate<String> broken) {
    super(sink);
    this.broken = broken;
  }

  @Override
  public void write(TradeBatch batch, T transaction) throws Exception {
    if (batch.changes().stream().anyMatch(change -> broken.test(change.key().id()))) {
      throw new SocketTimeoutException("Read timed out");
    }
    super.write(batch, transaction);
  }
}
