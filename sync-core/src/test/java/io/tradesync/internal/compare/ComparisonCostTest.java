package io.tradesync.internal.compare;

import static org.assertj.core.api.Assertions.assertThat;

import io.tradesync.GapCounts;
import io.tradesync.KeyRange;
import io.tradesync.RecordingSource;
import io.tradesync.SampleTrades;
import io.tradesync.Trade;
import io.tradesync.TradeKey;
import io.tradesync.internal.compare.InMemorySides.State;
import io.tradesync.internal.plan.RepairReader;
import io.tradesync.internal.thread.StopCheck;
import io.tradesync.spi.TradeSource;
import io.tradesync.spi.log.LogEntries;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** The cost of a comparison follows the gap, not the table. */
class ComparisonCostTest {

  private static final int MANY = 50_000;
  private static final RepairReader.Choice EVERY_GAP =
      RepairReader.Choice.writing(GapSelection.all());

  private final InMemorySides sides = new InMemorySides();
  private final AtomicLong logRequests = new AtomicLong();
  private final AtomicLong logRows = new AtomicLong();

  private LogEntries watchedLog() {
    LogEntries entries = sides.log.entries();
    return (LogEntries)
        Proxy.newProxyInstance(
            LogEntries.class.getClassLoader(),
            new Class<?>[] {LogEntries.class},
            (proxy, method, args) -> {
              if (method.getName().equals("handOuts")) {
                return List.of(); // not asked for if the sink joins the log's transaction
              }
              Object answer = method.invoke(entries, args);
              logRequests.incrementAndGet();
              if (method.getName().equals("page")) {
                logRows.addAndGet(((List<?>) answer).size());
              }
              return answer;
            });
  }

  private Findings compare(TradeSource source, KeyRange range) {
    ComparisonContext context =
        new ComparisonContext(
            source,
            watchedLog(),
            GapSelection.all(),
            OrphanPolicy.countOnly(),
            ListedErrors.ALL,
            TradeKey.MIN,
            StopCheck.NEVER);
    Findings found = context.noFindings();
    new Comparison(context, found).compare(range);
    return found;
  }

  private RecordingSource compare(GapCounts expected) {
    RecordingSource source = new RecordingSource(sides.source);
    Findings found = compare(source, KeyRange.all());
    assertThat(found.counts()).isEqualTo(expected);
    for (PlannedRange planned : found.plannedRanges().all()) {
      RepairReader reader =
          new RepairReader(source, sides.log.entries(), EVERY_GAP, List.of(planned.range()), 1_000);
      while (reader.next().isPresent()) {}
    }
    return source;
  }

  private void steady(int secondsApart, int everyNth, State state) {
    steady(MANY, secondsApart, everyNth, state);
  }

  private void steady(int count, int secondsApart, int everyNth, State state) {
    for (int i = 0; i < count; i++) {
      State here = i % everyNth == everyNth / 2 ? state : State.SAME;
      sides.add(SampleTrades.nth(i, SampleTrades.T0 + (long) i * secondsApart), here);
    }
    sides.store();
  }

  @Test
  void nothingIsListedWhereNothingDiffers() {
    steady(12, Integer.MAX_VALUE, State.SAME);
    RecordingSource source = compare(GapCounts.NONE);
    assertThat(source.rows.get()).isZero();
    assertThat(logRows.get()).isZero();
    assertThat(source.requests.get()).isLessThan(60);
    assertThat(logRequests.get()).isLessThan(60);
  }

  @Test
  void oneHoleListsASmallPart() {
    steady(200_000, 12, 200_000, State.MISSING);
    RecordingSource source = compare(new GapCounts(1, 0, 0, 0));
    assertThat(source.rows.get()).isLessThan(1_000);
    assertThat(source.read.get()).isLessThanOrEqualTo(64);
    assertThat(logRows.get()).isLessThan(1_000);
    assertThat(source.requests.get()).isLessThan(70);
  }

