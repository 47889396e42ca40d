package io.tradesync.internal.work;

import static org.assertj.core.api.Assertions.assertThat;

import io.tradesync.KeyRange;
import io.tradesync.TradeKey;
import io.tradesync.internal.compare.PlannedRange;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RepairUnitsTest {

  private static final long DAY = 86_400;
  private static final long FIRST = 20_000 * DAY + 5_000;

  private static List<Task.Pieces> units(List<PlannedRange> ranges, int maxUnits, long minTrades) {
    return RepairUnits.of(
        ranges,
        maxUnits,
        minTrades,
        range -> Optional.of(new TradeKey(Math.max(FIRST, range.after().epochSecond()), "a")));
  }

  private static PlannedRange planned(TradeKey after, long upTo, long trades) {
    return new PlannedRange(new KeyRange(after, new TradeKey(upTo, "z")), trades, 0, trades);
  }

  /** Asserts that the units are exactly the ranges, in order. */
  private static void assertWhole(List<Task.Pieces> units, List<PlannedRange> ranges) {
    List<KeyRange> joined = new ArrayList<>();
    int before = -1;
    for (Task.Pieces unit : units) {
      assertThat(unit.pieces()).isNotEmpty();
      for (Task.Piece piece : unit.pieces()) {
        KeyRange part = piece.part().range();
        assertThat(part.isEmpty()).isFalse();
        if (piece.of() == before) {
          KeyRange last = joined.remove(joined.size() - 1);
          assertThat(part.after()).isEqualTo(last.upTo());
          joined.add(new KeyRange(last.after(), part.upTo()));
        } else {
          joined.add(part);
        }
        before = piece.of();
      }
    }
    assertThat(joined).isEqualTo(ranges.stream().map(PlannedRange::range).toList());
  }

  @Test
  void aLongRangeIsCutAtDays() {
    List<PlannedRange> ranges = List.of(planned(TradeKey.MIN, FIRST + 40 * DAY, 40_000));

    List<Task.Pieces> units = units(ranges, 16, 100);

    assertWhole(units, ranges);
    assertThat(units).hasSizeBetween(12, 32);
    assertThat(units.subList(0, units.size() - 1))
        .allSatisfy(unit -> assertThat(Math.floorMod(unit.through().epochSecond(), DAY)).isZero());
  }

  @Test
  void aRangeOfOneDayIsCutAtHours() {
    List<PlannedRange> ranges = List.of(planned(TradeKey.MIN, FIRST + DAY / 2, 40_000));

    List<Task.Pieces> units = units(ranges, 8, 100);

    assertWhole(units, ranges);
    assertThat(units).hasSizeBetween(6, 16);
    assertThat(units.subList(0, units.size() - 1))
        .allSatisfy(
            unit -> assertThat(Math.floorMod(unit.through().epochSecond(), 3_600)).isZero());
  }

  @Test
  void manyTradesOfOneSecondAreOneUnit() {
    List<PlannedRange> ranges = List.of(planned(TradeKey.startOf(FIRST), FIRST, 1_000_000));

    List<Task.Pieces> units = units(ranges, 8, 100);

    assertWhole(units, ranges);
    assertThat(units).hasSize(1);
  }

  @Test
  void shortRangesShareUnitsAndOneBetweenThemIsDivided() {
    List<PlannedRange> ranges = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      ranges.add(
          planned(TradeKey.startOf(FIRST + i * DAY), FIRST + i * DAY + 50, i == 50 ? 9_000 : 10));
    }

    List<Task.Pieces> units = units(ranges, 10, 10);

    assertWhole(units, ranges);
    assertThat(units).hasSizeBetween(5, 30);
    assertThat(units.stream().mapToInt(unit -> unit.pieces().size()).max().orElse(0))
        .isGreaterThan(10);
  }

  @Test
  void fewTradesAreOneUnit() {
    List<PlannedRange> ranges = List.of(planned(TradeKey.MIN, FIRST + 40 * DAY, 99));

    assertThat(units(ranges, 16, 100)).hasSize(1);
  }
}
