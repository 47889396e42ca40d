package io.tradesync.internal.run;

/** Work that can be asked to end. */
public interface Cancellable {

  /** Asks it to end soon; returns at once. */
  void cancel();
}
