package io.tradesync.internal.write;

import io.tradesync.internal.rows.TextSize;
import io.tradesync.internal.thread.Abandonable;
import io.tradesync.internal.thread.LogFields;
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
import org.slf4j.MDC;

/**
 * The threads that write a run's batches while the next ones are read. A worker takes a group of
 * batches that wait. The number of batches that wait or are written is bounded, and so is their
 * text, so that reading waits for writing.
 */
public final class BatchWorkers implements AutoCloseable {

  private static final int KIB_SHIFT = 10;

  // The text that waits or is written, in KiB.
  private static final int TEXT_ROOM = (int) ((2 * TextSize.MAX) >> KIB_SHIFT);

  private final ExecutorService executor;
  private final GroupSize groupSize;
  private final Consumer<List<Batch>> writeGroup;
  private final Queue<Waiting> waiting = new ConcurrentLinkedQueue<>();
  private final Queue<Thread> threads = new ConcurrentLinkedQueue<>();
  private final String runId;
  private final Semaphore room;
  private final Semaphore textRoom = new Semaphore(TEXT_ROOM);
  private final int capacity;
  private volatile boolean abandoned;
  private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();

  /**
   * Starts the threads.
   *
   * @param parallelism how many groups are written at a time
   * @param writeGroup writes a group; its batches are in the order of {@link #submit}
   * @param runId names the threads, and is shown in their log lines
   */
  public BatchWorkers(
      int parallelism, GroupSize groupSize, Consumer<List<Batch>> writeGroup, String runId) {
    this.groupSize = groupSize;
    this.runId = runId;
    this.writeGroup = writeGroup;
    this.capacity = 2 * parallelism * groupSize.max();
    this.room = new Semaphore(capacity);
    this.executor =
        Executors.newFixedThreadPool(
            parallelism,
            task -> {
              Thread thread = new Worker(task, "tradesync-" + runId);
              threads.add(thread);
              return thread;
            });
  }

  /** A batch, and the KiB of text that it takes. */
  private record Waiting(Batch batch, int kib) {}

  /** A thread that writes groups. If it is abandoned in one, the run ends without it. */
  private final class Worker extends Thread implements Abandonable {
    private int batches;
    private int kib;

    Worker(Runnable task, String name) {
      super(task, name);
      setDaemon(true);
    }

    synchronized void begin(List<Waiting> group) {
      batches = group.size();
      kib = group.stream().mapToInt(Waiting::kib).sum();
    }

    @Override
    public synchronized void abandon(RuntimeException reason) {
      if (batches > 0) {
        failure.compareAndSet(null, reason);
        abandoned = true;
        dropWaiting();
        end();
      }
    }

    /** Makes room for other batches, once. */
    synchronized void end() {
      makeRoom(batches, kib);
      batches = 0;
      kib = 0;
    }
  }

  /** Takes batches away that no worker may be left to write. */
  private void dropWaiting() {
    for (Waiting next = waiting.poll(); next != null; next = waiting.poll()) {
      makeRoom(1, next.kib);
    }
  }

  private void makeRoom(int batches, int kib) {
    textRoom.release(kib);
    room.release(batches);
  }

  /**
   * Hands a batch to the workers; waits while too many batches wait.
   *
   * @throws RuntimeException the failure of an earlier batch, which ended the run
   * @throws InterruptedException if the thread is interrupted while it waits
   */
  public void submit(Batch batch) throws InterruptedException {
    throwFailure();
    int kib = (int) Math.min(TEXT_ROOM, batch.textLength() >> KIB_SHIFT);
    room.acquire();
    try {
      textRoom.acquire(kib);
    } catch (InterruptedException e) {
      room.release();
      throw e;
    }
    waiting.add(new Waiting(batch, kib));
    executor.execute(this::writeNextGroup);
  }

  private void writeNextGroup() {
    List<Waiting> taken = takeGroup();
    if (taken.isEmpty()) {
      return;
    }
    List<Batch> group = taken.stream().map(Waiting::batch).toList();
    Worker worker = (Worker) Thread.currentThread();
    worker.begin(taken);
    MDC.put(LogFields.RUN_ID, runId);
    MDC.put(LogFields.BATCH, numbers(group));
    try {
      if (failure.get() == null) {
        writeGroup.accept(group);
      }
    } catch (Throwable e) {
      failure.compareAndSet(null, e);
    } finally {
      MDC.remove(LogFields.BATCH);
      worker.end();
    }
  }

  private static String numbers(List<Batch> group) {
    long first = group.get(0).number() + 1;
    return group.size() == 1 ? "" + first : first + "-" + (first + group.size() - 1);
  }

  // One worker at a time takes batches, so that the batches of a group follow each other.
  private synchronized List<Waiting> takeGroup() {
    int max = groupSize.now();
    List<Waiting> group = new ArrayList<>();
    long text = 0;
    for (Waiting next = waiting.poll(); next != null; next = waiting.poll()) {
      group.add(next);
      text += next.batch.textLength();
      if (Portions.isFull(group.size(), max, text)) {
        break;
      }
    }
    return group;
  }

  /** Waits until all batches are written; throws the failure of a batch that ended the run. */
  public void await() {
    awaitAll();
    throwFailure();
  }

  private void awaitAll() {
    if (abandoned) {
      dropWaiting();
    }
    room.acquireUninterruptibly(capacity);
    room.release(capacity);
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

  /** Waits until the batches under way are written or abandoned, and ends the threads. */
  @Override
  public void close() {
    awaitAll();
    if (abandoned) {
      executor.shutdown();
    } else {
      Threads.end(executor);
    }
  }
}
