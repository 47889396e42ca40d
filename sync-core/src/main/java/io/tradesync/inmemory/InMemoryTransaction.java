package io.tradesync.inmemory;

import java.util.ArrayList;
import java.util.List;

/** A transaction of {@link InMemorySyncLog}; used by one thread. */
public final class InMemoryTransaction {

  private final List<Runnable> effects = new ArrayList<>();

  InMemoryTransaction() {}

  /**
   * Adds an effect of this transaction. All effects happen when it commits, before any reader sees
   * the transaction's changes in the log.
   *
   * @param effect must not throw
   */
  public void onCommit(Runnable effect) {
    effects.add(effect);
  }

  void commit() {
    effects.forEach(Runnable::run);
  }
}
