package io.tradesync.examples.service.http;

import io.tradesync.BatchProgress;
import io.tradesync.RunKind;
import io.tradesync.SyncListener;
import io.tradesync.SyncResult;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArraySet;
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
  private static final String WAKE_UP = "";
  private static final String STOPPING = "event: stopping\ndata: {}\n\n";

  private final Set<Subscription> listeners = new CopyOnWriteArraySet<>();
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
    listeners.forEach(listener -> listener.offer(text));
  }

  /** The place of a listener; empty if all are taken. The place must be closed. */
  Optional<Subscription> subscribe() {
    synchronized (listeners) {
      if (listeners.size() >= LISTENERS) {
        return Optional.empty();
      }
      Subscription subscription = new Subscription();
      listeners.add(subscription);
      return Optional.of(subscription);
    }
  }

  /** What one listener has not been sent yet. */
  final class Subscription implements AutoCloseable {

    private final BlockingQueue<String> queue = new ArrayBlockingQueue<>(EVENTS);
    private volatile boolean gone;

    private void offer(String text) {
      while (!queue.offer(text)) {
        queue.poll();
      }
    }

    /** Ends {@link #stream}; called when the connection of the listener is gone. */
    void gone() {
      gone = true;
      offer(WAKE_UP);
    }

    /** Writes events until the listener goes away or the service stops. */
    void stream(OutputStream out) throws IOException {
      try {
        String current = last;
        write(out, current == null ? ": no run\n\n" : current);
        while (!gone && !closed) {
          String text = queue.poll(HEARTBEAT_SECONDS, TimeUnit.SECONDS);
          if (!WAKE_UP.equals(text)) {
            write(out, text == null ? ":\n\n" : text);
          }
        }
        if (!gone) {
          write(out, STOPPING);
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }

    @Override
    public void close() {
      listeners.remove(this);
    }
  }

  private static void write(OutputStream out, String text) throws IOException {
    out.write(text.getBytes(StandardCharsets.UTF_8));
    out.flush();
  }

  @Override
  public void close() {
    closed = true;
    listeners.forEach(listener -> listener.offer(WAKE_UP));
  }
}
