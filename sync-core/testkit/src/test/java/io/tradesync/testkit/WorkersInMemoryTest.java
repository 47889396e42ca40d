package io.tradesync.testkit;

import io.tradesync.inmemory.InMemoryTransaction;

/** Runs by workers that repeat and shuffle, in memory. */
class WorkersInMemoryTest extends WorkersContract<InMemoryTransaction> {

  @Override
  protected RandomHistory.Sides<InMemoryTransaction> newSides() {
    return new RandomHistoryTest.InMemorySides();
  }
}
