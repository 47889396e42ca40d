package io.tradesync.internal.plan;

import io.tradesync.Trade;
import io.tradesync.TradeKey;
import io.tradesync.internal.rows.RowsById;
import io.tradesync.internal.rows.SourceRow;
import io.tradesync.spi.SourcePage;
import io.tradesync.spi.TradeSource;
import io.tradesync.spi.log.OrphanTracker;
import java.util.ArrayList;
import java.util.List;

/**
 * Makes entries missing that the sink no longer holds, because their ids were retracted at another
 * key. No comparison finds them if the source has the same content there again.
 */
record RetractedIds(TradeSource source, OrphanTracker log) {

  /**
   * So many ids are looked up at the source by each run; if there are more, the log is searched.
   */
  static final int MAX_LOOKED_UP = 1_000;

  private static final int MAX_SEARCHED = 100_000;

  void settle() {
    List<String> ids = log.retractedIds(MAX_LOOKED_UP + 1);
    if (ids.size() <= MAX_LOOKED_UP) {
      settleBackAtSource(ids);
      return;
    }
    List<String> searched = log.retractedIds(MAX_SEARCHED);
    log.settleRetracted(log.searchProcessed(searched), searched);
  }

  private void settleBackAtSource(List<String> ids) {
    List<TradeKey> keys = new ArrayList<>();
    for (SourcePage<Trade> answer : RowsById.of(source, ids)) {
      SourceRow.all(answer).forEach(row -> keys.add(row.key()));
    }
    if (!keys.isEmpty()) {
      log.settleRetracted(keys.stream().distinct().sorted().toList(), List.of());
    }
  }
}
