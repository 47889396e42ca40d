package io.tradesync.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.tradesync.KeyRange;
import io.tradesync.SyncEngine;
import io.tradesync.Trade;
import io.tradesync.spi.log.SubRanges;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

/**
 * The part of {@link WorkersContract} about what is compared again after a run, and what is not.
 *
 * @param <T> the type of the log's transactions
 */
abstract class WorkersVerification<T> extends WorkersFixture<T> {

  @Test
  void markedSubRangesAreComparedByWorkers() {
    List<Trade> trades = fill();
    SyncEngine engine = verifying();
    assertCounts(engine.run(), TRADES, 0);
    List<Trade> changed = new ArrayList<>();
    for (int i = 0; i < TRADES; i += 10) {
      changed.addAll(trades(i, i + 1, 2));
    }
    trades.removeIf(trade -> number(trade.id()) % 10 == 0);
    trades.addAll(changed);
    change(List.of(), changed);
    assertThat(engine.audit().gaps().changed()).isEqualTo(36);
    List<String> passes = new CopyOnWriteArrayList<>();
    lose(
        (order, unit) -> {
          passes.add(order.pass());
          return false;
        });
    try (SyncEngine counting = engine(settings -> settings.compareAllUpTo(1))) {
      assertCounts(counting.run(), 36, 0);
    }

    assertThat(passes.stream().filter("compare"::equals).count()).isGreaterThan(1);
    assertEqual(trades);
  }

  @Test
  void whatWorkersRepairedCompletelyIsVerified() {
    fill();

    assertCounts(verifying().run(), TRADES, 0);

    assertThat(marks()).isEmpty();
  }

  @Test
  void whereAWorkerLeftAGapIsComparedAgain() {
    List<Trade> trades = fill();
    hook =
        changes -> {
          if (changes.stream().anyMatch(change -> change.key().id().equals("t123"))) {
            throw new IllegalArgumentException("no such pool");
          }
        };

    assertCounts(verifying().run(), TRADES - 1, 1);

    assertThat(marks()).containsExactly(subRange(123));
    hook = null;
    assertCounts(verifying().run(), 1, 0);
    assertThat(marks()).isEmpty();
    assertEqual(trades);
  }

  @Test
  void whatAnotherPathChangesWhileWorkersRepairIsComparedAgain() {
    fill();
    hook = changes -> sides.log().verification().markUnverified(List.of(subRange(7)));

    assertCounts(verifying().run(), TRADES, 0);

    assertThat(marks()).containsExactly(subRange(7));
  }

  @Test
  void aRunOfWhichAnOutcomeIsLostVerifiesNothing() {
    List<Trade> trades = fill();
    lose((order, unit) -> order.pass().equals("repair") && unit.number() == 1);

    assertThat(verifying().run().success()).isFalse();

    assertThat(marks()).isNotEmpty();
    lose((order, unit) -> false);
    assertThat(verifying().run().success()).isTrue();
    assertThat(marks()).isEmpty();
    assertEqual(trades);
  }

  private List<KeyRange> marks() {
    return sides.log().verification().snapshot().unverified();
  }

  /** Everything is final, and compared once only. */
  private SyncEngine verifying() {
    clock.set(Instant.ofEpochSecond(T0 + 10 * TRADES * APART));
    return engine(settings -> settings.compareAllUpTo(1));
  }

  private static KeyRange subRange(int trade) {
    long start = SubRanges.start(T0 + trade * APART);
    return KeyRange.seconds(start, start + SubRanges.SECONDS);
  }
}
