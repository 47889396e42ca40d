package io.tradesync.redis.internal.consume;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ThreadFactory;
import java.util.function.Supplier;

/** Calls the live writer on a thread of its own while its caller does something else. */
final class WriterThread {

  private final ThreadFactory threads;

  WriterThread(ThreadFactory threads) {
    this.threads = threads;
  }

  /**
   * Makes a call, and does something else meanwhile. Returns when both have ended, also if one
   * fails, or if this thread is interrupted; the call is then interrupted too.
   *
   * @return the result of the call, which throws if the call failed
   * @throws RuntimeException what the other work threw
   */
  <T> Supplier<T> call(Supplier<T> call, Runnable meanwhile) {
    CompletableFuture<T> result = new CompletableFuture<>();
    // One thread a call: an interrupt of it reaches no other call, and none waits in a queue.
    Thread thread = threads.newThread(() -> complete(result, call));
    thread.start();
    try {
      meanwhile.run();
    } finally {
      awaitEnd(thread);
    }
    return () -> resultOf(result);
  }

  private static <T> void complete(CompletableFuture<T> result, Supplier<T> call) {
    try {
      result.complete(call.get());
    } catch (Throwable e) {
      result.completeExceptionally(e);
    }
  }

  private static void awaitEnd(Thread thread) {
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
        thread.interrupt();
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
}
