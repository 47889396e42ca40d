package io.tradesync.spi.log;

import java.util.Set;

/**
 * The result of {@link LogTransaction#handOut}.
 *
 * @param claim what the sink has to do, with revisions, and what is known or disputed
 * @param repeated the ids among the changes that were perhaps in the sink before
 */
public record HandedOut(Claim claim, Set<String> repeated) {

  /** Copies the set. */
  public HandedOut {
    repeated = Set.copyOf(repeated);
  }
}
