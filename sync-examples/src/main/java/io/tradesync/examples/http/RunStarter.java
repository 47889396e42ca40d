package io.tradesync.examples.http;

import io.tradesync.RunKind;
import io.tradesync.SyncListener;
import io.tradesync.SyncResult;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Carries runs out on threads of its own, so that a run does not depend on whoever asked for it.
 * Thread-safe.
 */
public final class RunStarter implements SyncListener, AutoCloseable {

  private final ExecutorService threads =
      Executors.newCachedThreadPool(task -> new Thread(task, "tradesync-api-run"));
  private final ThreadLocal<@Nullable CompletableFuture<String>> starting = new ThreadLocal<>();

  /** A run that was asked for: its id, once it holds the lease, and its result. */
  record Started(CompletableFuture<String> runId, CompletableFuture<SyncResult> result) {}

  /** Makes a starter that has started nothing. */
  public RunStarter() {}

  Started start(Supplier<SyncResult> run) {
    Started started = new Started(new CompletableFuture<>(), new CompletableFuture<>());
    threads.execute(
        () -> {
          starting.set(started.runId);
          try {
            started.result.complete(run.get());
          } catch (RuntimeException | Error e) {
            started.runId.completeExceptionally(e);
            started.result.completeExceptionally(e);
          } finally {
            starting.remove();
          }
        });
    return started;
  }

  /** An engine calls this on the thread that called the engine. */
  @Override
  public void runStarted(String runId, RunKind kind) {
    CompletableFuture<String> asked = starting.get();
    if (asked != null) {
      asked.complete(runId);
    }
  }

  /** Waits for runs under way, which somebody else has cancelled. */
  @Override
  public void close() {
    threads.shutdown();
    try {
      if (!threads.awaitTermination(1, TimeUnit.MINUTES)) {
        threads.shutdownNow();
      }
    } catch (InterruptedException e) {
      threads.shutdownNow();
      Thread.currentThread().interrupt();
    }
  }
}
