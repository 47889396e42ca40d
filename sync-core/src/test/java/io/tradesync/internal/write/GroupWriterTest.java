package io.tradesync.internal.write;

import static io.tradesync.SampleTrades.T0;
import static io.tradesync.SampleTrades.keys;
import static io.tradesync.SampleTrades.trade;
import static io.tradesync.internal.write.InMemoryWritePath.batches;
import static org.assertj.core.api.Assertions.assertThat;

import io.tradesync.ManualClock;
import io.tradesync.SampleTrades;
import io.tradesync.Trade;
import io.tradesync.TradeKey;
import io.tradesync.inmemory.InMemoryTradeSource;
import io.tradesync.internal.thread.StopCheck;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;

class GroupWriterTest {

  private static final BooleanSupplier NEVER = () -> false;

  private final InMemoryWritePath path = new InMemoryWritePath();
  private final InMemoryTradeSource source = path.source;
  private final GroupWriter writer = path.groupWriter();
  private final GroupSize size = GroupSize.growing(8, new ManualClock());
  private final List<Trade> trades = SampleTrades.trades(40, 1);
  private final Map<Long, BatchOutcome> outcomes = new LinkedHashMap<>();

  private boolean write(List<Batch> group, BooleanSupplier cancelled) {
    return writer.write(
        group,
        path.context,
        size,
        cancelled,
        (batch, outcome) -> outcomes.put(batch.number(), outcome));
  }

  private void refuseGroups() {
    path.sink.hook =
        batch -> {
          if (batch.changes().size() > 10) {
            throw new IllegalStateException("too many");
          }
        };
  }

  @Test
  void theBatchesOfAGroupShareATransaction() {
    assertThat(write(batches(trades, 10), NEVER)).isTrue();

    assertThat(path.log.transactions).hasValue(1);
    assertThat(outcomes.keySet()).containsExactly(0L, 1L, 2L, 3L);
    assertThat(outcomes.get(2L).written()).isEqualTo(keys(trades.subList(20, 30)));
  }

  @Test
  void ifAGroupFailsEachBatchIsWrittenAlone() {
    refuseGroups();

    assertThat(write(batches(trades, 10), NEVER)).isTrue();

    assertThat(path.log.transactions).hasValue(1 + 4);
    assertThat(outcomes.keySet()).containsExactly(0L, 1L, 2L, 3L);
    assertThat(path.sink.held.writes()).isEqualTo(40);
  }

  @Test
  void aBadTradeFailsInItsOwnBatch() {
    path.refuse(Set.of(trades.get(15).key()));

    write(batches(trades, 10), NEVER);

    assertThat(outcomes.values())
        .extracting(outcome -> outcome.failed().size())
        .containsExactly(0, 1, 0, 0);
    assertThat(path.log.failedTrades().list(TradeKey.MIN, 10))
        .singleElement()
        .satisfies(failed -> assertThat(failed.key()).isEqualTo(trades.get(15).key()));
  }

  @Test
  void afterAFailureGroupsBeginAgainWithOneBatch() {
    size.written(1, size.begin());
    size.written(2, size.begin());
    path.refuse(Set.of(trades.get(39).key()));

    write(batches(trades, 10), NEVER);

    assertThat(size.now()).isEqualTo(1);
  }

  @Test
  void aCancelledGroupIsNotBegun() {
    assertThat(write(batches(trades, 10), () -> true)).isFalse();

    assertThat(path.log.transactions).hasValue(0);
  }

  @Test
  void cancellingStopsBetweenBatchesThatAreWrittenAlone() {
    refuseGroups();

    assertThat(write(batches(trades, 10), () -> outcomes.size() == 2)).isFalse();

    assertThat(path.sink.held.writes()).isEqualTo(20);
  }

  @Test
  void tradesThatAreKnownCountInTheirBatch() {
    write(batches(trades.subList(10, 20), 10), NEVER);

    write(batches(trades, 10), NEVER);

    assertThat(outcomes.get(0L).written()).hasSize(10);
    assertThat(outcomes.get(1L).known()).isEqualTo(keys(trades.subList(10, 20)));
  }

