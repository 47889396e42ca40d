package io.tradesync.internal.thread;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Creates threads that keep no process alive, and ends them. */
public final class Threads {

  private Threads() {}

  /**
   * Makes threads of a name.
   *
   * @param name the name of each
   * @return makes daemon threads
   */
  public static ThreadFactory daemons(String name) {
    return task -> {
      Thread thread = new Thread(task, name);
      thread.setDaemon(true);
      return thread;
    };
  }

  /**
   * Lets the tasks under way end, and waits for it however often the calling thread is interrupted;
   * its flag is then set.
   *
   * @param executor takes no further task
   */
  public static void end(ExecutorService executor) {
    executor.shutdown();
    boolean interrupted = false;
    while (true) {
      try {
        if (executor.awaitTermination(1, TimeUnit.MINUTES)) {
          break;
        }
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * Does work that must be done even by a thread that is interrupted. Drivers and pools refuse to
   * work then, so the flag is cleared until the end, and what an interrupt broke is done once more.
   *
   * @param work may be done twice
   */
  public static void despiteInterrupt(Runnable work) {
    boolean interrupted = Thread.interrupted();
    try {
      work.run();
    } catch (RuntimeException e) {
      if (!Thread.interrupted()) {
        throw e;
      }
      interrupted = true;
      work.run();
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /**
   * Has the task under way cancelled, at once and again and again, since one may be about to begin,
   * until the executor has ended or the calling thread is interrupted; its flag then stays set.
   *
   * @param executor was shut down
   * @param cancel asks the task under way to end
   */
  public static void cancelUntilEnded(ExecutorService executor, Runnable cancel) {
    try {
      do {
        cancel.run();
      } while (!executor.awaitTermination(100, TimeUnit.MILLISECONDS));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Returns the failure of another thread, to be thrown again; throws it itself if an error. */
  public static RuntimeException unchecked(@Nullable Throwable thrown) {
    if (thrown instanceof Error error) {
      throw error;
    }
    return thrown instanceof RuntimeException exception
        ? exception
        : new IllegalStateException(thrown);
  }
}
