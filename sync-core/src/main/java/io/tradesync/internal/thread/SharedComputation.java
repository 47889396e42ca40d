package io.tradesync.internal.thread;

import io.tradesync.TradesyncException;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Shares a computation between all who ask for it, so that any number of callers costs no more than
 * one. At most one computation is under way and one waits. A caller is answered by a computation
 * that began after the call. Between two computations is a pause as long as the last one took, at
 * most a second. Thread-safe.
 *
 * @param <T> the answer
 */
public final class SharedComputation<T> {

  private static final long MAX_PAUSE_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final String name;
  private final Supplier<T> computation;
  private @Nullable CompletableFuture<T> waiting;
  private boolean isUnderWay;
  private long nextAt = System.nanoTime();

  /** Takes the name that an error message gives to the computation. */
  public SharedComputation(String name, Supplier<T> computation) {
    this.name = name;
    this.computation = computation;
  }

  /**
   * Returns the next answer. One caller computes it on its own thread; the others wait.
   *
   * @throws TradesyncException if the thread was interrupted
   * @throws RuntimeException what the computation threw, to all who waited for it and to nobody
   *     else
   */
  public T get() {
    while (true) {
      CompletableFuture<T> joined = joinWaiting();
      if (joined == null) {
        return compute();
      }
      try {
        return joined.get();
      } catch (CancellationException e) {
        // Its thread was interrupted, which is none of this caller's business.
      } catch (ExecutionException e) {
        throw Threads.unchecked(e.getCause());
      } catch (InterruptedException e) {
        throw interrupted(e);
      }
    }
  }

  /** Returns the waiting computation; null if the caller has to compute a new one. */
  private synchronized @Nullable CompletableFuture<T> joinWaiting() {
    CompletableFuture<T> joined = waiting;
    if (joined == null) {
      waiting = new CompletableFuture<>();
    }
    return joined;
  }

  private T compute() {
    CompletableFuture<T> answer = begin();
    long began = System.nanoTime();
    try {
      T result = computation.get();
      answer.complete(result);
      return result;
    } catch (Throwable e) {
      if (Thread.currentThread().isInterrupted()) {
        answer.cancel(false);
      } else {
        answer.completeExceptionally(e);
      }
      throw e;
    } finally {
      end(began);
    }
  }

  private synchronized CompletableFuture<T> begin() {
    CompletableFuture<T> answer = Objects.requireNonNull(waiting);
    try {
      while (isUnderWay) {
        wait();
      }
      for (long left = pause(); left > 0; left = pause()) {
        TimeUnit.NANOSECONDS.timedWait(this, left);
      }
      isUnderWay = true;
      return answer;
    } catch (InterruptedException e) {
      answer.cancel(false);
      throw interrupted(e);
    } finally {
      // Who calls from now on is answered by the next computation.
      waiting = null;
    }
  }

  private long pause() {
    return nextAt - System.nanoTime();
  }

  private synchronized void end(long began) {
    isUnderWay = false;
    long now = System.nanoTime();
    nextAt = now + pauseAfter(now - began);
    notifyAll();
  }

  static long pauseAfter(long nanos) {
    return Math.min(nanos, MAX_PAUSE_NANOS);
  }

  private TradesyncException interrupted(InterruptedException e) {
    Thread.currentThread().interrupt();
    return new TradesyncException("interrupted while waiting for " + name, e);
  }
}
