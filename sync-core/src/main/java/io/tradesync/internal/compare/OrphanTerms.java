package io.tradesync.internal.compare;

import io.tradesync.KeyRange;
import io.tradesync.spi.log.GracePeriod;
import io.tradesync.spi.log.LogEntries;
import io.tradesync.spi.log.OrphanTracker;
import java.io.Serializable;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** An {@link OrphanPolicy} as it is sent to another machine. */
public sealed interface OrphanTerms extends Serializable {

  /** Returns the policy, with the log of the machine that applies it. */
  OrphanPolicy with(OrphanTracker tracker, LogEntries log);

  /** Retracts nothing; see {@link OrphanPolicy.NoRetraction}. */
  record Nothing(boolean needsKeys) implements OrphanTerms {
    @Override
    public OrphanPolicy with(OrphanTracker tracker, LogEntries log) {
      return needsKeys ? OrphanPolicy.listOnly() : OrphanPolicy.countOnly();
    }
  }

  /**
   * Retracts; see {@link RetractedOrphans}.
   *
   * @param length how long a trade must stay away
   * @param by by when that time must have passed; null for the time of the question
   */
  record Retracted(KeyRange scope, Duration length, @Nullable Instant by, boolean canReplace)
      implements OrphanTerms {
    @Override
    public OrphanPolicy with(OrphanTracker tracker, LogEntries log) {
      GracePeriod grace = new GracePeriod(length, Optional.ofNullable(by));
      return new RetractedOrphans(tracker, log, scope, grace, canReplace);
    }
  }
}
