package io.tradesync.internal.write;

import io.tradesync.internal.failure.FailureClassifier;
import io.tradesync.internal.failure.WriteCancelledException;
import io.tradesync.spi.RetryLaterException;
import io.tradesync.spi.SinkUnavailableException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Calls again, after the time that a sink asks for. */
final class RequestedWait {

  private static final Logger LOG = LoggerFactory.getLogger(RequestedWait.class);

  // A wait ends this soon after a run was cancelled.
  private static final Duration STEP = Duration.ofMillis(100);

  private RequestedWait() {}

  /**
   * Calls until the sink asks for no more time.
   *
   * @param cancelled ends a wait
   * @throws SinkUnavailableException if the sink asks for more time than a batch waits
   * @throws WriteCancelledException if the wait was cancelled
   * @throws Exception what the call threw, also if the thread was interrupted while it waited
   */
  static <R> R call(Callable<R> call, BooleanSupplier cancelled) throws Exception {
    Duration waited = Duration.ZERO;
    while (true) {
      try {
        return call.call();
      } catch (Exception e) {
        Optional<RetryLaterException> later = FailureClassifier.cause(e, RetryLaterException.class);
        if (later.isEmpty()) {
          throw e;
        }
        Duration delay = later.get().delay();
        delay = delay.compareTo(STEP) < 0 ? STEP : delay;
        waited = waited.plus(delay);
        if (waited.compareTo(RetryLaterException.MAX_WAIT) > 0) {
          throw new SinkUnavailableException(
              "it asks for waits of %s, and a batch waits for %s at most"
                  .formatted(waited, RetryLaterException.MAX_WAIT),
              e);
        }
        LOG.info("the sink asks to be called again after {}", delay);
        if (!await(delay, cancelled)) {
          throw e;
        }
      }
    }
  }

  /** Returns false if the thread was interrupted, whose flag is then set. */
  private static boolean await(Duration delay, BooleanSupplier cancelled) {
    long end = System.nanoTime() + delay.toNanos();
    try {
      for (long left = delay.toNanos(); left > 0; left = end - System.nanoTime()) {
        if (cancelled.getAsBoolean()) {
          throw new WriteCancelledException();
        }
        TimeUnit.NANOSECONDS.sleep(Math.min(left, STEP.toNanos()));
      }
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
