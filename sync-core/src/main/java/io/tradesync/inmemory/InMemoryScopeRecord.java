package io.tradesync.inmemory;

import io.tradesync.TradeSelection;
import io.tradesync.spi.log.ScopeRecord;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** Records the scope of a log in memory. */
record InMemoryScopeRecord(LogState state, InMemoryRunLease lease) implements ScopeRecord {

  @Override
  public Optional<TradeSelection> selection() {
    synchronized (state.lock) {
      return Optional.ofNullable(state.selection);
    }
  }

  @Override
  public void keepSelection(TradeSelection selection) {
    synchronized (state.lock) {
      boolean hasEntries = !state.rows.isEmpty() || !state.handOuts.isEmpty();
      TradeSelection before = Objects.requireNonNullElse(state.selection, TradeSelection.ALL);
      if (hasEntries && !selection.containsAll(before)) {
        throw ScopeRecord.refused(before, selection);
      }
      state.selection = selection;
      if (hasEntries && !selection.equals(before)) {
        state.forgetVerified();
        lease.endAll();
      }
    }
  }

  @Override
  public void keepAttributeNames(List<String> names) {
    synchronized (state.lock) {
      List<String> before = state.attributeNames;
      boolean hasEntries = !state.rows.isEmpty() || !state.handOuts.isEmpty();
      if (hasEntries && before != null && !before.equals(names)) {
        throw ScopeRecord.refused(before, names);
      }
      state.attributeNames = List.copyOf(names);
    }
  }

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
