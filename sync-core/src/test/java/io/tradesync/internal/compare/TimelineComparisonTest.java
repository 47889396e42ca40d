package io.tradesync.internal.compare;

import static org.assertj.core.api.Assertions.assertThat;

import io.tradesync.GapCounts;
import io.tradesync.GapPage;
import io.tradesync.KeyRange;
import io.tradesync.MinimalSource;
import io.tradesync.SampleTrades;
import io.tradesync.Timeline;
import io.tradesync.TimelineBucket;
import io.tradesync.Trade;
import io.tradesync.TradeKey;
import io.tradesync.internal.compare.InMemorySides.State;
import io.tradesync.spi.SourceDigest;
import io.tradesync.spi.TradeSource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntFunction;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

class TimelineComparisonTest {

  private static final long T0 = SampleTrades.T0;

  private static Timeline timeline(InMemorySides sides, TradeSource source, KeyRange range, int n) {
    return new TimelineComparison(
            source, sides.log.entries(), TradeKey.MIN, KeyRange.all(), System.nanoTime())
        .compare(range, n);
  }

  @Property(tries = 100)
  void eachBucketHoldsExactlyItsTradesAndGaps(@ForAll long seed) {
    InMemorySides sides = InMemorySides.random(seed, 300);
    int most = 1 + Math.floorMod(seed, 40);
    Timeline timeline = timeline(sides, sides.source, KeyRange.all(), most);

    assertThat(timeline.complete()).isTrue();
    assertThat(timeline.buckets()).hasSizeLessThanOrEqualTo(most);
    long source = 0;
    GapCounts gaps = GapCounts.NONE;
    for (TimelineBucket bucket : timeline.buckets()) {
      KeyRange range = KeyRange.seconds(bucket.fromEpochSecond(), bucket.toEpochSecond());
      assertThat(bucket.source()).isEqualTo(sides.tradesIn(range));
      assertThat(bucket.gaps()).isEqualTo(sides.gaps(range));
      source += bucket.source();
      gaps = gaps.plus(bucket.gaps());
    }
    assertThat(source).isEqualTo(sides.tradesIn(KeyRange.all()));
    assertThat(gaps).isEqualTo(sides.gaps(KeyRange.all()));
    assertThat(timeline(sides, new MinimalSource(sides.source), KeyRange.all(), most))
        .isEqualTo(timeline);
  }

  @Property(tries = 60)
  void gapsAreListedPageByPage(@ForAll long seed) {
    InMemorySides sides = InMemorySides.random(seed, 300);
    int limit = 1 + Math.floorMod(seed, 50);
    List<TradeKey> keys = new ArrayList<>();
    KeyRange rest = KeyRange.all();
    while (!rest.isEmpty()) {
      GapPage page = GapListing.list(sides.source, sides.log.entries(), TradeKey.MIN, rest, limit);
      assertThat(page.gaps()).hasSizeLessThanOrEqualTo(limit);
      page.gaps().forEach(gap -> keys.add(gap.key()));
      rest = page.rest();
    }

    assertThat(keys).containsExactlyElementsOf(sides.repairs(KeyRange.all(), kind -> true));
  }

  private static InMemorySides many(int trades, IntFunction<State> state) {
    InMemorySides sides = new InMemorySides();
    for (int i = 0; i < trades; i++) {
      sides.add(SampleTrades.nth(i, T0 + i), state.apply(i));
    }
    sides.store();
    return sides;
  }

  @Example
  void aLargeBucketTellsItsGapsWhereTheyCanBeNarrowedDownAndElseThatItDiffers() {
    InMemorySides scattered = many(6_000, i -> i % 2 == 0 ? State.MISSING : State.SAME);
    InMemorySides narrow = many(6_000, i -> i / 10 == 350 ? State.CHANGED : State.SAME);
    InMemorySides missing = many(6_000, i -> State.MISSING);
    InMemorySides orphaned = many(6_000, i -> State.ORPHANED);

    assertThat(one(scattered)).isEqualTo(new TimelineBucket(T0, T0 + 6_000, 6_000, 3_000, null));
    assertThat(one(narrow).gaps()).isEqualTo(new GapCounts(0, 0, 10, 0));
    assertThat(one(missing).gaps()).isEqualTo(new GapCounts(6_000, 0, 0, 0));
    assertThat(one(orphaned).gaps()).isEqualTo(new GapCounts(0, 0, 0, 6_000));
  }

  private static TimelineBucket one(InMemorySides sides) {
    Timeline timeline = timeline(sides, sides.source, KeyRange.all(), 1);
    assertThat(timeline.buckets()).hasSize(1);
    return timeline.buckets().get(0);
  }

  @Example
  void whatArrivesWhileALargeBucketIsReadIsNoDifference() {
    InMemorySides sides = many(6_000, i -> State.SAME);
    Trade late = SampleTrades.nth(20_000, T0 + 5_500);
    AtomicInteger calls = new AtomicInteger();
    TradeSource before =
        new MinimalSource(sides.source) {
          @Override
          public List<SourceDigest> digests(List<KeyRange> ranges) {
            List<SourceDigest> digests = super.digests(ranges);
            if (calls.incrementAndGet() == 1) {
              sides.source.putAll(List.of(late));
              InMemorySides.process(sides.log, late);
            }
            return digests;
          }
        };

    assertThat(timeline(sides, before, KeyRange.seconds(T0, T0 + 6_000), 1).buckets().get(0).gaps())
        .isEqualTo(GapCounts.NONE);
  }

  @Example
  void aTimelineThatTakesTooLongEndsEarlyAndSaysSo() {
    InMemorySides sides = many(100, i -> State.SAME);
    Timeline late =
        new TimelineComparison(
                sides.source,
                sides.log.entries(),
                TradeKey.MIN,
                KeyRange.all(),
                System.nanoTime() - Duration.ofMinutes(1).toNanos())
            .compare(KeyRange.all(), 10);

    assertThat(late.complete()).isFalse();
    assertThat(late.buckets()).isEmpty();
    assertThat(late.toEpochSecond()).isEqualTo(T0 + 100);
  }

  @Example
  void theScopeBoundsWhatIsRead() {
    InMemorySides sides = many(100, i -> State.MISSING);
    Timeline timeline =
        new TimelineComparison(
                sides.source,
                sides.log.entries(),
                TradeKey.MIN,
                KeyRange.from(T0 + 50),
                System.nanoTime())
            .compare(KeyRange.seconds(T0, T0 + 100), 4);

    assertThat(timeline.buckets())
        .extracting(TimelineBucket::source)
        .containsExactly(0L, 0L, 25L, 25L);
  }

  @Example
  void emptySidesHaveNoBuckets() {
    assertThat(timeline(new InMemorySides(), new InMemorySides().source, KeyRange.all(), 5))
        .isEqualTo(new Timeline(0, 0, 1, List.of(), true));
  }
}
