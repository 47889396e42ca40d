package io.tradesync.examples.service.http;

import io.tradesync.BatchProgress;
import io.tradesync.RunKind;
import io.tradesync.RunProgress;
import io.tradesync.SyncListener;
import io.tradesync.SyncResult;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArraySet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Passes the progress of runs on to those who listen over HTTP. A listener that is slow misses
 * events; it never slows a run down. Thread-safe.
 */
final class RunEvents implements SyncListener, AutoCloseable {

  private static final int LISTENERS = 32;
  private static final int EVENTS = 1_000;
  private static final long HEARTBEAT_SECONDS = 15;
  private static final String PROGRESS = "progress";
  private static final Event WAKE_UP = new Event("", "");
  private static final String STOPPING = "event: stopping\ndata: {}\n\n";

  /** An event as it is sent. */
  private record Event(String name, String text) {

    boolean isProgress() {
      return name.equals(PROGRESS);
    }
  }

  private final Set<Subscription> listeners = new CopyOnWriteArraySet<>();
  private final AtomicLong endedRuns = new AtomicLong();
  private volatile @Nullable String last;
  private volatile Answers.@Nullable Progress progress;
  private volatile Answers.@Nullable Result lastResult;
  private volatile boolean closed;

  @Override
  public void runStarted(String runId, RunKind kind) {
    progress = Answers.Progress.of(new RunProgress(runId, 0, 0, 0, 0, 0));
    publish("started", new Answers.Started(runId, Answers.word(kind)));
  }

  @Override
  public void runPlanned(String runId, long total) {
    progress = Answers.Progress.of(new RunProgress(runId, 0, 0, 0, 0, total));
    publish("planned", new Answers.Planned(runId, total));
  }

  @Override
  public void batchFinished(BatchProgress batch) {
    Answers.Progress now = Answers.Progress.of(batch.run());
    progress = now;
    publish(PROGRESS, now);
  }

  @Override
  public void runEnded(SyncResult result) {
    Answers.Result ended = Answers.Result.of(result);
    lastResult = ended;
    progress = null;
    publish("ended", ended);
    last = null;
    endedRuns.incrementAndGet();
  }

  /** How many runs have ended. */
  long ended() {
    return endedRuns.get();
  }

  /** How far the run under way is; null if none is. */
  Answers.@Nullable Progress progress() {
    return progress;
  }

  /** How the last run ended; null if none did. */
  Answers.@Nullable Result lastResult() {
    return lastResult;
  }

  private void publish(String event, Object data) {
    String text = "event: " + event + "\ndata: " + Json.write(data) + "\n\n";
    last = text;
    Event published = new Event(event, text);
    listeners.forEach(listener -> listener.offer(published));
  }

  /**
   * The place of a listener; empty if all are taken. The place must be closed.
   *
   * @param intervalMillis the pause after an event of progress; those that came meanwhile are left
   *     out but for the last one
   */
  Optional<Subscription> subscribe(int intervalMillis) {
    synchronized (listeners) {
      if (listeners.size() >= LISTENERS) {
        return Optional.empty();
      }
      Subscription subscription = new Subscription(intervalMillis);
      listeners.add(subscription);
      return Optional.of(subscription);
    }
  }

  /** What one listener has not been sent yet. */
  final class Subscription implements AutoCloseable {

    private final BlockingQueue<Event> queue = new ArrayBlockingQueue<>(EVENTS);
    private final int intervalMillis;
    private volatile boolean gone;

    private Subscription(int intervalMillis) {
      this.intervalMillis = intervalMillis;
    }

    private void offer(Event event) {
      while (!queue.offer(event)) {
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
          Event event = queue.poll(HEARTBEAT_SECONDS, TimeUnit.SECONDS);
          if (event == null) {
            write(out, ":\n\n");
            continue;
          }
          for (Event next : withOthers(event)) {
            if (!next.equals(WAKE_UP)) {
              write(out, next.text());
            }
          }
          Thread.sleep(intervalMillis);
        }
        if (!gone) {
          write(out, STOPPING);
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }

    /** The event, and what came since the last pause, without progress that newer one follows. */
    private List<Event> withOthers(Event first) {
      List<Event> events = new ArrayList<>(List.of(first));
      if (intervalMillis > 0) {
        queue.drainTo(events);
      }
      boolean isNewerProgress = false;
      for (int i = events.size() - 1; i >= 0; i--) {
        if (events.get(i).isProgress()) {
          if (isNewerProgress) {
            events.remove(i);
          }
          isNewerProgress = true;
        }
      }
      return events;
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
