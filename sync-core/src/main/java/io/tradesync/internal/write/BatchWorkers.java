package io.tradesync.internal.write;

import io.tradesync.internal.thread.Threads;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The threads that write a run's batches while the next ones are read. A worker takes a group of
 * batches that wait. The number of batches that wait or are written is bounded, so that reading
 * waits for writing.
 */
public final class BatchWorkers implements AutoCloseable {

  private final ExecutorService executor;
  private final GroupSize groupSize;
  private final Consumer<List<Batch>> writeGroup;
  private final Queue<Batch> waiting = new ConcurrentLinkedQueue<>();
  private final Queue<Thread> threads = new ConcurrentLinkedQueue<>();
  private final Semaphore room;
  private final int capacity;
  private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();

  /**
   * Starts the threads.
   *
   * @param parallelism how many groups are written at a time
   * @param writeGroup writes a group; its batches are in the order of {@link #submit}
   * @param runId names the threads
   */
  public BatchWorkers(
      int parallelism, GroupSize groupSize, Consumer<List<Batch>> writeGroup, String runId) {
    this.groupSize = groupSize;
    this.writeGroup = writeGroup;
    this.capacity = 2 * parallelism * groupSize.max();
    this.room = new Semaphore(capacity);
    ThreadFactory daemons = Threads.daemons("tradesync-" + runId);
    this.executor =
        Executors.newFixedThreadPool(
            parallelism,
            task -> {
              Thread thread = daemons.newThread(task);
              threads.add(thread);
              return thread;
            });
  }

  /**
   * Hands a batch to the workers; waits while too many batches wait.
   *
   * @throws RuntimeException the failure of an earlier batch, which ended the run
   * @throws InterruptedException if the thread is interrupted while it waits
   */
  public void submit(Batch batch) throws InterruptedException {
    throwFailure();
    room.acquire();
    waiting.add(batch);
    executor.execute(this::writeNextGroup);
  }

  private void writeNextGroup() {
    List<Batch> group = takeGroup();
    if (group.isEmpty()) {
      return;
    }
    try {
      if (failure.get() == null) {
        writeGroup.accept(group);
      }
    } catch (Throwable e) {
      failure.compareAndSet(null, e);
    } finally {
      room.release(group.size());
    }
  }

  // One worker at a time takes batches, so that the batches of a group follow each other.
  private synchronized List<Batch> takeGroup() {
    int max = groupSize.now();
    List<Batch> group = new ArrayList<>();
    for (Batch next = waiting.poll(); next != null; next = waiting.poll()) {
      group.add(next);
      if (group.size() == max) {
        break;
      }
    }
    return group;
  }

  /** Waits until all batches are written; throws the failure of a batch that ended the run. */
  public void await() {
    room.acquireUninterruptibly(capacity);
    room.release(capacity);
    throwFailure();
  }

  /** Interrupts the workers in the middle of their groups. */
  public void interrupt() {
    threads.forEach(Thread::interrupt);
  }

  private void throwFailure() {
    Throwable thrown = failure.get();
    if (thrown != null) {
      throw Threads.unchecked(thrown);
    }
  }

  /** Waits until the batches under way are written, and ends the threads. */
  @Override
  public void close() {
    room.acquireUninterruptibly(capacity);
    Threads.end(executor);
  }
}
