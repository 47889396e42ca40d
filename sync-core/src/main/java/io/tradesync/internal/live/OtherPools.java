package io.tradesync.internal.live;

import io.tradesync.KeyRange;
import io.tradesync.Trade;
import io.tradesync.TradeKey;
import io.tradesync.TradeSelection;
import io.tradesync.spi.SourcePage;
import io.tradesync.spi.TradeSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Tells the trades in scope from those of other chains and pools.
 *
 * @param inScope the chains and pools in scope
 * @param everything the source with all chains and pools
 */
public record OtherPools(TradeSelection inScope, TradeSource everything) {

  private static final int PAGE = 1_000;

  boolean isInScope(Trade trade) {
    return inScope.contains(trade);
  }

  /**
   * Removes the transactions that the source has now, and of which no trade is in scope: nobody
   * must wait for them. One with a trade in scope has become visible since it was looked for, and
   * stays.
   *
   * @param windows where to look, in key order; they may overlap
   */
  void removeFrom(Set<String> transactions, List<KeyRange> windows) {
    if (inScope.isAll() || transactions.isEmpty()) {
      return;
    }
    Map<String, Boolean> isInScope = new HashMap<>();
    TradeKey covered = TradeKey.MIN;
    for (KeyRange window : windows) {
      KeyRange rest = window.after(covered);
      while (!rest.isEmpty()) {
        SourcePage<Trade> page = everything.page(rest, PAGE);
        for (Trade trade : page.rows()) {
          if (transactions.contains(trade.transactionId())) {
            isInScope.merge(trade.transactionId(), isInScope(trade), Boolean::logicalOr);
          }
        }
        rest = page.isLast() ? rest.upTo(rest.after()) : rest.after(page.end().orElseThrow());
      }
      covered = TradeKey.max(covered, window.upTo());
    }
    transactions.removeIf(transaction -> Boolean.FALSE.equals(isInScope.get(transaction)));
  }
}
