package io.tradesync.testkit;

import io.tradesync.TradeKey;
import io.tradesync.spi.TradeSource;
import org.junit.jupiter.api.Nested;

/**
 * What {@link TradeSource} promises, as tests: for a source that can hold rows that are no trades.
 * A source that cannot hold them extends {@link TradeSourceContract} instead.
 *
 * <p>The rules beside those:
 *
 * <ul>
 *   <li>Pages hold unreadable rows in their place, and count them towards the limit.
 *   <li>An unreadable row says what is wrong with it.
 *   <li>{@code byIds} returns unreadable rows, so that they are not taken for gone.
 *   <li>Digests hold the hashes of unreadable rows.
 *   <li>Counts and bounds hold unreadable rows.
 *   <li>The hash of an unreadable row changes with the row only.
 * </ul>
 */
public abstract class CompleteTradeSourceContract extends TradeSourceContract {

  /** For subclasses. */
  protected CompleteTradeSourceContract() {}

  /**
   * Puts a row in that has a key and is no trade; visible when this returns. Two such rows with the
   * same key and {@code wrong} are equal, and those with another {@code wrong} differ.
   *
   * @param key the key of the row; no row with its id is there already
   * @param wrong tells several ways to be no trade apart: 0 or 1
   * @throws Exception to fail the test
   */
  protected abstract void putUnreadable(TradeKey key, int wrong) throws Exception;

  @Nested
  class UnreadableRows extends SourceUnreadableContract {
    UnreadableRows() {
      super(CompleteTradeSourceContract.this);
    }
  }
}
