package io.tradesync.internal.compare;

import io.tradesync.KeyRange;
import io.tradesync.StoreDifferences.SubRange;
import io.tradesync.TradeKey;
import io.tradesync.internal.thread.StopCheck;
import io.tradesync.spi.log.FencingToken;
import io.tradesync.spi.log.SubRanges;
import java.util.List;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the log say what the sink really holds, in the sub-ranges that an audit found to differ.
 * What the source has otherwise is an ordinary gap from then on, which the run repairs: a row that
 * is gone is missing, one with other content is changed, and one that nobody processed is known to
 * the log, and orphaned if the source lacks it. The candles of the sub-range are recomputed.
 */
public final class StoreReconciliation {

  private static final Logger LOG = LoggerFactory.getLogger(StoreReconciliation.class);
  private static final int PAGE = 5_000;

  private final StoreView view;
  private final FencingToken token;
  private final String runId;
  private final StopCheck stopCheck;

  /** Takes the lease of the run that repairs. */
  public StoreReconciliation(
      StoreView view, FencingToken token, String runId, StopCheck stopCheck) {
    this.view = view;
    this.token = token;
    this.runId = runId;
    this.stopCheck = stopCheck;
  }

  /** Reconciles the recorded sub-ranges in scope. */
  public void reconcile(KeyRange scope) {
    for (SubRange found : view.differences().list()) {
      long start = found.fromEpochSecond();
      KeyRange range = SubRanges.range(start, start).intersect(scope);
      if (!range.isEmpty()) {
        stopCheck.throwIfStopped();
        reconcileRange(range);
        view.transact(token, (log, sink) -> log.storeRepaired(start));
      }
    }
  }

  private void reconcileRange(KeyRange range) {
    view.transact(token, (log, sink) -> sink.prepareRepair(range));
    long adopted = 0;
    TradeKey after = range.after();
    List<TradeKey> keys;
    do {
      stopCheck.throwIfStopped();
      TradeKey from = after;
      keys =
          view.look(
              (log, sink) -> new HeldComparison(log, sink, stopCheck).keys(range, from, PAGE));
      if (!keys.isEmpty()) {
        List<TradeKey> page = keys;
        view.transact(
            token, (log, sink) -> log.adopt(new TreeSet<>(page), () -> sink.trades(page), runId));
        after = keys.get(keys.size() - 1);
        adopted += keys.size();
      }
    } while (keys.size() >= PAGE);
    LOG.info(
        "run {}: from second {} on the store differed in {} trades, which are compared with the"
            + " source now; its candles are recomputed",
        runId,
        range.after().epochSecond(),
        adopted);
  }
}
