package io.tradesync.internal.compare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.tradesync.GapCounts;
import io.tradesync.GapKind;
import io.tradesync.KeyRange;
import io.tradesync.MinimalSource;
import io.tradesync.RecordingSource;
import io.tradesync.SampleTrades;
import io.tradesync.SideUnavailableException;
import io.tradesync.Trade;
import io.tradesync.TradeKey;
import io.tradesync.internal.compare.InMemorySides.State;
import io.tradesync.internal.plan.RepairReader;
import io.tradesync.internal.thread.StopCheck;
import io.tradesync.internal.write.Repair;
import io.tradesync.spi.SourcePage;
import io.tradesync.spi.TradeSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.TreeSet;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

class ComparisonTest {

  private static final GapSelection ANY = GapSelection.all();
  private static final KeyRange ALL = KeyRange.all();

  @Property(tries = 1_000)
  void findsExactlyWhatDiffers(@ForAll long seed) {
    InMemorySides sides = InMemorySides.random(seed, 300);
    assertExact(sides, sides.source, ALL, ANY, 300);
  }

  @Property(tries = 15)
  void findsExactlyWhatDiffersAmongMany(@ForAll long seed) {
    InMemorySides sides = InMemorySides.random(seed, 12_000);
    assertExact(sides, sides.source, ALL, ANY, 1_000);
  }

  @Property(tries = 300)
  void aSourceWithTwoMethodsIsEnough(@ForAll long seed) {
    InMemorySides sides = InMemorySides.random(seed, 300);
    assertExact(sides, new MinimalSource(sides.source), ALL, ANY, 300);
  }

  @Property(tries = 300)
  void aSourceThatCapsItsPagesLosesNothing(@ForAll long seed) {
    InMemorySides sides = InMemorySides.random(seed, 300);
    TradeSource capped =
        new MinimalSource(sides.source) {
          @Override
          public SourcePage<Trade> page(KeyRange range, int limit) {
            return super.page(range, Math.min(limit, 7));
          }
        };
    assertExact(sides, capped, ALL, ANY, 300);
  }

  @Property(tries = 300)
  void aRangeIsComparedByItself(@ForAll long seed) {
    InMemorySides sides = InMemorySides.random(seed, 300);
    KeyRange range = ALL;
    if (!sides.states.isEmpty()) {
      List<TradeKey> keys = List.copyOf(sides.states.keySet());
      Random random = new Random(seed);
      TradeKey from = keys.get(random.nextInt(keys.size()));
      TradeKey to = keys.get(random.nextInt(keys.size()));
      range =
          random.nextBoolean()
              ? new KeyRange(from, to)
              : KeyRange.seconds(from.epochSecond(), to.epochSecond());
    }
    assertExact(sides, sides.source, range, ANY, 100);
  }

  @Property(tries = 300)
  void whatIsNotRepairedIsCountedAndNotPlanned(@ForAll long seed) {
    InMemorySides sides = InMemorySides.random(seed, 300);
    assertExact(sides, sides.source, ALL, without(GapKind.CHANGED), 100);
    assertExact(sides, sides.source, ALL, without(GapKind.MISSING), 100);
    assertExact(sides, sides.source, ALL, GapSelection.none(), 100);
  }

  @Property(tries = 500)
  void aSlowSourceIsAskedForLessAndNothingIsCountedTwice(@ForAll long seed) {
    InMemorySides sides = InMemorySides.random(seed, 300);
    long tied = maxInOneSecond(sides);
    assertExact(sides, new RecordingSource(sides.source, tied + 20, tied + 20), ALL, ANY, 100);
    assertExact(sides, new RecordingSource(sides.source, 400, tied + 5), ALL, ANY, 100);
    assertExact(sides, new RecordingSource(sides.source, tied, tied), ALL, ANY, 100);
  }

  @Example
  void aSourceThatIsTooSlowForOneSecondEndsTheComparison() {
    InMemorySides sides = new InMemorySides();
    for (int i = 0; i < 50; i++) {
      sides.add(SampleTrades.nth(i, SampleTrades.T0), State.SAME);
    }
    sides.store();
    assertThatExceptionOfType(SideUnavailableException.class)
        .isThrownBy(
            () -> assertExact(sides, new RecordingSource(sides.source, 49, 100), ALL, ANY, 100));
  }

  @Example
  void tenThousandTradesOfOneSecond() {
    for (State state : State.values()) {
      InMemorySides sides = new InMemorySides();
      for (int i = 0; i < 10_000; i++) {
        sides.add(SampleTrades.nth(i, SampleTrades.T0), i % 1_000 == 17 ? state : State.SAME);
      }
      sides.store();
      assertExact(sides, sides.source, ALL, ANY, 1_000);
    }
  }

