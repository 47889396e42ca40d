package io.tradesync;

import io.tradesync.spi.OutsideRow;
import io.tradesync.spi.log.OutsideRows;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Some of the rows of the source that have no place in the key order, as the log knows them: from
 * the last comparison of everything, and from live feeds since. Immutable.
 *
 * @param rows the rows, in the order of their names ({@link OutsideRow#ref})
 * @param asOf when a comparison of everything recorded them last, by the store's clock; null if
 *     none did yet
 */
public record OutsideRowPage(List<OutsideRow> rows, @Nullable Instant asOf) {

  /** Copies the rows. */
  public OutsideRowPage {
    rows = List.copyOf(rows);
  }

  static OutsideRowPage of(OutsideRows kept, OutsideRow.@Nullable Ref after, int limit) {
    return new OutsideRowPage(kept.list(after, limit), kept.asOf().orElse(null));
  }
}
