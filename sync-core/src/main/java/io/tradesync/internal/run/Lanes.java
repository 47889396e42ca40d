package io.tradesync.internal.run;

import io.tradesync.internal.thread.Threads;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Works batches off, several at a time, while the next ones are read. What is under way or waiting
 * is bounded, so that reading waits for writing.
 */
final class Lanes implements AutoCloseable {

  private final ExecutorService executor;
  private final Semaphore room;
  private final int capacity;
  private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();

  Lanes(int parallelism, String runId) {
    this.capacity = 2 * parallelism;
    this.room = new Semaphore(capacity);
    this.executor =
        Executors.newFixedThreadPool(parallelism, Threads.daemons("tradesync-" + runId));
  }

  /**
   * Hands a batch over; waits while there is no room.
   *
   * @throws RuntimeException what an earlier batch ended the run with
   * @throws InterruptedException if the thread is interrupted while it waits
   */
  void submit(Runnable batch) throws InterruptedException {
    rethrow();
    room.acquire();
    executor.execute(
        () -> {
          try {
            if (failure.get() == null) {
              batch.run();
            }
          } catch (Throwable e) {
            failure.compareAndSet(null, e);
          } finally {
            room.release();
          }
        });
  }

  /** Waits for all batches handed over; throws what one of them ended the run with. */
  void await() {
    room.acquireUninterruptibly(capacity);
    room.release(capacity);
    rethrow();
  }

  private void rethrow() {
    Throwable thrown = failure.get();
    if (thrown instanceof Error error) {
      throw error;
    }
    if (thrown instanceof RuntimeException exception) {
      throw exception;
    }
    if (thrown != null) {
      throw new IllegalStateException(thrown);
    }
  }

  /** Lets the batches under way end, and ends the threads. */
  @Override
  public void close() {
    room.acquireUninterruptibly(capacity);
    Threads.end(executor);
  }
}
