package io.tradesync.internal.compare;

import io.tradesync.KeyRange;
import io.tradesync.SideUnavailableException;
import io.tradesync.TradeKey;
import io.tradesync.internal.thread.StopCheck;
import java.util.Optional;
import java.util.function.Function;

/**
 * Walks over a range in slices of whole seconds. The width of a slice follows the density of the
 * trades, so that a request to the source takes about a quarter of a second and none takes long.
 */
final class SliceWalker {

  static final long FIRST_WIDTH = 64;

  private static final long TARGET_NANOS = 250_000_000;
  private static final long FIRST_TRADES = 20_000;
  private static final long MIN_TRADES = 1_000;
  private static final long MAX_TRADES = 250_000;
  private static final long MAX_WIDTH = 1L << 32;
  private static final int GROWTH = 8;

  /** Handles a slice and returns the number of trades on the side that has more. */
  interface Visitor {
    long visit(KeyRange slice, long seconds);
  }

  private final Function<KeyRange, Optional<TradeKey>> first;
  private final Visitor visitor;
  private final StopCheck stopCheck;
  private long targetTrades = FIRST_TRADES;
  private long width;

  /**
   * @param first finds the first key of a range, on either side
   * @param stopCheck called before each slice
   * @param width the width of the first slice in seconds
   */
  SliceWalker(
      Function<KeyRange, Optional<TradeKey>> first,
      Visitor visitor,
      StopCheck stopCheck,
      long width) {
    this.width = width;
    this.first = first;
    this.visitor = visitor;
    this.stopCheck = stopCheck;
  }

  /** The width that the next slice would have, in seconds. */
  long width() {
    return width;
  }

  /** Walks to the end of a range. */
  void walk(KeyRange range) {
    KeyRange rest = walk(range, Long.MAX_VALUE);
    if (!rest.isEmpty()) {
      throw new IllegalStateException("not walked over: " + rest);
    }
  }

  /** Walks until slices of so many trades were handled; returns the rest of the range. */
  KeyRange walk(KeyRange range, long maxTrades) {
    long handled = 0;
    Optional<TradeKey> next = isOneSlice(range) ? Optional.of(range.after()) : first.apply(range);
    KeyRange rest = range;
    while (next.isPresent()) {
      long start = next.get().epochSecond();
      long held;
      do {
        long end = start + Math.min(width, Long.MAX_VALUE - Math.max(0, start));
        KeyRange slice = KeyRange.seconds(start, end).intersect(rest);
        stopCheck.throwIfStopped();
        long began = System.nanoTime();
        try {
          held = visitor.visit(slice, width);
        } catch (SideUnavailableException e) {
          if (!e.isTimeout() || width == 1) {
            throw e;
          }
          width = Math.max(1, width / GROWTH);
          targetTrades = Math.max(MIN_TRADES, targetTrades / GROWTH);
          held = 1;
          continue;
        }
        start = end;
        rest = end == Long.MAX_VALUE ? rest.upTo(rest.after()) : rest.after(TradeKey.startOf(end));
        adapt(held, System.nanoTime() - began);
        handled += held;
        if (handled >= maxTrades) {
          return rest;
        }
      } while (held > 0 && !rest.isEmpty());
      next = rest.isEmpty() ? Optional.empty() : first.apply(rest);
    }
    return rest.upTo(rest.after());
  }

  // The few seconds since the last comparison need no request for their first key.
  private boolean isOneSlice(KeyRange range) {
    return !range.isEmpty()
        && (double) range.upTo().epochSecond() - range.after().epochSecond() < width;
  }

  private void adapt(long held, long nanos) {
    if (held >= MIN_TRADES) {
      long affordable = (long) (held * ((double) TARGET_NANOS / Math.max(1, nanos)));
      targetTrades =
          Math.max(MIN_TRADES, Math.min(Math.min(MAX_TRADES, targetTrades * 2), affordable));
    }
    double fitting = (double) width * targetTrades / Math.max(1, held);
    width = (long) Math.max(1, Math.min(Math.min(MAX_WIDTH, (double) width * GROWTH), fitting));
  }
}
