package io.tradesync.internal.compare;

import io.tradesync.KeyRange;
import io.tradesync.TradeKey;
import java.util.Collection;
import java.util.List;
import java.util.Set;

/** Decides which orphans are retracted now. */
public sealed interface OrphanPolicy permits OrphanPolicy.NoRetraction, RetractedOrphans {

  /** Retracts nothing, so that orphans need only be counted. Moved trades may count as gone. */
  static OrphanPolicy countOnly() {
    return NoRetraction.COUNT_ONLY;
  }

  /** Retracts nothing, and tells trades that are gone from those that moved. */
  static OrphanPolicy listOnly() {
    return NoRetraction.LIST_ONLY;
  }

  /** Returns a policy that later retracts only what is due now. */
  OrphanPolicy asOfNow();

  /** The same, as it is sent to another machine. */
  OrphanTerms terms();

  /** Whether the key of each orphan must be listed. */
  boolean needsKeys();

  /**
   * Records which trades are gone from some ranges, and decides which of them are due.
   *
   * @param ranges the ranges that were compared
   * @param gaps all gaps in them
   * @return the keys that are to be retracted now
   */
  Set<TradeKey> due(List<KeyRange> ranges, Collection<Gap> gaps);

  /** Records that no trade is gone outside of the ranges in which orphans were listed. */
  void recordBackOutside(OrphanRanges orphans);

  /** Retracts no orphan and records nothing about them. */
  enum NoRetraction implements OrphanPolicy {
    COUNT_ONLY,
    LIST_ONLY;

    @Override
    public OrphanPolicy asOfNow() {
      return this;
    }

    @Override
    public OrphanTerms terms() {
      return new OrphanTerms.Nothing(needsKeys());
    }

    @Override
    public boolean needsKeys() {
      return this == LIST_ONLY;
    }

    @Override
    public Set<TradeKey> due(List<KeyRange> ranges, Collection<Gap> gaps) {
      return Set.of();
    }

    @Override
    public void recordBackOutside(OrphanRanges orphans) {}
  }
}
