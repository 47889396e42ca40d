package io.tradesync.redis.internal.consume;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadFactory;
import java.util.function.Supplier;

/**
 * Calls the live writer on a thread of its own while its caller does something else: one call at a
 * time. Used by one thread.
 */
final class WriterThread implements AutoCloseable {

  private final ExecutorService thread;

  /** Starts no thread before the first call. */
  WriterThread(ThreadFactory threads) {
    this.thread = Executors.newSingleThreadExecutor(threads);
  }

  /**
   * Makes a call, and does something else meanwhile. Returns when both have ended, also if one
   * fails, or if this thread is interrupted; the call is then interrupted too.
   *
   * @return the result of the call, which throws if the call failed
   * @throws RuntimeException what the other work threw
   */
  <T> Supplier<T> call(Supplier<T> call, Runnable meanwhile) {
    CompletableFuture<T> result = CompletableFuture.supplyAsync(call, thread);
    try {
      meanwhile.run();
    } finally {
      awaitEnd(result);
    }
    return () -> resultOf(result);
  }

  private void awaitEnd(CompletableFuture<?> call) {
    boolean interrupted = false;
    while (!call.isDone()) {
      try {
        call.get();
      } catch (InterruptedException e) {
        interrupted = true;
        // Only the end of the consumer interrupts.
        thread.shutdownNow();
      } catch (ExecutionException e) {
        // Thrown where the result is taken.
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private static <T> T resultOf(CompletableFuture<T> ended) {
    try {
      return ended.join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof Error error) {
        throw error;
      }
      throw (RuntimeException) e.getCause();
    }
  }

  @Override
  public void close() {
    thread.shutdown();
  }
}
