package io.tradesync.inmemory;

import io.tradesync.spi.log.ScopeRecord;
import java.util.Objects;

/** Records the scope of a log in memory. */
record InMemoryScopeRecord(LogState state) implements ScopeRecord {

  @Override
  public void setBaseline(long epochSecond) {
    synchronized (state.lock) {
      state.baseline = epochSecond;
    }
  }

  @Override
  public long keepBaseline(long epochSecond) {
    synchronized (state.lock) {
      state.baseline = Objects.requireNonNullElse(state.baseline, epochSecond);
      return state.baseline;
    }
  }
}
