package io.tradesync.spi;

import io.tradesync.Trade;
import java.util.List;

/**
 * What became of trades that were offered to the log; each is in exactly one of the lists, in key
 * order.
 *
 * @param changes what the sink has to do, one change for each trade that was claimed
 * @param known trades that are processed already with the same content
 * @param disputed trades that contradict the log's entry, in {@link ClaimMode#NEW}
 */
public record Claim(List<TradeChange> changes, List<Trade> known, List<Trade> disputed) {

  /**
   * Copies the lists.
   *
   * @param changes see {@link #changes()}
   * @param known see {@link #known()}
   * @param disputed see {@link #disputed()}
   */
  public Claim {
    changes = List.copyOf(changes);
    known = List.copyOf(known);
    disputed = List.copyOf(disputed);
  }
}