  @Example
  void holesAtHeadMiddleAndTail() {
    for (int hole : List.of(0, 2_500, 4_999)) {
      InMemorySides sides = new InMemorySides();
      for (int i = 0; i < 5_000; i++) {
        State state = i == hole ? State.MISSING : State.SAME;
        sides.add(SampleTrades.nth(i, SampleTrades.T0 + 60L * i), state);
      }
      sides.store();
      assertExact(sides, sides.source, ALL, ANY, 1_000);
    }
  }

  @Example
  void sparseYears() {
    InMemorySides sides = new InMemorySides();
    for (int i = 0; i < 200; i++) {
      State state = i % 3 == 0 ? State.MISSING : State.SAME;
      sides.add(SampleTrades.nth(i, -3_000_000_000L + i * 31_536_000L), state);
    }
    sides.store();
    assertExact(sides, sides.source, ALL, ANY, 100);
  }

  @Example
  void bothSidesEmpty() {
    InMemorySides sides = new InMemorySides();
    assertExact(sides, sides.source, ALL, ANY, 100);
  }

  @Example
  void millisecondsByMistakeAndTimesAtTheEndsOfTheRange() {
    InMemorySides sides = new InMemorySides();
    sides.add(SampleTrades.nth(0, SampleTrades.T0), State.SAME);
    sides.add(SampleTrades.nth(1, SampleTrades.T0 * 1_000), State.MISSING);
    sides.add(SampleTrades.nth(2, SampleTrades.T0 * 1_000_000_000), State.MISSING);
    sides.add(SampleTrades.nth(3, Long.MIN_VALUE), State.MISSING);
    sides.add(SampleTrades.nth(4, Long.MAX_VALUE - 1), State.MISSING);
    sides.add(SampleTrades.nth(5, Long.MAX_VALUE - 2), State.CHANGED);
    sides.store();
    assertExact(sides, sides.source, ALL, ANY, 100);
  }

  /** The source of these sides, which gets a trade when it is asked by id. */
  private static TradeSource sourceThatGets(Trade trade, InMemorySides sides) {
    return new MinimalSource(sides.source) {
      @Override
      public SourcePage<Trade> byIds(Collection<String> ids) {
        sides.source.put(trade);
        return super.byIds(ids);
      }
    };
  }

  @Example
  void aTradeThatChangedBackWhileItWasComparedIsNoGap() {
    InMemorySides sides = new InMemorySides();
    Trade trade = SampleTrades.nth(0, SampleTrades.T0);
    sides.add(trade, State.SAME);
    sides.store();
    Trade other = SampleTrades.trade(trade.id(), SampleTrades.T0, "5");
    sides.source.put(other);
    TradeSource moving = sourceThatGets(trade, sides);
    assertThat(compare(moving, sides, ALL, ANY, OrphanPolicy.countOnly()).counts())
        .isEqualTo(GapCounts.NONE);
  }

  @Example
  void aChangedTradeIsWrittenAsItWasReadLast() {
    InMemorySides sides = new InMemorySides();
    sides.add(SampleTrades.nth(0, SampleTrades.T0), State.CHANGED);
    sides.store();
    Trade newest = SampleTrades.trade(SampleTrades.nth(0, 0).id(), SampleTrades.T0, "5");
    TradeSource moving = sourceThatGets(newest, sides);
    assertThat(repairs(moving, sides, 10)).containsExactly(new Repair.Write(newest));
  }

  private static List<Repair> repairs(TradeSource source, InMemorySides sides, int pageSize) {
    RepairReader reader =
        new RepairReader(
            source, sides.log.entries(), RepairReader.Choice.writing(ANY), List.of(ALL), pageSize);
    List<Repair> repairs = new ArrayList<>();
    for (var page = reader.next(); page.isPresent(); page = reader.next()) {
      repairs.addAll(page.get().repairs());
    }
    return repairs;
  }

  @Example
  void aTradeThatMovedTellsTheKeyThatItLeavesAlsoInThePageBefore() {
    InMemorySides sides = new InMemorySides();
    for (int i = 0; i < 10; i++) {
      sides.add(SampleTrades.nth(i, SampleTrades.T0 + i), State.SAME);
    }
    sides.store();
    Trade here = SampleTrades.nth(1, SampleTrades.T0 + 1);
    Trade before = SampleTrades.nth(4, SampleTrades.T0 + 4);
    Trade hereNow = SampleTrades.nth(1, SampleTrades.T0 + 2);
    Trade beforeNow = SampleTrades.nth(4, SampleTrades.T0 + 6);
    sides.source.put(hereNow);
    sides.source.put(beforeNow);

    assertThat(repairs(sides.source, sides, 5))
        .containsExactly(
            new Repair.Write(hereNow, here.key()), new Repair.Write(beforeNow, before.key()));
  }

