package io.tradesync;

import java.io.Serializable;

/**
 * How many trades differ between the two sides, by kind; counted from the differences found, never
 * from the difference of two counts.
 *
 * @param missing trades of the source that the log does not hold as processed or failed
 * @param error trades of the source whose processing failed
 * @param changed processed trades whose content differs from the source's
 * @param orphaned processed or failed trades that the source no longer has
 */
public record GapCounts(long missing, long error, long changed, long orphaned)
    implements Serializable {

  /** No difference. */
  public static final GapCounts NONE = new GapCounts(0, 0, 0, 0);

  /** The number of differences of any kind. */
  public long total() {
    return missing + error + changed + orphaned;
  }

  /** Returns the sums of two counts, kind by kind. */
  public GapCounts plus(GapCounts other) {
    return new GapCounts(
        missing + other.missing,
        error + other.error,
        changed + other.changed,
        orphaned + other.orphaned);
  }

  /**
   * Adds to the failed trades.
   *
   * @param more how many
   * @return the counts with them
   */
  public GapCounts plusErrors(long more) {
    return plus(new GapCounts(0, more, 0, 0));
  }
}
