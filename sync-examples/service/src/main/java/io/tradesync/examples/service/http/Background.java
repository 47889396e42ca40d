package io.tradesync.examples.service.http;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Computes what pages show while they go on showing what is known: a browser has six connections
 * for all of its pages, and a page that waits for a comparison takes one of them. Thread-safe.
 */
final class Background implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(Background.class);
  private static final int THREADS = 2;
  private static final int MAX_WAITING = 32;

  private final Set<Object> waiting = ConcurrentHashMap.newKeySet();
  private final ExecutorService threads =
      Executors.newFixedThreadPool(
          THREADS,
          task -> {
            Thread created = new Thread(task, "tradesync-background");
            created.setDaemon(true);
            return created;
          });

  /**
   * Begins a computation that sees what was done before this call; does nothing if one of the same
   * name waits to begin, or too many do.
   *
   * @param name tells computations apart
   */
  void begin(Object name, Runnable computation) {
    if (waiting.size() >= MAX_WAITING || !waiting.add(name)) {
      return;
    }
    try {
      threads.execute(
          () -> {
            waiting.remove(name);
            compute(name, computation);
          });
    } catch (RejectedExecutionException e) {
      LOG.debug("{} is not computed: the service is stopping", name);
    }
  }

  private static void compute(Object name, Runnable computation) {
    try {
      computation.run();
    } catch (Throwable e) {
      LOG.debug("{} could not be computed", name, e);
    }
  }

  @Override
  public void close() {
    threads.shutdownNow();
  }
}
