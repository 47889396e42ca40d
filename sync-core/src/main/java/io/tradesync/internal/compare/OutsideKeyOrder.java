package io.tradesync.internal.compare;

import io.tradesync.SideUnavailableException;
import io.tradesync.spi.OutsideRow;
import io.tradesync.spi.TradeSource;
import io.tradesync.spi.log.OutsideRows;
import java.util.List;
import java.util.OptionalLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds the rows of the source that no range holds, whenever everything is compared. No failure of
 * this ends a comparison, unless a side is gone.
 */
public final class OutsideKeyOrder {

  private static final Logger LOG = LoggerFactory.getLogger(OutsideKeyOrder.class);

  private final TradeSource source;
  private final OutsideRows kept;

  public OutsideKeyOrder(TradeSource source, OutsideRows kept) {
    this.source = source;
    this.kept = kept;
  }

  /** Records which rows the source has now; leaves the record as it is if that takes too long. */
  public void record() {
    try {
      List<OutsideRow> found = source.outsideKeyOrder(OutsideRows.MAX_ROWS);
      kept.replaceAll(found);
    } catch (SideUnavailableException e) {
      throwUnlessTooSlow(e);
    }
  }

  /** Counts the rows that the source has now; empty if that takes too long. */
  public OptionalLong count() {
    try {
      return OptionalLong.of(source.countWithoutKey());
    } catch (SideUnavailableException e) {
      throwUnlessTooSlow(e);
      return OptionalLong.empty();
    }
  }

  /** The number of rows that were found when everything was compared last. */
  public long known() {
    return kept.count();
  }

  private static void throwUnlessTooSlow(SideUnavailableException failure) {
    if (!failure.isTimeout()) {
      throw failure;
    }
    LOG.warn("the rows outside the key order could not be read in time");
  }
}
