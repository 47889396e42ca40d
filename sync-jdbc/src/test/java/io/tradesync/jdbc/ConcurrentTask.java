package io.tradesync.jdbc;

import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/** Runs work while a test goes on. */
public final class ConcurrentTask {

  private ConcurrentTask() {}

  /** Runs work on a thread of its own: the common pool of two cores has only one. */
  public static <T> CompletableFuture<T> run(Callable<T> work) {
    return CompletableFuture.supplyAsync(
        () -> {
          try {
            return work.call();
          } catch (Exception e) {
            throw new CompletionException(e);
          }
        },
        task -> new Thread(task).start());
  }
}