  @Example
  void aTradeThatChangedAfterItMovedDoesNotTellWhatItLeaves() {
    InMemorySides sides = new InMemorySides();
    Trade trade = SampleTrades.nth(0, SampleTrades.T0);
    sides.add(trade, State.SAME);
    sides.store();
    Trade read = SampleTrades.trade(trade.id(), SampleTrades.T0 + 5, "4");
    sides.source.put(read);
    TradeSource moving =
        sourceThatGets(SampleTrades.trade(trade.id(), SampleTrades.T0 + 5, "5"), sides);

    assertThat(repairs(moving, sides, 10)).containsExactly(new Repair.Write(read));
  }

  @Example
  void aTradeThatArrivedWhileItWasComparedIsNotOrphaned() {
    InMemorySides sides = new InMemorySides();
    for (int i = 0; i < 10; i++) {
      sides.add(SampleTrades.nth(i, SampleTrades.T0 + i), State.SAME);
    }
    sides.store();
    Trade late = SampleTrades.nth(4, SampleTrades.T0 + 4);
    sides.source.remove(late.id());
    TradeSource moving = sourceThatGets(late, sides);
    assertThat(compare(moving, sides, ALL, ANY, OrphanPolicy.countOnly()).counts())
        .isEqualTo(GapCounts.NONE);
  }

  private static GapSelection without(GapKind kind) {
    return new GapSelection(EnumSet.complementOf(EnumSet.of(kind)));
  }

  private static long maxInOneSecond(InMemorySides sides) {
    long most = 1;
    long here = 0;
    long second = Long.MIN_VALUE;
    for (TradeKey key : sides.states.keySet()) {
      here = key.epochSecond() == second ? here + 1 : 1;
      second = key.epochSecond();
      most = Math.max(most, here);
    }
    return most;
  }

  private static void assertExact(
      InMemorySides sides, TradeSource source, KeyRange range, GapSelection wanted, int pageSize) {
    OrphanPolicy retractions =
        wanted.contains(GapKind.ORPHANED) ? sides.retractions() : OrphanPolicy.countOnly();
    Findings found = compare(source, sides, range, wanted, retractions);
    assertThat(found.counts()).isEqualTo(sides.gaps(range));
    assertThat(found.trades()).isEqualTo(sides.tradesIn(range));
    // Where orphans are only counted, they are counted alike.
    assertThat(compare(source, sides, range, wanted, OrphanPolicy.countOnly()).counts())
        .isEqualTo(found.counts());
    PlannedRanges plan = found.plannedRanges();
    RepairReader.Choice choice = new RepairReader.Choice(wanted, false, retractions, TradeKey.MIN);

    TreeSet<TradeKey> expected = sides.repairs(range, wanted::contains);
    assertThat(plan.all().stream().mapToLong(PlannedRange::repairs).sum())
        .isEqualTo(expected.size());
    List<TradeKey> read = new ArrayList<>();
    TradeKey before = TradeKey.MIN;
    for (PlannedRange planned : plan.all()) {
      assertThat(planned.range().isEmpty()).isFalse();
      assertThat(planned.range().after()).isGreaterThanOrEqualTo(before);
      before = planned.range().upTo();
      assertThat(planned.trades()).isEqualTo(sides.tradesIn(planned.range()));
      int had = read.size();
      read(
          new RepairReader(source, sides.log.entries(), choice, List.of(planned.range()), pageSize),
          read);
      assertThat(planned.repairs()).isEqualTo(read.size() - had);
    }
    assertThat(read).containsExactlyElementsOf(expected);
  }

  private static Findings compare(
      TradeSource source,
      InMemorySides sides,
      KeyRange range,
      GapSelection wanted,
      OrphanPolicy retractions) {
    ComparisonContext context =
        new ComparisonContext(
            source,
            sides.log.entries(),
            wanted,
            retractions,
            ListedErrors.ALL,
            TradeKey.MIN,
            StopCheck.NEVER);
    Findings found = context.noFindings();
    new Comparison(context, found).compare(range);
    return found;
  }

  private static void read(RepairReader reader, List<TradeKey> into) {
    for (Optional<RepairReader.Page> page = reader.next(); page.isPresent(); page = reader.next()) {
      page.get().repairs().forEach(trade -> into.add(trade.key()));
    }
  }
}
