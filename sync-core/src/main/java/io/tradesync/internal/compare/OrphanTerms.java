package io.tradesync.internal.compare;

import io.tradesync.KeyRange;
import java.io.Serializable;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** An orphan policy as it is sent to another machine. */
public sealed interface OrphanTerms extends Serializable {

  /** Whether the key of each orphan must be listed. */
  boolean needsKeys();

  /** Retracts nothing. */
  record Nothing(boolean needsKeys) implements OrphanTerms {}

  /**
   * Retracts orphans that are due.
   *
   * @param length how long a trade must stay away
   * @param by by when that time must have passed; null for the time of the question
   */
  record Retracted(KeyRange scope, Duration length, @Nullable Instant by, boolean canReplace)
      implements OrphanTerms {
    @Override
    public boolean needsKeys() {
      return true;
    }
  }
}
