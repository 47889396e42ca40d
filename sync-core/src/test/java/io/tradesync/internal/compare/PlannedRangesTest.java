package io.tradesync.internal.compare;

import static org.assertj.core.api.Assertions.assertThat;

import io.tradesync.KeyRange;
import java.util.Random;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

class PlannedRangesTest {

  @Property(tries = 300)
  void staysBoundedAndLosesNothing(@ForAll long seed) {
    Random random = new Random(seed);
    int max = 1 + random.nextInt(20);
    PlannedRanges plan = new PlannedRanges(max);
    long repairs = 0;
    long trades = 0;
    long first = -1;
    long second = 0;
    for (int i = 0; i < 300; i++) {
      if (random.nextBoolean()) {
        long passed = random.nextInt(200);
        plan.pass(passed);
        trades += first >= 0 ? passed : 0;
        second += passed;
      } else {
        int here = 1 + random.nextInt(5);
        plan.add(KeyRange.seconds(second, second + here), here, 0, here);
        first = first < 0 ? second : first;
        repairs += here;
        trades += here;
        second += here;
      }
      assertThat(plan.all().size()).isLessThanOrEqualTo(max);
    }
    assertThat(repairs(plan)).isEqualTo(repairs);
    // One trade a second: what a range says it holds is how long it is.
    assertThat(plan.all())
        .allSatisfy(
            s ->
                assertThat(s.range().upTo().epochSecond() - s.range().after().epochSecond())
                    .isEqualTo(s.trades()));
    assertThat(plan.all().stream().mapToLong(PlannedRange::trades).sum())
        .isLessThanOrEqualTo(trades);
  }

  private static long repairs(PlannedRanges plan) {
    return plan.all().stream().mapToLong(PlannedRange::repairs).sum();
  }

  @Example
  void neighboursAreJoinedWhereLittleLiesBetween() {
    PlannedRanges plan = new PlannedRanges();
    plan.add(KeyRange.seconds(0, 10), 10, 0, 10);
    plan.pass(4);
    plan.add(KeyRange.seconds(14, 15), 1, 0, 1);
    plan.pass(5);
    plan.add(KeyRange.seconds(20, 21), 1, 0, 1);
    assertThat(plan.all())
        .containsExactly(
            new PlannedRange(KeyRange.seconds(0, 15), 11, 0, 15),
            new PlannedRange(KeyRange.seconds(20, 21), 1, 0, 1));
  }

  @Example
  void tooManyRangesAreJoinedWhereTheLeastLiesBetween() {
    PlannedRanges plan = new PlannedRanges(4);
    long second = 0;
    for (long passed : new long[] {0, 100, 10, 90, 20}) {
      plan.pass(passed);
      second += passed;
      plan.add(KeyRange.seconds(second, second + 1), 1, 0, 1);
      second++;
    }
    assertThat(plan.all())
        .containsExactly(
            new PlannedRange(KeyRange.seconds(0, 1), 1, 0, 1),
            new PlannedRange(KeyRange.seconds(101, 113), 2, 0, 12),
            new PlannedRange(KeyRange.seconds(203, 225), 2, 0, 22));
  }

  @Example
  void aHundredThousandHolesMakeABoundedPlan() {
    PlannedRanges plan = new PlannedRanges();
    for (int i = 0; i < 100_000; i++) {
      plan.pass(100);
      plan.add(KeyRange.seconds(i * 101L + 100, i * 101L + 101), 1, 0, 1);
    }
    assertThat(plan.all()).hasSizeBetween(2_048, 4_096);
    assertThat(repairs(plan)).isEqualTo(100_000);
  }

  @Example
  void anEmptyPlanHasNothingToDo() {
    PlannedRanges plan = new PlannedRanges();
    plan.pass(1_000);
    assertThat(plan.all()).isEmpty();
    assertThat(repairs(plan)).isZero();
  }
}
