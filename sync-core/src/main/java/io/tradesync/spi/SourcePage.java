package io.tradesync.spi;

import io.tradesync.Keyed;
import io.tradesync.TradeKey;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * The rows that a source answers a request with, and whether it holds no further ones. Immutable.
 *
 * <p>A page that is not the last may hold fewer rows than were asked for, as the pages of an API
 * with a limit of its own do, but at least one: the next request begins after {@link #end()}.
 *
 * @param <T> what is read of a row
 */
public final class SourcePage<T extends Keyed> {

  private final List<T> rows;
  private final boolean last;

  private SourcePage(List<T> rows, boolean last) {
    this.rows = List.copyOf(rows);
    this.last = last;
  }

  /**
   * Returns a page after which the request's ranges hold no more rows.
   *
   * @param rows rows in key order, possibly none
   */
  public static <T extends Keyed> SourcePage<T> last(List<T> rows) {
    return new SourcePage<>(rows, true);
  }

  /**
   * Returns a page after which the request's ranges may hold more rows.
   *
   * @param rows rows in key order, at least one
   */
  public static <T extends Keyed> SourcePage<T> notLast(List<T> rows) {
    return new SourcePage<>(rows, false);
  }

  /**
   * Returns the page that a source read with a limit of one row more than asked for. The additional
   * row only tells whether there are more.
   *
   * @param rows rows in key order, at most {@code limit} + 1
   * @param limit how many rows were asked for
   */
  public static <T extends Keyed> SourcePage<T> cut(List<T> rows, int limit) {
    return rows.size() > limit ? notLast(rows.subList(0, limit)) : last(rows);
  }

  /** The rows, in key order. */
  public List<T> rows() {
    return rows;
  }

  /** Whether the request's ranges hold no row after this page. */
  public boolean isLast() {
    return last;
  }

  /** The greatest key of the page, after which the next page begins; empty if it has no rows. */
  public Optional<TradeKey> end() {
    return rows.isEmpty() ? Optional.empty() : Optional.of(rows.get(rows.size() - 1).key());
  }

  <R extends Keyed> SourcePage<R> map(Function<T, R> mapping) {
    return new SourcePage<>(rows.stream().map(mapping).toList(), last);
  }

  @Override
  public String toString() {
    return rows + (last ? ", last" : ", not last");
  }
}
