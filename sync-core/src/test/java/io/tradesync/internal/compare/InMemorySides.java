package io.tradesync.internal.compare;

import io.tradesync.GapCounts;
import io.tradesync.GapKind;
import io.tradesync.KeyRange;
import io.tradesync.SampleTrades;
import io.tradesync.Trade;
import io.tradesync.TradeKey;
import io.tradesync.inmemory.InMemorySyncLog;
import io.tradesync.inmemory.InMemoryTradeSource;
import io.tradesync.spi.SinkCapability;
import io.tradesync.spi.log.Claim;
import io.tradesync.spi.log.ClaimMode;
import io.tradesync.spi.log.ClaimRequest;
import io.tradesync.spi.log.GracePeriod;
import io.tradesync.spi.log.TradeFailure;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;

/** A source and a log that differ at random, and what a brute-force comparison finds. */
final class InMemorySides {

  enum State {
    SAME(null),
    MISSING(GapKind.MISSING),
    ERROR(GapKind.ERROR),
    CHANGED(GapKind.CHANGED),
    RETRACTED_AND_BACK(GapKind.MISSING),
    CHANGED_WITH_REASON(GapKind.CHANGED),
    ORPHANED(GapKind.ORPHANED),
    ORPHANED_ERROR(GapKind.ORPHANED),
    RETRACTED(null);

    final GapKind gap;

    State(GapKind gap) {
      this.gap = gap;
    }

    boolean atSource() {
      return ordinal() < ORPHANED.ordinal();
    }
  }

  final InMemoryTradeSource source = new InMemoryTradeSource();
  final InMemorySyncLog log = new InMemorySyncLog();
  final TreeMap<TradeKey, State> states = new TreeMap<>();

  static InMemorySides random(long seed, int most) {
    Random random = new Random(seed);
    InMemorySides sides = new InMemorySides();
    int count = random.nextInt(most + 1);
    long[] seconds = seconds(random, count);
    int gapsIn1000 = random.nextBoolean() ? random.nextInt(10) : random.nextInt(1000);
    int holeFrom = random.nextInt(count + 1) - count / 4;
    int holeTo = holeFrom + random.nextInt(count / 2 + 1);
    State[] all = State.values();
    for (int i = 0; i < count; i++) {
      boolean hole = i >= holeFrom && i < holeTo;
      boolean gap = random.nextInt(1000) < gapsIn1000;
      State state = hole ? State.MISSING : gap ? all[random.nextInt(all.length)] : State.SAME;
      sides.add(SampleTrades.nth(random.nextInt(90) * 100_000 + i, seconds[i]), state);
    }
    sides.store();
    return sides;
  }

  private static long[] seconds(Random random, int count) {
    long[] seconds = new long[count];
    long at = random.nextBoolean() ? SampleTrades.T0 : -random.nextInt(4000);
    int pace = random.nextInt(6);
    for (int i = 0; i < count; i++) {
      boolean jump = random.nextInt(50) == 0;
      at +=
          switch (pace) {
            case 0 -> 0;
            case 1 -> random.nextInt(10) == 0 ? 1 : 0;
            case 2 -> random.nextInt(3);
            case 3 -> random.nextInt(100_000);
            case 4 -> jump ? random.nextInt(100_000_000) : random.nextInt(2);
            default -> jump ? random.nextLong() >>> 12 : 12 * random.nextInt(2);
          };
      seconds[i] = at;
    }
    return seconds;
  }

  private final List<Trade> processed = new ArrayList<>();
  private final List<TradeFailure> failed = new ArrayList<>();
  private final List<TradeFailure> failedLater = new ArrayList<>();
  private final List<TradeKey> retracted = new ArrayList<>();
  private final List<Trade> there = new ArrayList<>();

  void add(Trade trade, State state) {
    states.put(trade.key(), state);
    if (state.atSource()) {
      there.add(trade);
    }
    Trade other = SampleTrades.trade(trade.id(), trade.epochSecond(), "777");
    TradeFailure failure = new TradeFailure(trade.key(), trade.fingerprint(), "bad", true);
    switch (state) {
      case SAME, ORPHANED -> processed.add(trade);
      case CHANGED -> processed.add(other);
      case MISSING -> {}
      case ERROR, ORPHANED_ERROR -> failed.add(failure);
      case RETRACTED, RETRACTED_AND_BACK -> {
        processed.add(trade);
        retracted.add(trade.key());
      }
      case CHANGED_WITH_REASON -> {
        processed.add(other);
        failedLater.add(failure);
      }
    }
  }

  void store() {
    source.putAll(there);
    try {
      log.transact(
          null,
          transaction -> {
            Claim ignored = transaction.claim(request(processed, List.of()));
            return true;
          });
      log.transact(null, transaction -> transaction.claim(request(List.of(), retracted)));
    } catch (Exception e) {
      throw new AssertionError(e);
    }
    log.failedTrades().markFailed(failed, "before", 10);
    log.failedTrades().markFailed(failedLater, "before", 10);
  }

  static void process(InMemorySyncLog log, Trade trade) {
    try {
      log.transact(null, transaction -> transaction.claim(request(List.of(trade), List.of())));
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  private static ClaimRequest request(List<Trade> trades, List<TradeKey> retractions) {
    return new ClaimRequest(
        trades, retractions, ClaimMode.REPAIR, EnumSet.allOf(SinkCapability.class), "before");
  }

  /** Judges as a run does that waits for nothing. */
  OrphanPolicy retractions() {
    return new RetractedOrphans(
        log.orphans(), log.entries(), KeyRange.all(), GracePeriod.overNow(Duration.ZERO), true);
  }

  GapCounts gaps(KeyRange range) {
    GapCounts sum = GapCounts.NONE;
    for (var entry : states.entrySet()) {
      if (range.contains(entry.getKey())) {
        sum =
            sum.plus(
                switch (entry.getValue()) {
                  case SAME, RETRACTED -> GapCounts.NONE;
                  case MISSING, RETRACTED_AND_BACK -> new GapCounts(1, 0, 0, 0);
                  case ERROR -> new GapCounts(0, 1, 0, 0);
                  case CHANGED, CHANGED_WITH_REASON -> new GapCounts(0, 0, 1, 0);
                  case ORPHANED, ORPHANED_ERROR -> new GapCounts(0, 0, 0, 1);
                });
      }
    }
    return sum;
  }

  TreeSet<TradeKey> repairs(KeyRange range, Predicate<GapKind> wanted) {
    TreeSet<TradeKey> repairs = new TreeSet<>();
    states.forEach(
        (key, state) -> {
          if (range.contains(key) && state.gap != null && wanted.test(state.gap)) {
            repairs.add(key);
          }
        });
    return repairs;
  }

  long tradesIn(KeyRange range) {
    return states.entrySet().stream()
        .filter(entry -> range.contains(entry.getKey()) && entry.getValue().atSource())
        .count();
  }
}
