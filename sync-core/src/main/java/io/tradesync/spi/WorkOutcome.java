package io.tradesync.spi;

import java.io.Serializable;
import java.util.Objects;

/**
 * What became of a unit: counts and short lists of ranges, never lists of trades. A value of at
 * most some hundred kilobytes that can be sent to another machine. Immutable.
 *
 * @param version the version of the worker that writes it; see {@link WorkOrder#VERSION}
 * @param unit the number of the unit
 * @param trades how many trades were compared, or written; to be shown
 * @param failure why the unit failed or was refused, in one line without secrets; empty if it did
 *     not. The run ends with it, so the unit is not to be carried out again
 * @param content what was found or done, as text that only an engine of the same version reads
 */
public record WorkOutcome(int version, int unit, long trades, String failure, String content)
    implements Serializable {

  /** Checks that nothing is null. */
  public WorkOutcome {
    Objects.requireNonNull(failure, "failure");
    Objects.requireNonNull(content, "content");
  }
}
