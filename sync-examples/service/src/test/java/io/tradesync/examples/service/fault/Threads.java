package io.tradesync.examples.service.fault;

import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;

/** Work beside the test's own, one thread each: a common pool has too few on two cores. */
final class Threads {

  private Threads() {}

  static <T> CompletableFuture<T> async(Callable<T> work) {
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
