package io.tradesync.internal.thread;

import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Work on a thread of its own that another thread waits for, unless it is abandoned. */
public final class AbandonableWork extends Thread implements Abandonable {

  private final Runnable work;
  private final CompletableFuture<Void> end = new CompletableFuture<>();

  private AbandonableWork(Runnable work) {
    super("tradesync-sink-call");
    this.work = work;
    setDaemon(true);
  }

  /**
   * Does work and waits for it. Interrupts of the waiting thread are passed on, and its flag is set
   * at the end.
   *
   * @throws RuntimeException what the work threw, or why it was abandoned
   */
  public static void run(Runnable work) {
    AbandonableWork thread = new AbandonableWork(work);
    thread.start();
    boolean interrupted = false;
    try {
      while (true) {
        try {
          thread.end.get();
          return;
        } catch (InterruptedException e) {
          interrupted = true;
          thread.interrupt();
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

  /** As {@link #run(Runnable)}, of work that has a result. */
  public static <R> R get(Supplier<R> work) {
    AtomicReference<@Nullable R> result = new AtomicReference<>();
    run(() -> result.set(work.get()));
    return Objects.requireNonNull(result.get());
  }

  @Override
  public void run() {
    try {
      work.run();
      end.complete(null);
    } catch (Throwable e) {
      end.completeExceptionally(e);
    }
  }

  @Override
  public void abandon(RuntimeException reason) {
    end.completeExceptionally(reason);
  }
}
