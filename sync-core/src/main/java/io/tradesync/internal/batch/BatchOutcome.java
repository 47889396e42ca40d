package io.tradesync.internal.batch;

import io.tradesync.Trade;
import io.tradesync.TradeKey;
import java.util.ArrayList;
import java.util.List;

/**
 * What became of a batch's trades.
 *
 * @param written committed now
 * @param known processed before, by whichever path
 * @param disputed contradicting the log; not written
 * @param failed marked as failed
 */
public record BatchOutcome(
    List<TradeKey> written, List<TradeKey> known, List<Trade> disputed, List<TradeKey> failed) {

  BatchOutcome plus(BatchOutcome other) {
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

  static BatchOutcome failed(List<Trade> trades) {
    return new BatchOutcome(
        List.of(), List.of(), List.of(), trades.stream().map(Trade::key).toList());
  }
}
