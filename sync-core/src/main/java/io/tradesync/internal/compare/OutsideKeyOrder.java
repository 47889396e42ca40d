package io.tradesync.internal.compare;

import io.tradesync.KeyRange;
import io.tradesync.SideUnavailableException;
import io.tradesync.TradeKey;
import io.tradesync.spi.OutsideRow;
import io.tradesync.spi.TradeSource;
import io.tradesync.spi.log.OutsideRows;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds the rows of the source that no range holds, whenever everything is compared. No failure of
 * this ends a comparison, unless a side is gone.
 */
public final class OutsideKeyOrder {

  private static final Logger LOG = LoggerFactory.getLogger(OutsideKeyOrder.class);

  private static final String ANY_ID = "x";
  private static final TradeKey FIRST = new TradeKey(-TradeKey.MAX_EPOCH_SECOND, ANY_ID);
  private static final TradeKey LAST = new TradeKey(TradeKey.MAX_EPOCH_SECOND, ANY_ID);

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

  /**
   * Counts the rows that the source has now; empty if that takes too long. While rows are accepted,
   * the rows are read, since only their content tells which of them are.
   */
  public Optional<Count> count() {
    try {
      Set<OutsideRow.Ref> accepted = kept.accepted();
      long all = source.countWithoutKey();
      List<OutsideRow> rows =
          accepted.isEmpty() || all == 0 ? List.of() : source.outsideKeyOrder(OutsideRows.MAX_ROWS);
      return Optional.of(count(all, rows, accepted));
    } catch (SideUnavailableException e) {
      throwUnlessTooSlow(e);
      return Optional.empty();
    }
  }

  /**
   * Does both, and reads all rows of the source only once if it has none of these. Leaves the
   * record as it is, and returns nothing, if that takes too long.
   */
  public Optional<Count> recordAndCount() {
    try {
      long all = source.countWithoutKey();
      List<OutsideRow> rows = all == 0 ? List.of() : source.outsideKeyOrder(OutsideRows.MAX_ROWS);
      kept.replaceAll(rows);
      return Optional.of(count(all, rows, kept.accepted()));
    } catch (SideUnavailableException e) {
      throwUnlessTooSlow(e);
      return Optional.empty();
    }
  }

  private static Count count(long all, List<OutsideRow> rows, Set<OutsideRow.Ref> accepted) {
    long stillAccepted = rows.stream().filter(row -> accepted.contains(row.ref())).count();
    return new Count(Math.max(0, all - stillAccepted), stillAccepted, null);
  }

  /** The number of rows that were found when everything was compared last. */
  public Count known() {
    OutsideRows.Known known = kept.known();
    return new Count(known.rows() - known.accepted(), known.accepted(), known.asOf());
  }

  /**
   * How many rows have no place in the key order.
   *
   * @param failed those that are a gap
   * @param accepted those that somebody accepted
   * @param asOf when they were recorded; null for now, or if that is not known
   */
  public record Count(long failed, long accepted, @Nullable Instant asOf) {}

  /** Releases accepted rows of a range, those without a second if it holds every second. */
  public long release(KeyRange range) {
    if (kept.accepted().isEmpty()) {
      return 0;
    }
    boolean isAll = range.contains(FIRST) && range.contains(LAST);
    return kept.release(
        kept.list(null, OutsideRows.MAX_ROWS).stream()
            .filter(
                row ->
                    row.epochSecond() == null
                        ? isAll
                        : range.contains(new TradeKey(row.epochSecond(), ANY_ID)))
            .map(OutsideRow::ref)
            .toList());
  }

  private static void throwUnlessTooSlow(SideUnavailableException failure) {
    if (!failure.isTimeout()) {
      throw failure;
    }
    LOG.warn("the rows outside the key order could not be read in time");
  }
}
