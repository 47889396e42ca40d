package io.tradesync.examples.service.fault;

import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;

/** Runs work on a thread of its own, because the common pool has too few threads on two cores. */
final class BackgroundWork {

  private BackgroundWork() {}

  static <T> CompletableFuture<T> start(Callable<T> work) {
    CompletableFuture<T> result = new CompletableFuture<>();
    Thread thread =
        new Thread(
            () -> {
              try {
                result.complete(work.call());
              } catch (Throwable e) {
                result.completeExceptionally(e);
              }
            },
            "test-work");
    thread.setDaemon(true);
    thread.start();
    return result;
  }
}