  @Test
  void hundredHolesListLittleMore() {
    steady(12, MANY / 100, State.MISSING);
    RecordingSource source = compare(new GapCounts(100, 0, 0, 0));
    assertThat(source.rows.get()).isLessThan(100 * 200);
    assertThat(source.requests.get()).isLessThan(100 * 3 + 70);
  }

  @Test
  void aLongGapIsReadOnceAndNotListed() {
    for (int i = 0; i < MANY; i++) {
      State here = i >= MANY / 2 ? State.MISSING : State.SAME;
      sides.add(SampleTrades.nth(i, SampleTrades.T0 + 12L * i), here);
    }
    sides.store();
    RecordingSource source = compare(new GapCounts(MANY / 2, 0, 0, 0));
    assertThat(source.read.get()).isLessThanOrEqualTo(MANY / 2);
    assertThat(source.rows.get()).isLessThan(MANY / 2 + 1_000);
  }

  @Test
  void aBurstAfterQuietYearsIsNotListedAsAWhole() {
    for (int i = 0; i < MANY; i++) {
      State here = i == MANY / 2 ? State.CHANGED : State.SAME;
      long at = i < 20 ? i * 30_000_000L : 600_000_000L + i / 2;
      sides.add(SampleTrades.nth(i, at), here);
    }
    sides.store();
    RecordingSource source = compare(new GapCounts(0, 0, 1, 0));
    assertThat(source.rows.get()).isLessThan(5_000);
    assertThat(logRows.get()).isLessThan(5_000);
  }

  @Test
  void aLongRangeReadsEachEntryOfTheLogOnce() {
    for (int i = 0; i < 10_000; i++) {
      sides.add(SampleTrades.nth(i, SampleTrades.T0 + i), State.ERROR);
    }
    sides.store();
    RepairReader reader =
        new RepairReader(sides.source, watchedLog(), EVERY_GAP, List.of(KeyRange.all()), 1_000);
    while (reader.next().isPresent()) {}
    assertThat(logRows.get()).isEqualTo(10_000);
  }

  @Test
  void theNewestSecondsCostOneRequestASide() {
    steady(100, 1, 100, State.MISSING);
    RecordingSource source = new RecordingSource(sides.source);
    KeyRange newest = KeyRange.seconds(SampleTrades.T0 + 60, SampleTrades.T0 + 100);

    Findings found = compare(source, newest);

    assertThat(found.counts()).isEqualTo(GapCounts.NONE);
    assertThat(found.trades()).isEqualTo(40);
    assertThat(source.requests.get()).isEqualTo(1);
    assertThat(logRequests.get()).isEqualTo(1);
  }

  @Test
  void quietYearsCostFewRequests() {
    for (int i = 0; i < 100; i++) {
      sides.add(SampleTrades.nth(i, i * 31_536_000L), State.SAME);
    }
    sides.store();
    RecordingSource source = compare(GapCounts.NONE);
    assertThat(source.requests.get()).isLessThan(60);
  }

  @Test
  void aSlowSourceIsNotAskedTooMuchForLong() {
    steady(1, MANY, State.MISSING);
    RecordingSource source = new RecordingSource(sides.source, 3_000, 3_000);
    Findings found = compare(source, KeyRange.all());
    assertThat(found.counts()).isEqualTo(new GapCounts(1, 0, 0, 0));
    // Each refusal costs the source its whole time limit.
    assertThat(source.refused.get()).isLessThan(source.requests.get() / 3);
  }

  @Test
  void aForceCountsInSlices() {
    List<Trade> trades = SampleTrades.trades(50_000, 1);
    sides.source.putAll(trades);
    assertThat(
            SourceCounter.count(
                new RecordingSource(sides.source, 2_000, 0), KeyRange.all(), StopCheck.NEVER))
        .isEqualTo(50_000);
    assertThat(
            SourceCounter.count(
                sides.source, KeyRange.from(SampleTrades.T0 + 49_999), StopCheck.NEVER))
        .isEqualTo(1);
    assertThat(
            SourceCounter.count(
                sides.source, KeyRange.from(SampleTrades.T0 + 50_000), StopCheck.NEVER))
        .isZero();
  }
}
