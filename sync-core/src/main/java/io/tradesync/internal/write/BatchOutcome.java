package io.tradesync.internal.write;

import io.tradesync.TradeKey;
import java.util.ArrayList;
import java.util.List;

/**
 * What became of a batch's repairs.
 *
 * @param written committed now
 * @param known done before, by whichever path, or not needed any more
 * @param disputed contradicting the log, and not confirmed by the source or not understood by the
 *     sink; not written
 * @param failed marked as failed
 */
public record BatchOutcome(
    List<TradeKey> written, List<TradeKey> known, List<TradeKey> disputed, List<TradeKey> failed) {

  /** Nothing became of nothing. */
  public static final BatchOutcome NOTHING =
      new BatchOutcome(List.of(), List.of(), List.of(), List.of());

  /**
   * Joins two outcomes.
   *
   * @param other the other one
   * @return the lists of both
   */
  public BatchOutcome plus(BatchOutcome other) {
    return new BatchOutcome(
        join(written, other.written),
        join(known, other.known),
        join(disputed, other.disputed),
        join(failed, other.failed));
  }

  private static <T> List<T> join(List<T> a, List<T> b) {
    List<T> joined = new ArrayList<>(a);
    joined.addAll(b);
    return joined;
  }

  static BatchOutcome failed(List<TradeKey> keys) {
    return new BatchOutcome(List.of(), List.of(), List.of(), keys);
  }
}
