package io.tradesync.internal.write;

import io.tradesync.FailedTrade;
import io.tradesync.Trade;
import io.tradesync.TradeKey;
import java.util.List;

/**
 * The result of writing a batch, before disputed trades are confirmed and failed ones are marked.
 *
 * @param outcome what became of the repairs, but for the disputed trades
 * @param disputed trades that contradict the log; the source decides
 * @param failed the failed repairs of the outcome, with their reasons
 */
record BatchResult(BatchOutcome outcome, List<Trade> disputed, List<FailedRepair> failed) {

  static final BatchResult NOTHING = new BatchResult(BatchOutcome.NOTHING, List.of(), List.of());

  static BatchResult failed(List<FailedRepair> failed) {
    List<TradeKey> keys = failed.stream().map(each -> each.repair().key()).toList();
    return new BatchResult(BatchOutcome.failed(keys), List.of(), failed);
  }

  BatchResult withMarked(List<FailedTrade> marked) {
    return new BatchResult(outcome.withMarked(marked), disputed, failed);
  }

  BatchResult plus(BatchResult other) {
    return new BatchResult(
        outcome.plus(other.outcome),
        BatchOutcome.joined(disputed, other.disputed),
        BatchOutcome.joined(failed, other.failed));
  }
}
