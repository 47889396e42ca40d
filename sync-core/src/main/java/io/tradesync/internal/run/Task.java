package io.tradesync.internal.run;

/** Work that an engine does on a thread of its own. */
public interface Task<R> {

  /** Names the task's thread. */
  String id();

  /** Called once on the thread that asks for the task; an exception is thrown to that thread. */
  default void begin() {}

  /** Called once after {@link #begin}, on the task's own thread. */
  R execute();

  /** Asks the task to end soon; returns at once. Can come at any time, also before it begins. */
  void cancel();

  /** Interrupts the threads that the task started; its own thread is interrupted besides. */
  default void interruptWorkers() {}

  /**
   * Called if the task does not end in time. Returns what is reported instead of its result, or
   * throws what is reported instead.
   */
  R abandon();
}
