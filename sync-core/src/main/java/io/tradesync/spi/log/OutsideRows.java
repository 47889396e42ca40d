package io.tradesync.spi.log;

import io.tradesync.spi.OutsideRow;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the rows of the source that have no place in the key order, so that they are counted and
 * listed without asking the source. Each comparison of everything replaces what is kept by what the
 * source has then; a live feed adds what it brings. Used by many threads at once.
 */
public interface OutsideRows {

  /** How many rows an engine records at most. */
  int MAX_ROWS = 10_000;

  /** Keeps nothing. */
  OutsideRows NONE =
      new OutsideRows() {
        @Override
        public void replaceAll(List<OutsideRow> rows) {}

        @Override
        public void add(List<OutsideRow> rows) {}

        @Override
        public Known known() {
          return Known.NOTHING;
        }

        @Override
        public List<OutsideRow> list(OutsideRow.@Nullable Ref after, int limit) {
          return List.of();
        }
      };

  /**
   * Records what a comparison of everything found: adds what is new, and removes what the source no
   * longer has. A row that is accepted and stays is still accepted.
   *
   * @param rows all rows outside the key order that the source has, or the first {@link #MAX_ROWS}
   */
  void replaceAll(List<OutsideRow> rows);

  /**
   * Adds rows that a live feed brought. A row whose id is kept already, by its {@linkplain
   * OutsideRow#idHash hash}, is not added again.
   */
  void add(List<OutsideRow> rows);

  /** Counts the rows. */
  Known known();

  /**
   * How many rows there are.
   *
   * @param rows all of them
   * @param accepted those that are {@linkplain #accept accepted}
   * @param asOf when {@link #replaceAll} was called last, by the log's clock; null if that never
   *     happened, or the log does not record it
   */
  record Known(long rows, long accepted, @Nullable Instant asOf) {

    /** None. */
    public static final Known NOTHING = new Known(0, 0, null);
  }

  /**
   * Lists rows in the order of their names: by the hash of the id, then by that of the row.
   *
   * @param after the name after which to begin, also of a row that is gone; null for the first ones
   * @param limit the largest number of rows to return; at least 1
   */
  List<OutsideRow> list(OutsideRow.@Nullable Ref after, int limit);

  /** Returns what {@link #list} returns, and as of when it is. */
  default Page page(OutsideRow.@Nullable Ref after, int limit) {
    return new Page(list(after, limit), known().asOf());
  }

  /**
   * Some of the rows. Immutable.
   *
   * @param rows the rows, in the order of their names
   * @param asOf when a comparison of everything recorded them last; null if that is not known
   */
  record Page(List<OutsideRow> rows, @Nullable Instant asOf) {

    /** Copies the rows. */
    public Page {
      rows = List.copyOf(rows);
    }
  }

  /**
   * Accepts that some rows cannot be processed: they count as accepted instead of failed, until
   * they are released, or removed because the source no longer has a row of this content. By
   * default accepts none.
   *
   * @param rows the rows, in any order; one that is not kept is left alone
   * @param reason why, for whoever looks at the row later
   * @return how many of the rows are accepted now, also those that were before
   */
  default long accept(List<OutsideRow.Ref> rows, String reason) {
    return 0;
  }

  /**
   * Takes back what {@link #accept} did.
   *
   * @param rows the rows, in any order
   * @return how many of the rows were accepted
   */
  default long release(List<OutsideRow.Ref> rows) {
    return 0;
  }

  /** Returns the rows that are accepted. */
  default Set<OutsideRow.Ref> accepted() {
    return Set.of();
  }
}
