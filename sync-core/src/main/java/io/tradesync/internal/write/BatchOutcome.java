package io.tradesync.internal.write;

import io.tradesync.FailedTrade;
import io.tradesync.TradeKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * What became of a batch's repairs.
 *
 * @param written committed now
 * @param known not needed: another path made the repair before, or the trade is back at the source
 * @param disputed contradict the log, and the source did not confirm them or the sink does not
 *     support the change; not written
 * @param failed could not be written
 * @param marked the failed trades that the log marked, as it lists them now. A failed trade is not
 *     marked if it is processed with the same content, or if its mark cannot be stored
 */
public record BatchOutcome(
    List<TradeKey> written,
    List<TradeKey> known,
    List<TradeKey> disputed,
    List<TradeKey> failed,
    List<FailedTrade> marked) {

  /** The outcome of no repairs. */
  public static final BatchOutcome NOTHING =
      new BatchOutcome(List.of(), List.of(), List.of(), List.of(), List.of());

  /** Joins the outcomes of two batches. */
  public BatchOutcome plus(BatchOutcome other) {
    return new BatchOutcome(
        joined(written, other.written),
        joined(known, other.known),
        joined(disputed, other.disputed),
        joined(failed, other.failed),
        joined(marked, other.marked));
  }

  /** Returns this outcome with some keys as failed, whatever else became of them. */
  BatchOutcome withFailed(List<TradeKey> keys, List<FailedTrade> trades) {
    if (keys.isEmpty()) {
      return this;
    }
    Set<TradeKey> moved = Set.copyOf(keys);
    return new BatchOutcome(
        without(written, moved),
        without(known, moved),
        without(disputed, moved),
        joined(without(failed, moved), keys),
        joined(marked, trades));
  }

  private static List<TradeKey> without(List<TradeKey> keys, Set<TradeKey> moved) {
    return keys.stream().filter(key -> !moved.contains(key)).toList();
  }

  static BatchOutcome of(List<TradeKey> written, List<TradeKey> known) {
    return new BatchOutcome(written, known, List.of(), List.of(), List.of());
  }

  /** The outcome of some of the repairs; none of them failed. */
  BatchOutcome of(Set<TradeKey> keys) {
    return new BatchOutcome(
        written.stream().filter(keys::contains).toList(),
        known.stream().filter(keys::contains).toList(),
        disputed.stream().filter(keys::contains).toList(),
        List.of(),
        List.of());
  }

  BatchOutcome withMarked(List<FailedTrade> trades) {
    return new BatchOutcome(written, known, disputed, failed, trades);
  }

  static BatchOutcome failed(List<TradeKey> keys) {
    return new BatchOutcome(List.of(), List.of(), List.of(), keys, List.of());
  }

  static <T> List<T> joined(List<T> first, List<T> second) {
    if (first.isEmpty() || second.isEmpty()) {
      return first.isEmpty() ? second : first;
    }
    List<T> both = new ArrayList<>(first);
    both.addAll(second);
    return both;
  }
}
