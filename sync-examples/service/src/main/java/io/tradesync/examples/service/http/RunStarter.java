package io.tradesync.examples.service.http;

import io.tradesync.RunKind;
import io.tradesync.SyncListener;
import io.tradesync.SyncResult;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Carries runs out on threads of its own, so that a run does not depend on whoever asked for it.
 * Thread-safe.
 */
final class RunStarter implements SyncListener {

  private final ExecutorService threads =
      Executors.newCachedThreadPool(task -> new Thread(task, "tradesync-api-run"));
  private static final ThreadLocal<@Nullable CompletableFuture<String>> STARTING =
      new ThreadLocal<>();

  /** A run that was asked for: its id, once it holds the lease, and its result. */
  record Started(CompletableFuture<String> runId, CompletableFuture<SyncResult> result) {}

  Started start(Supplier<SyncResult> run) {
    Started started = new Started(new CompletableFuture<>(), new CompletableFuture<>());
    try {
      threads.execute(() -> execute(run, started));
    } catch (RejectedExecutionException e) {
      throw new Problem(503, "the service is stopping");
    }
    return started;
  }

  private static void execute(Supplier<SyncResult> run, Started started) {
    STARTING.set(started.runId);
    try {
      started.result.complete(run.get());
    } catch (RuntimeException | Error e) {
      started.runId.completeExceptionally(e);
      started.result.completeExceptionally(e);
    } finally {
      STARTING.remove();
    }
  }

  /** An engine calls this on the thread that called the engine. */
  @Override
  public void runStarted(String runId, RunKind kind) {
    CompletableFuture<String> asked = STARTING.get();
    if (asked != null) {
      asked.complete(runId);
    }
  }

  /** Stops what was started, and waits for it. */
  void close(Runnable cancel) {
    threads.shutdown();
    try {
      do {
        cancel.run();
      } while (!threads.awaitTermination(100, TimeUnit.MILLISECONDS));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
