package io.tradesync.inmemory;

import java.util.ArrayList;
import java.util.List;

/** A transaction of {@link InMemorySyncLog}; used by one thread. */
public final class InMemoryTransaction {

  private final List<Runnable> effects = new ArrayList<>();

  InMemoryTransaction() {}

  /**
   * Adds something to be done when this transaction commits, together with all else that was added
   * and before anybody sees any of it in the log.
   *
   * @param effect what to do; must not throw
   */
  public void onCommit(Runnable effect) {
    effects.add(effect);
  }

  void commit() {
    effects.forEach(Runnable::run);
  }
}
