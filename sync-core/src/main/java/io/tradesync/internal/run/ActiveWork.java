package io.tradesync.internal.run;

import io.tradesync.internal.thread.Threads;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Knows the work of an engine that is under way, and ends it when the engine is closed.
 * Thread-safe.
 */
public final class ActiveWork {

  private static final Logger LOG = LoggerFactory.getLogger(ActiveWork.class);
  private static final Duration LONGEST_INTERRUPT = Duration.ofSeconds(1);

  private final BooleanSupplier isInSink;
  private final Set<Entry> entries = new LinkedHashSet<>();
  private boolean closed;

  /** Takes what tells whether the calling thread is inside a call of the engine's sink. */
  public ActiveWork(BooleanSupplier isInSink) {
    this.isInSink = isInSink;
  }

  /** Work under way, and the thread that is to be interrupted. */
  private static class Entry {
    volatile Thread thread = Thread.currentThread();

    void cancel() {}

    void interruptWorkers() {}

    void abandon() {}
  }

  private final class TaskEntry<R> extends Entry {
    private final Task<R> task;
    private final CompletableFuture<R> result = new CompletableFuture<>();

    TaskEntry(Task<R> task) {
      this.task = task;
    }

    void execute() {
      try {
        result.complete(task.execute());
      } catch (Throwable e) {
        result.completeExceptionally(e);
      } finally {
        remove(this);
      }
    }

    @Override
    void cancel() {
      task.cancel();
    }

    @Override
    void interruptWorkers() {
      task.interruptWorkers();
    }

    @Override
    void abandon() {
      LOG.warn("{} did not end in time and is left behind; its lease ends by itself", task.id());
      try {
        result.complete(task.abandon());
      } catch (RuntimeException e) {
        result.completeExceptionally(e);
      }
    }
  }

  /**
   * Starts a task on a daemon thread of its own.
   *
   * @return completes when the task has ended or was abandoned
   * @throws IllegalStateException if the engine is closed, or the sink calls this
   * @throws RuntimeException what {@link Task#begin} throws
   */
  public <R> CompletableFuture<R> start(Task<R> task) {
    return started(task).result.copy();
  }

  /**
   * Does a task on a thread of its own and waits for it. An interrupt of the waiting thread cancels
   * the task and interrupts its thread, but not its workers; the flag is set again at the end.
   */
  public <R> R execute(Task<R> task) {
    if (Thread.currentThread().isInterrupted()) {
      task.cancel();
    }
    TaskEntry<R> entry = started(task);
    boolean interrupted = false;
    try {
      while (true) {
        try {
          return entry.result.get();
        } catch (InterruptedException e) {
          interrupted = true;
          task.cancel();
          interruptThread(entry);
        }
      }
    } catch (ExecutionException e) {
      throw Threads.unchecked(e.getCause());
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private <R> TaskEntry<R> started(Task<R> task) {
    TaskEntry<R> entry = new TaskEntry<>(task);
    add(entry);
    try {
      task.begin();
    } catch (Throwable e) {
      remove(entry);
      throw e;
    }
    Thread thread = Threads.daemons("tradesync-" + task.id()).newThread(entry::execute);
    entry.thread = thread;
    thread.start();
    return entry;
  }

  /**
   * Does some work on the calling thread.
   *
   * @throws IllegalStateException if the engine is closed, or the sink calls this
   */
  public <R> R call(Supplier<R> work) {
    Entry entry = new Entry();
    add(entry);
    try {
      return work.get();
    } finally {
      remove(entry);
    }
  }

  // The call of the sink holds locks and a connection that the work may have to wait for.
  private synchronized void add(Entry entry) {
    throwIfClosed();
    if (isInSink.getAsBoolean()) {
      throw new IllegalStateException("a sink must not call the engine that waits for it");
    }
    entries.add(entry);
  }

  private synchronized void remove(Entry entry) {
    entries.remove(entry);
    notifyAll();
  }

  /** Throws an exception if the engine is closed. */
  public synchronized void throwIfClosed() {
    if (closed) {
      throw new IllegalStateException("the engine is closed");
    }
  }

  /** Returns whether {@link #close} was called. */
  public synchronized boolean isClosed() {
    return closed;
  }

  /** Asks all tasks to end soon; returns at once. */
  public void cancel() {
    underWay().forEach(Entry::cancel);
  }

  private synchronized List<Entry> underWay() {
    return List.copyOf(entries);
  }

  private List<Entry> underWayOnOtherThreads() {
    Thread self = Thread.currentThread();
    return underWay().stream().filter(entry -> entry.thread != self).toList();
  }

  /**
   * Accepts no further work, cancels what is under way and waits for it. What has not ended when
   * nine tenths of the time have passed, or a second before its end, is interrupted; what has not
   * ended at the end is abandoned, and no further call waits for it. A thread that does work of
   * this engine itself, or that is inside a listener or the sink, is not made to wait.
   *
   * @return false if something was abandoned
   */
  public boolean close(Duration timeout) {
    synchronized (this) {
      closed = true;
    }
    cancel();
    if (!mayWait()) {
      return true;
    }
    long nanos = TimeUnit.NANOSECONDS.convert(timeout);
    long end = System.nanoTime() + nanos;
    try {
      if (!awaitEnd(end - Math.min(nanos / 10, LONGEST_INTERRUPT.toNanos()))) {
        underWayOnOtherThreads().forEach(this::interrupt);
        if (!awaitEnd(end)) {
          underWayOnOtherThreads().forEach(this::leaveBehind);
          return false;
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return true;
  }

  /** Whether the calling thread may wait for work: not inside a listener or the sink. */
  public boolean mayWait() {
    return !Listeners.isCalling() && !isInSink.getAsBoolean();
  }

  private void interrupt(Entry entry) {
    entry.interruptWorkers();
    interruptThread(entry);
  }

  private void leaveBehind(Entry entry) {
    entry.abandon();
    remove(entry);
  }

  // A thread that has left the work is not interrupted in what it does next.
  private synchronized void interruptThread(Entry entry) {
    if (entries.contains(entry)) {
      entry.thread.interrupt();
    }
  }

  private synchronized boolean awaitEnd(long end) throws InterruptedException {
    while (!underWayOnOtherThreads().isEmpty()) {
      long left = end - System.nanoTime();
      if (left <= 0) {
        return false;
      }
      TimeUnit.NANOSECONDS.timedWait(this, left);
    }
    return true;
  }
}
