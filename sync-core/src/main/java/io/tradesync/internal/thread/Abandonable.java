package io.tradesync.internal.thread;

/** A thread whose work others wait for, and that can be given up when it does not return. */
public interface Abandonable {

  /**
   * Lets those who wait for the thread's work go on without it. Called by another thread; does
   * nothing if the work has ended.
   *
   * @param reason what they are thrown
   */
  void abandon(RuntimeException reason);
}
