package io.tradesync.spi;

import io.tradesync.TradeKey;
import java.util.List;

/**
 * What became of trades that arrived live. Each trade is in exactly one of the lists.
 *
 * @param written new trades, now committed
 * @param known trades that the store held already; nothing was written
 * @param failed trades that the sink refused; they are marked, and the next run tries them again
 * @param outOfScope trades outside the scope; nothing was written
 * @param disputed trades that contradict the log and that the source did not confirm; nothing was
 *     written, and the next comparison decides
 * @param outsideKeyOrder trades whose keys are not {@linkplain TradeKey#isStorable storable}; they
 *     are {@linkplain io.tradesync.spi.log.OutsideRows recorded}, and nothing was written
 */
public record IngestResult(
    List<TradeKey> written,
    List<TradeKey> known,
    List<TradeKey> failed,
    List<TradeKey> outOfScope,
    List<TradeKey> disputed,
    List<TradeKey> outsideKeyOrder) {

  /** A result in which every key is storable. */
  public IngestResult(
      List<TradeKey> written,
      List<TradeKey> known,
      List<TradeKey> failed,
      List<TradeKey> outOfScope,
      List<TradeKey> disputed) {
    this(written, known, failed, outOfScope, disputed, List.of());
  }

  /** Copies the lists. */
  public IngestResult {
    written = List.copyOf(written);
    known = List.copyOf(known);
    failed = List.copyOf(failed);
    outOfScope = List.copyOf(outOfScope);
    disputed = List.copyOf(disputed);
    outsideKeyOrder = List.copyOf(outsideKeyOrder);
  }
}
