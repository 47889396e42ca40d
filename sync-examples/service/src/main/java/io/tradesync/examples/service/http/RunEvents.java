package io.tradesync.examples.service.http;

import io.tradesync.BatchProgress;
import io.tradesync.RunKind;
import io.tradesync.SyncListener;
import io.tradesync.SyncResult;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Passes the progress of runs on to those who listen over HTTP. A listener that is slow misses
 * events; it never slows a run down. Thread-safe.
 */
final class RunEvents implements SyncListener, AutoCloseable {

  private static final int LISTENERS = 32;
  private static final int EVENTS = 1_000;
  private static final long HEARTBEAT_SECONDS = 15;
  private static final String END = "";

  private final Set<BlockingQueue<String>> listeners = ConcurrentHashMap.newKeySet();
  private volatile @Nullable String last;
  private volatile boolean closed;

  @Override
  public void runStarted(String runId, RunKind kind) {
    publish("started", new Answers.Started(runId, Answers.word(kind)));
  }

  @Override
  public void runPlanned(String runId, long total) {
    publish("planned", new Answers.Planned(runId, total));
  }

  @Override
  public void batchFinished(BatchProgress progress) {
    publish("progress", Answers.Progress.of(progress.run()));
  }

  @Override
  public void runEnded(SyncResult result) {
    publish("ended", Answers.Result.of(result));
    last = null;
  }

  private void publish(String event, Object data) {
    String text = "event: " + event + "\ndata: " + Json.write(data) + "\n\n";
    last = text;
    listeners.forEach(queue -> offer(queue, text));
  }

  private static void offer(BlockingQueue<String> queue, String text) {
    while (!queue.offer(text)) {
      queue.poll();
    }
  }

  /** Writes events until the listener goes away or the service stops. */
  void stream(OutputStream out) throws IOException {
    BlockingQueue<String> queue = new ArrayBlockingQueue<>(EVENTS);
    listeners.add(queue);
    try {
      String current = last;
      write(out, current == null ? ": no run\n\n" : current);
      while (!closed) {
        String text = queue.poll(HEARTBEAT_SECONDS, TimeUnit.SECONDS);
        if (!END.equals(text)) {
          write(out, text == null ? ":\n\n" : text);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      listeners.remove(queue);
    }
  }

  boolean isFull() {
    return listeners.size() >= LISTENERS;
  }

  private static void write(OutputStream out, String text) throws IOException {
    out.write(text.getBytes(StandardCharsets.UTF_8));
    out.flush();
  }

  @Override
  public void close() {
    closed = true;
    listeners.forEach(queue -> offer(queue, END));
  }
}
