package io.tradesync.spi;

import io.tradesync.TradeKey;
import java.util.List;

/**
 * What became of trades that arrived live. Each trade is in exactly one of the lists.
 *
 * @param written trades that were new and are committed now
 * @param known trades that the store held already; nothing was written
 * @param failed trades that the sink refused; they are marked, and the next run tries them again
 * @param outOfScope trades that the scope leaves out; nothing was written
 * @param disputed trades that contradict what the store holds and that the source did not confirm;
 *     nothing was written, the next comparison settles them
 */
public record IngestResult(
    List<TradeKey> written,
    List<TradeKey> known,
    List<TradeKey> failed,
    List<TradeKey> outOfScope,
    List<TradeKey> disputed) {

  /**
   * Copies the lists.
   *
   * @param written see {@link #written()}
   * @param known see {@link #known()}
   * @param failed see {@link #failed()}
   * @param outOfScope see {@link #outOfScope()}
   * @param disputed see {@link #disputed()}
   */
  public IngestResult {
    written = List.copyOf(written);
    known = List.copyOf(known);
    failed = List.copyOf(failed);
    outOfScope = List.copyOf(outOfScope);
    disputed = List.copyOf(disputed);
  }
}
