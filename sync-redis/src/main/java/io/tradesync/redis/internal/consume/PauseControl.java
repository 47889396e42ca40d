package io.tradesync.redis.internal.consume;

import java.util.concurrent.TimeUnit;

/** Lets a consumer's threads through, unless it is paused or closed. Thread-safe. */
public final class PauseControl {

  private int inside;
  private boolean paused;
  private boolean closed;

  /** Enters, if the gate is open; who has entered must {@link #leave}. */
  synchronized boolean enter() {
    if (!isOpen()) {
      return false;
    }
    inside++;
    return true;
  }

  synchronized void leave() {
    inside--;
    notifyAll();
  }

  /** Keeps everybody out from now on. */
  public synchronized void pause() {
    paused = true;
  }

  /** Waits until nobody is inside. */
  public synchronized void awaitEmpty() {
    try {
      while (inside > 0) {
        wait();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  public synchronized void resume() {
    paused = false;
    notifyAll();
  }

  public synchronized boolean isPaused() {
    return paused;
  }

  synchronized boolean isOpen() {
    return !paused && !closed;
  }

  /** Keeps everybody out for good. */
  public synchronized void close() {
    closed = true;
    notifyAll();
  }

  public synchronized boolean isClosed() {
    return closed;
  }

  /** Waits for the end of a pause. */
  synchronized void awaitOpen() {
    try {
      while (paused && !closed) {
        wait();
      }
    } catch (InterruptedException e) {
      // Only a close ends the threads that wait here.
    }
  }

  /**
   * Waits for some time, or for the close.
   *
   * @param nanos how long
   */
  public synchronized void rest(long nanos) {
    long deadline = System.nanoTime() + nanos;
    try {
      for (long left = nanos; left > 0 && !closed; left = deadline - System.nanoTime()) {
        TimeUnit.NANOSECONDS.timedWait(this, left);
      }
    } catch (InterruptedException e) {
      // Only a close ends the threads that wait here.
    }
  }
}
