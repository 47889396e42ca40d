package io.tradesync.spi;

import io.tradesync.Keyed;
import io.tradesync.TradeKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * The rows that a source answers a request with, and whether it holds no further ones. Immutable.
 *
 * <p>A page that is not the last may hold fewer rows than were asked for, as the pages of an API
 * with a limit of its own do, but at least one: the next request begins after {@link #end()}. Rows
 * of one key are never divided between two pages, unless they alone are more than the limit.
 *
 * @param <T> what is read of a row that is a trade
 */
public final class SourcePage<T extends Keyed> {

  private final List<T> rows;
  private final List<UnreadableRow> unreadable;
  private final Set<String> idsOutsideKeyOrder;
  private final boolean last;

  private SourcePage(List<T> rows, List<UnreadableRow> unreadable, boolean last) {
    this(rows, unreadable, Set.of(), last);
  }

  private SourcePage(
      List<T> rows, List<UnreadableRow> unreadable, Set<String> idsOutsideKeyOrder, boolean last) {
    this.rows = List.copyOf(rows);
    this.unreadable = List.copyOf(unreadable);
    this.idsOutsideKeyOrder = Set.copyOf(idsOutsideKeyOrder);
    this.last = last;
  }

  /**
   * Returns a page after which the request's ranges hold no more rows.
   *
   * @param rows rows in key order, possibly none
   */
  public static <T extends Keyed> SourcePage<T> last(List<T> rows) {
    return last(rows, List.of());
  }

  /**
   * Returns a page after which the request's ranges hold no more rows.
   *
   * @param rows the rows that are trades, in key order, possibly none
   * @param unreadable the rows that are no trades, in key order, possibly none
   */
  public static <T extends Keyed> SourcePage<T> last(List<T> rows, List<UnreadableRow> unreadable) {
    return new SourcePage<>(rows, unreadable, true);
  }

  /**
   * Returns a page after which the request's ranges may hold more rows.
   *
   * @param rows rows in key order, at least one
   */
  public static <T extends Keyed> SourcePage<T> notLast(List<T> rows) {
    return notLast(rows, List.of());
  }

  /**
   * Returns a page after which the request's ranges may hold more rows. It holds at least one row.
   *
   * @param rows the rows that are trades, in key order
   * @param unreadable the rows that are no trades, in key order
   */
  public static <T extends Keyed> SourcePage<T> notLast(
      List<T> rows, List<UnreadableRow> unreadable) {
    return new SourcePage<>(rows, unreadable, false);
  }

  /**
   * Returns the page that a source read with a limit of one row more than asked for. The additional
   * row only tells whether there are more.
   *
   * @param rows rows in key order, at most {@code limit} + 1
   * @param limit how many rows were asked for
   */
  public static <T extends Keyed> SourcePage<T> cut(List<T> rows, int limit) {
    return cut(rows, List.of(), limit);
  }

  /**
   * As {@link #cut(List, int)}, where some rows are no trades. All of them count towards the limit.
   *
   * @param rows the rows that are trades, in key order
   * @param unreadable the rows that are no trades, in key order
   * @param limit how many rows were asked for; both lists together hold at most one more
   */
  public static <T extends Keyed> SourcePage<T> cut(
      List<T> rows, List<UnreadableRow> unreadable, int limit) {
    if (rows.size() + unreadable.size() <= limit) {
      return last(rows, unreadable);
    }
    List<? extends Keyed> all = inKeyOrder(rows, unreadable);
    TradeKey next = all.get(limit).key();
    int kept = limit;
    while (kept > 0 && all.get(kept - 1).key().equals(next)) {
      kept--;
    }
    if (kept == 0) {
      int trades = Math.min(rows.size(), limit);
      return notLast(rows.subList(0, trades), unreadable.subList(0, limit - trades));
    }
    return notLast(upTo(rows, all.get(kept - 1).key()), upTo(unreadable, all.get(kept - 1).key()));
  }

  private static <T extends Keyed> List<T> upTo(List<T> rows, TradeKey key) {
    int size = rows.size();
    while (size > 0 && key.isBefore(rows.get(size - 1).key())) {
      size--;
    }
    return rows.subList(0, size);
  }

  /** The rows that are trades, in key order. */
  public List<T> rows() {
    return rows;
  }

  /** The rows that are no trades, in key order. */
  public List<UnreadableRow> unreadable() {
    return unreadable;
  }

  /**
   * Returns this answer of {@link TradeSource#byIds}, which also found rows outside the key order.
   *
   * @param ids the ids of these rows
   */
  public SourcePage<T> withIdsOutsideKeyOrder(Set<String> ids) {
    return new SourcePage<>(rows, unreadable, ids, last);
  }

  /**
   * The ids that {@link TradeSource#byIds} found in rows outside the key order: rows whose
   * timestamp is null or no clock means it. Their trades are not gone.
   */
  public Set<String> idsOutsideKeyOrder() {
    return idsOutsideKeyOrder;
  }

  /** All rows of the page that have a key, in key order. */
  public List<? extends Keyed> all() {
    return inKeyOrder(rows, unreadable);
  }

  private static List<? extends Keyed> inKeyOrder(
      List<? extends Keyed> rows, List<UnreadableRow> unreadable) {
    if (unreadable.isEmpty()) {
      return rows;
    }
    List<Keyed> all = new ArrayList<>(rows.size() + unreadable.size());
    int next = 0;
    for (Keyed row : rows) {
      while (next < unreadable.size() && unreadable.get(next).key().isBefore(row.key())) {
        all.add(unreadable.get(next++));
      }
      all.add(row);
    }
    all.addAll(unreadable.subList(next, unreadable.size()));
    return all;
  }

  /** Whether the request's ranges hold no row after this page. */
  public boolean isLast() {
    return last;
  }

  /** The greatest key of the page, after which the next page begins; empty if it has no rows. */
  public Optional<TradeKey> end() {
    return Stream.of(rows, unreadable)
        .filter(some -> !some.isEmpty())
        .map(some -> some.get(some.size() - 1).key())
        .max(TradeKey::compareTo);
  }

  <R extends Keyed> SourcePage<R> map(Function<T, R> mapping) {
    return new SourcePage<>(rows.stream().map(mapping).toList(), unreadable, last);
  }

  @Override
  public String toString() {
    return rows
        + (unreadable.isEmpty() ? "" : ", unreadable " + unreadable)
        + (last ? ", last" : ", not last");
  }
}
