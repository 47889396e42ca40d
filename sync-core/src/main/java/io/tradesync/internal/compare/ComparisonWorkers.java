package io.tradesync.internal.compare;

import io.tradesync.TradesyncException;
import io.tradesync.internal.thread.StopCheck;
import io.tradesync.internal.thread.Threads;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/** Compares parts of a range on several threads, and gathers their findings in key order. */
final class ComparisonWorkers {

  private static final long POLL_MILLIS = 100;

  /** Compares a part. */
  interface Work<P, F> {
    F compare(P part, StopCheck stopCheck);
  }

  private ComparisonWorkers() {}

  /**
   * Compares all parts. No thread is left behind when this method returns or throws.
   *
   * @param parts the parts in key order
   * @param workers the number of threads
   * @param stopCheck all threads call it repeatedly; what it throws ends the comparison
   * @param gather receives the findings in the order of the parts
   */
  static <P, F> void run(
      List<P> parts, int workers, StopCheck stopCheck, Work<P, F> work, Consumer<F> gather) {
    AtomicBoolean ended = new AtomicBoolean();
    StopCheck partStopCheck =
        () -> {
          if (ended.get()) {
            throw new TradesyncException("the comparison was ended");
          }
          stopCheck.throwIfStopped();
        };
    ExecutorService threads =
        Executors.newFixedThreadPool(workers, Threads.daemons("tradesync-comparison"));
    try {
      List<Future<F>> results = new ArrayList<>();
      parts.forEach(part -> results.add(threads.submit(() -> work.compare(part, partStopCheck))));
      for (Future<F> result : results) {
        gather.accept(await(result, stopCheck));
      }
    } finally {
      // A part under way ends at its next stop check; its statements have a time limit.
      ended.set(true);
      Threads.end(threads);
    }
  }

  private static <F> F await(Future<F> result, StopCheck stopCheck) {
    while (true) {
      try {
        return result.get(POLL_MILLIS, TimeUnit.MILLISECONDS);
      } catch (TimeoutException e) {
        stopCheck.throwIfStopped();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        stopCheck.throwIfStopped();
        throw new TradesyncException("interrupted while comparing", e);
      } catch (ExecutionException e) {
        throw Threads.unchecked(e.getCause());
      }
    }
  }
}