  @Test
  void anIdAtTwoKeysIsDecidedByTheSource() {
    Trade before = trade("moved", T0);
    Trade after = trade("moved", T0 + 100);
    source.put(after);

    write(batches(List.of(before, after), 1), NEVER);

    assertThat(path.log.transactions).hasValue(1 + 1 + 1);
    assertThat(outcomes.get(1L).written()).containsExactly(after.key());
    assertThat(path.sink.held.trades()).containsExactly(after);
  }

  @Test
  void anIdAtTwoKeysOfABatchIsDecidedByTheSource() {
    Trade before = trade("moved", T0);
    Trade after = trade("moved", T0 + 100);
    source.put(after);

    write(batches(List.of(before, after), 2), NEVER);

    assertThat(outcomes.get(0L).written()).containsExactly(after.key());
    assertThat(outcomes.get(0L).disputed()).containsExactly(before.key());
    assertThat(path.sink.held.trades()).containsExactly(after);
  }

  @Test
  void aTradeThatContradictsTheLogIsDecidedByTheSource() {
    Trade moved = trade(trades.get(0).id(), T0 + 100);
    write(batches(trades, 10), NEVER);
    source.put(moved);

    write(batches(List.of(trade("new", T0 + 50), moved), 1), NEVER);

    assertThat(path.log.transactions).hasValue(1 + 1 + 1);
    assertThat(outcomes.get(1L).written()).containsExactly(moved.key());
    assertThat(path.sink.held.trades()).contains(moved).doesNotContain(trades.get(0));
  }

  private Trade moved(int place) {
    return trade(trades.get(place).id(), T0 + 100 + place);
  }

  private Batch move(int number, TradeKey leaves) {
    return new Batch(number, List.of(new Repair.Write(moved(number), leaves)));
  }

  @Test
  void tradesThatLeaveTheKeysAtWhichTheyWereSeenAreMovedAtOnce() {
    write(batches(trades, 10), NEVER);
    outcomes.clear();

    write(List.of(move(0, trades.get(0).key()), move(1, trades.get(1).key())), NEVER);

    assertThat(path.log.transactions).hasValue(1 + 1);
    assertThat(outcomes.get(1L).written()).containsExactly(moved(1).key());
    assertThat(path.sink.held.trades())
        .contains(moved(0), moved(1))
        .doesNotContain(trades.get(0), trades.get(1));
  }

  @Test
  void aTradeThatHasMovedOnMeanwhileIsDecidedByTheSource() {
    write(batches(trades, 10), NEVER);
    Trade newest = trade(trades.get(1).id(), T0 + 200);
    source.put(moved(0));
    source.put(newest);
    write(List.of(new Batch(0, List.of(new Repair.Write(newest)))), NEVER);
    outcomes.clear();

    write(List.of(move(0, trades.get(0).key()), move(1, trades.get(1).key())), NEVER);

    assertThat(outcomes.get(0L).written()).containsExactly(moved(0).key());
    assertThat(outcomes.get(1L).disputed()).containsExactly(moved(1).key());
    assertThat(path.sink.held.trades()).contains(moved(0), newest).doesNotContain(moved(1));
  }

  @Test
  void aTradeThatWasMovedMeanwhileIsKnown() {
    write(batches(trades, 10), NEVER);
    source.put(moved(0));
    source.put(moved(1));
    write(List.of(new Batch(0, List.of(new Repair.Write(moved(1))))), NEVER);
    outcomes.clear();

    write(List.of(move(0, trades.get(0).key()), move(1, trades.get(1).key())), NEVER);

    assertThat(outcomes.get(0L).written()).containsExactly(moved(0).key());
    assertThat(outcomes.get(1L).known()).containsExactly(moved(1).key());
  }

  @Test
  void deferredWorkIsDoneUntilNoneIsLeft() {
    path.sink.deferredPieces.set(3);

    assertThat(writer.deferred().complete(path.context, StopCheck.NEVER)).isZero();

    assertThat(path.log.transactions).hasValue(3);
  }
}
