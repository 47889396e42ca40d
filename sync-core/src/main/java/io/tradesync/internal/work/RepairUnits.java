package io.tradesync.internal.work;

import io.tradesync.KeyRange;
import io.tradesync.TradeKey;
import io.tradesync.internal.compare.PlannedRange;
import io.tradesync.internal.work.Task.Piece;
import io.tradesync.internal.work.Task.Pieces;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * Divides planned ranges into units. A long range is cut at whole days if it has enough of them,
 * else at hours or minutes: two workers at one candle wait for each other.
 */
public final class RepairUnits {

  private static final List<Long> STEPS = List.of(86_400L, 3_600L, 900L, 300L, 60L);

  private final Function<KeyRange, Optional<TradeKey>> first;
  private final long target;
  private final List<Pieces> units = new ArrayList<>();
  private List<Piece> next = new ArrayList<>();
  private long held;

  private RepairUnits(Function<KeyRange, Optional<TradeKey>> first, long target) {
    this.first = first;
    this.target = target;
  }

  /**
   * Divides ranges.
   *
   * @param ranges the ranges in key order
   * @param maxUnits about how many units there are at most
   * @param minTrades how many trades a unit has at least, except the last one
   * @param first finds the first key of a range, on either side
   * @return the units in key order; together they are the ranges
   */
  public static List<Pieces> of(
      List<PlannedRange> ranges,
      int maxUnits,
      long minTrades,
      Function<KeyRange, Optional<TradeKey>> first) {
    long all = ranges.stream().mapToLong(RepairUnits::weight).sum();
    RepairUnits cut = new RepairUnits(first, Math.max(minTrades, all / maxUnits));
    for (int i = 0; i < ranges.size(); i++) {
      cut.add(i, ranges.get(i));
    }
    cut.endUnit();
    return cut.units;
  }

  private static long weight(PlannedRange range) {
    return Math.max(1, Math.max(range.trades(), range.repairs()));
  }

  private void add(int index, PlannedRange whole) {
    List<KeyRange> parts = parts(whole.range(), weight(whole) / target);
    long shares = parts.size();
    for (KeyRange part : parts) {
      PlannedRange share =
          new PlannedRange(
              part, whole.writes() / shares, whole.retractions() / shares, whole.trades() / shares);
      next.add(new Piece(index, share));
      held += weight(share);
      // Another part of the same size would leave the unit further from the target.
      if (held + weight(share) / 2 >= target) {
        endUnit();
      }
    }
  }

  private void endUnit() {
    if (!next.isEmpty()) {
      units.add(new Pieces(next));
      next = new ArrayList<>();
      held = 0;
    }
  }

  private List<KeyRange> parts(KeyRange range, long wanted) {
    Optional<TradeKey> from = wanted < 2 ? Optional.empty() : first.apply(range);
    if (from.isEmpty()) {
      return List.of(range);
    }
    long begin = from.get().epochSecond();
    long width = aligned((range.upTo().epochSecond() - begin) / wanted);
    List<KeyRange> parts = new ArrayList<>();
    KeyRange rest = range;
    for (long end = (Math.floorDiv(begin, width) + 1) * width;
        end < range.upTo().epochSecond();
        end += width) {
      parts.add(rest.upTo(TradeKey.startOf(end)));
      rest = rest.after(TradeKey.startOf(end));
    }
    parts.add(rest);
    return parts;
  }

  private static long aligned(long width) {
    for (long step : STEPS) {
      if (width >= step) {
        return width - width % step;
      }
    }
    return Math.max(1, width);
  }
}
