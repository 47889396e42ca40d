package io.tradesync.internal.write;

import io.tradesync.FailedTrade;
import io.tradesync.TradeKey;
import io.tradesync.spi.log.TradeFailure;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The rows of a group that are no trade, apart from the group's trades.
 *
 * @param trades the batches without what only is marked; a batch may be empty
 * @param wholes the batches as they were, by number
 */
record UnreadableRepairs(List<Batch> trades, Map<Long, Batch> wholes) {

  static boolean isIn(Batch batch) {
    for (Repair repair : batch.repairs()) {
      if (repair instanceof Repair.Mark) {
        return true;
      }
    }
    return false;
  }

  static UnreadableRepairs of(List<Batch> group) {
    Map<Long, Batch> wholes = new HashMap<>();
    List<Batch> trades = new ArrayList<>();
    for (Batch batch : group) {
      wholes.put(batch.number(), batch);
      List<Repair> repairs = new ArrayList<>();
      for (Repair repair : batch.repairs()) {
        if (!(repair instanceof Repair.Mark mark)) {
          repairs.add(repair);
        } else if (mark.trade() != null) {
          repairs.add(new Repair.Write(mark.trade()));
        }
      }
      trades.add(new Batch(batch.number(), repairs));
    }
    return new UnreadableRepairs(trades, wholes);
  }

  /** The failures that nothing is written for, in key order. */
  List<TradeFailure> withoutTrade() {
    return trades.stream().flatMap(batch -> marks(batch, false).stream()).toList();
  }

  private List<TradeFailure> marks(Batch batch, boolean withTrade) {
    List<TradeFailure> marks = new ArrayList<>();
    for (Repair repair : whole(batch).repairs()) {
      if (repair instanceof Repair.Mark mark && (mark.trade() != null) == withTrade) {
        marks.add(mark.failure());
      }
    }
    return marks;
  }

  /** The failures of a batch that are marked after its trades were written. */
  List<TradeFailure> afterWrite(Batch batch, BatchOutcome outcome) {
    Set<TradeKey> inStore = new HashSet<>(outcome.written());
    inStore.addAll(outcome.known());
    return marks(batch, true).stream().filter(mark -> inStore.contains(mark.key())).toList();
  }

  /** A batch as it was. */
  Batch whole(Batch batch) {
    return wholes.getOrDefault(batch.number(), batch);
  }

  /**
   * The outcome of a batch as it was.
   *
   * @param marked the trades of the group that the log marked
   */
  BatchOutcome outcome(
      Batch batch, BatchOutcome ofTrades, List<TradeFailure> afterWrite, List<FailedTrade> marked) {
    List<TradeKey> failed = new ArrayList<>();
    marks(batch, false).forEach(mark -> failed.add(mark.key()));
    afterWrite.forEach(mark -> failed.add(mark.key()));
    Set<TradeKey> keys = Set.copyOf(failed);
    return ofTrades.withFailed(
        failed, marked.stream().filter(trade -> keys.contains(trade.key())).toList());
  }
}
