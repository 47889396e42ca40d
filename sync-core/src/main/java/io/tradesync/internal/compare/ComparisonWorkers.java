package io.tradesync.internal.compare;

import io.tradesync.KeyRange;
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

/** Compares parts of a range on several threads, and gathers what they find in key order. */
final class ComparisonWorkers {

  private static final long LOOK_EVERY_MILLIS = 100;

  /** Compares a part. */
  interface Work {
    Findings compare(KeyRange part, StopCheck stopCheck);
  }

  private ComparisonWorkers() {}

  /**
   * Compares all parts. When this returns or throws, no thread is left behind.
   *
   * @param parts the parts in key order
   * @param workers how many at a time
   * @param stopCheck called again and again by all threads; what it throws ends the comparison
   * @param work compares one
   * @param gather receives what was found, in the order of the parts
   */
  static void run(
      List<KeyRange> parts,
      int workers,
      StopCheck stopCheck,
      Work work,
      Consumer<Findings> gather) {
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
      List<Future<Findings>> found = new ArrayList<>();
      parts.forEach(part -> found.add(threads.submit(() -> work.compare(part, partStopCheck))));
      for (Future<Findings> part : found) {
        gather.accept(await(part, stopCheck));
      }
    } finally {
      // A part under way ends at its next stopCheck; its statements are bounded by themselves.
      ended.set(true);
      Threads.end(threads);
    }
  }

  private static Findings await(Future<Findings> part, StopCheck stopCheck) {
    while (true) {
      try {
        return part.get(LOOK_EVERY_MILLIS, TimeUnit.MILLISECONDS);
      } catch (TimeoutException e) {
        stopCheck.throwIfStopped();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        stopCheck.throwIfStopped();
        throw new TradesyncException("interrupted while comparing", e);
      } catch (ExecutionException e) {
        if (e.getCause() instanceof RuntimeException failure) {
          throw failure;
        }
        if (e.getCause() instanceof Error error) {
          throw error;
        }
        throw new IllegalStateException(e.getCause());
      }
    }
  }
}
