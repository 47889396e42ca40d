package io.tradesync.internal.thread;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;

/** Makes threads that keep no process alive, and ends them. */
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
}
