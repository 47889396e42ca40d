package io.tradesync.internal.write;

import io.tradesync.internal.thread.Threads;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Works batches off, several at a time, while the next ones are read. A worker takes along what is
 * waiting, as far as a group may go. What is under way or waiting is bounded, so that reading waits
 * for writing.
 *
 * @param <B> a batch
 */
public final class BatchWorkers<B> implements AutoCloseable {

  private final ExecutorService executor;
  private final GroupSize groupSize;
  private final Consumer<List<B>> work;
  private final Queue<B> waiting = new ConcurrentLinkedQueue<>();
  private final Semaphore room;
  private final int capacity;
  private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();

  /**
   * Starts the threads.
   *
   * @param parallelism how many groups are worked off at a time
   * @param groupSize how many batches a group may have
   * @param work works a group off: batches in the order in which they were handed over
   * @param runId names the threads
   */
  public BatchWorkers(int parallelism, GroupSize groupSize, Consumer<List<B>> work, String runId) {
    this.groupSize = groupSize;
    this.work = work;
    this.capacity = 2 * parallelism * groupSize.most();
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
  public void submit(B batch) throws InterruptedException {
    rethrow();
    room.acquire();
    waiting.add(batch);
    executor.execute(this::workOff);
  }

  private void workOff() {
    List<B> group = take();
    if (group.isEmpty()) {
      return;
    }
    try {
      if (failure.get() == null) {
        work.accept(group);
      }
    } catch (Throwable e) {
      failure.compareAndSet(null, e);
    } finally {
      room.release(group.size());
    }
  }

  // One worker at a time, so that what it takes is without a hole.
  private synchronized List<B> take() {
    int most = groupSize.now();
    List<B> group = new ArrayList<>();
    for (B next = waiting.poll(); next != null; next = waiting.poll()) {
      group.add(next);
      if (group.size() == most) {
        break;
      }
    }
    return group;
  }

  /** Waits for all batches handed over; throws what one of them ended the run with. */
  public void await() {
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
