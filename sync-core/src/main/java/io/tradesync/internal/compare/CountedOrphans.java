package io.tradesync.internal.compare;

import io.tradesync.KeyRange;
import io.tradesync.TradeKey;
import java.util.Collection;
import java.util.List;
import java.util.Set;

/** Retracts no orphan and records nothing about them. */
enum CountedOrphans implements OrphanPolicy {
  INSTANCE;

  @Override
  public OrphanPolicy asOfNow() {
    return this;
  }

  @Override
  public boolean needsKeys() {
    return false;
  }

  @Override
  public Set<TradeKey> due(List<KeyRange> ranges, Collection<Gap> gaps) {
    return Set.of();
  }

  @Override
  public void recordBackOutside(OrphanRanges orphans) {}
}
