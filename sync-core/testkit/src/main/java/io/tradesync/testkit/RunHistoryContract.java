package io.tradesync.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.tradesync.ForcedTrades;
import io.tradesync.RunKind;
import io.tradesync.RunOutcome;
import io.tradesync.SyncRun;
import io.tradesync.TradeKey;
import io.tradesync.TradeSelection;
import io.tradesync.spi.log.RunHistory;
import io.tradesync.spi.log.RunState;
import io.tradesync.spi.log.SyncLog;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * Checks {@link SyncLog#runs}.
 *
 * <ul>
 *   <li>A run is readable while it is under way and afterwards.
 *   <li>The latest runs come first.
 *   <li>A run that begins twice is recorded once.
 *   <li>A run that begins aborts runs whose process died.
 *   <li>A closed run stays closed and may still record how it ended.
 *   <li>An aborted force is resumed until a force with the same or an earlier start has ended.
 *   <li>An aborted force is resumed until a force of the same trades has ended.
 * </ul>
 */
public abstract class RunHistoryContract extends LogContract {

  private static final ForcedTrades SOME =
      new ForcedTrades(T, T + 9, TradeSelection.ALL.withChains(1, 10).withPools("a", "b"));

  @Test
  void aRunIsReadableWhileItIsUnderWayAndAfterwards() {
    log.runs().begin("r1", RunKind.FORCE, "host", SOME);
    SyncRun begun = log.runs().find("r1").orElseThrow();
    assertThat(begun.outcome()).isEqualTo(RunOutcome.RUNNING);
    assertThat(begun.kind()).isEqualTo(RunKind.FORCE);
    assertThat(begun.forced()).isEqualTo(SOME);
    assertThat(begun.endedAt()).isNull();
    assertThat(begun.through()).isNull();
    assertThat(begun.asOf()).isEqualTo(begun.startedAt());

    TradeKey through = new TradeKey(T + 5, "x");
    log.runs().update("r1", new RunState(RunOutcome.RUNNING, 1, 0, 3, through, null));
    SyncRun underWay = log.runs().find("r1").orElseThrow();
    assertThat(underWay.endedAt()).isNull();
    assertThat(underWay.asOf()).isAfterOrEqualTo(underWay.startedAt());
    log.runs().update("r1", new RunState(RunOutcome.COMPLETED, 2, 1, 3, through, "done"));

    SyncRun ended = log.runs().find("r1").orElseThrow();
    assertThat(ended.outcome()).isEqualTo(RunOutcome.COMPLETED);
    assertThat(ended.processed()).isEqualTo(2);
    assertThat(ended.errors()).isEqualTo(1);
    assertThat(ended.total()).isEqualTo(3);
    assertThat(ended.through()).isEqualTo(through);
    assertThat(ended.message()).isEqualTo("done");
    assertThat(ended.endedAt()).isAfterOrEqualTo(ended.startedAt());
    assertThat(ended.asOf()).isAfterOrEqualTo(underWay.asOf());
    assertThat(log.runs().find("r2")).isEqualTo(Optional.empty());
  }

  @Test
  void theLatestRunsComeFirst() {
    for (String run : List.of("r1", "r2", "r3")) {
      log.runs().begin(run, RunKind.RUN, "host", null);
    }

    assertThat(log.runs().latest(2)).extracting(SyncRun::id).containsExactly("r3", "r2");
    assertThat(log.runs().following("r3", 1)).extracting(SyncRun::id).containsExactly("r2");
    assertThat(log.runs().following("r3", 9)).extracting(SyncRun::id).containsExactly("r2", "r1");
    assertThat(log.runs().following("r1", 9)).isEmpty();
    assertThat(log.runs().following("no run", 9)).isEmpty();
  }

  @Test
  void aRunThatBeginsTwiceIsRecordedOnce() {
    log.runs().begin("r1", RunKind.RUN, "host", null);
    log.runs().update("r1", new RunState(RunOutcome.RUNNING, 1, 0, 2, null, null));
    log.runs().begin("r1", RunKind.RUN, "host", null);

    assertThat(log.runs().latest(10)).singleElement().extracting(SyncRun::processed).isEqualTo(1L);
  }

  @Test
  void aRunThatBeginsAbortsRunsWhoseProcessDied() {
    TradeKey through = new TradeKey(T + 5, "x");
    log.runs().begin("ended", RunKind.RUN, "host", null);
    log.runs().update("ended", new RunState(RunOutcome.COMPLETED, 1, 0, 1, null, "done"));
    log.runs().begin("audit", RunKind.AUDIT, "host", null);
    log.runs().begin("died", RunKind.FORCE, "host", ForcedTrades.after(T));
    log.runs().update("died", new RunState(RunOutcome.RUNNING, 5, 1, 9, through, null));

    log.runs().begin("next", RunKind.RUN, "host", null);

    SyncRun died = log.runs().find("died").orElseThrow();
    assertThat(died.outcome()).isEqualTo(RunOutcome.ABORTED);
    assertThat(died.endedAt()).isNotNull();
    assertThat(died.message()).isEqualTo(RunHistory.ABORTED_MESSAGE);
    assertThat(List.of(died.processed(), died.errors(), died.total())).containsExactly(5L, 1L, 9L);
    assertThat(died.through()).isEqualTo(through);
    assertThat(died.forced()).isEqualTo(ForcedTrades.after(T));
    assertThat(log.runs().find("ended").orElseThrow().message()).isEqualTo("done");
    assertThat(log.runs().find("audit").orElseThrow().outcome()).isEqualTo(RunOutcome.RUNNING);
    assertThat(log.runs().find("next").orElseThrow().outcome()).isEqualTo(RunOutcome.RUNNING);
    log.runs().begin("audit 2", RunKind.AUDIT, "host", null);
    assertThat(log.runs().find("audit").orElseThrow().outcome()).isEqualTo(RunOutcome.ABORTED);
  }

  /** A process that was only stopped comes back, and finds its lease lost. */
  @Test
  void aClosedRunStaysClosedAndMayStillRecordHowItEnded() {
    log.runs().begin("r1", RunKind.RUN, "host", null);
    log.runs().begin("r2", RunKind.RUN, "host", null);

    log.runs().update("r1", new RunState(RunOutcome.RUNNING, 5, 0, 9, null, null));
    assertThat(log.runs().find("r1").orElseThrow().outcome()).isEqualTo(RunOutcome.ABORTED);
    log.runs().update("r1", new RunState(RunOutcome.FAILED, 5, 0, 9, null, "lease lost"));
    assertThat(log.runs().find("r1").orElseThrow().outcome()).isEqualTo(RunOutcome.FAILED);
  }

  @Test
  void anAbortedForceIsResumedUntilAForceWithTheSameOrAnEarlierStartHasEnded() {
    assertThat(log.runs().abortedForce()).isEmpty();
    force("alive", T, RunOutcome.RUNNING, null);
    assertThat(log.runs().abortedForce()).isEmpty();

    log.runs().begin("r1", RunKind.RUN, "host", null);
    assertThat(log.runs().abortedForce()).map(SyncRun::id).contains("alive");
    force("shorter", T + 1, RunOutcome.COMPLETED, null);
    force("failed", T, RunOutcome.FAILED, null);
    assertThat(log.runs().abortedForce()).map(SyncRun::id).contains("alive");

    force("further", T, RunOutcome.RUNNING, new TradeKey(T + 9, "x"));
    force("not so far", T, RunOutcome.RUNNING, new TradeKey(T + 9, "a"));
    force("not at all", T, RunOutcome.RUNNING, null);
    log.runs().begin("r2", RunKind.RUN, "host", null);
    assertThat(log.runs().abortedForce()).map(SyncRun::id).contains("further");
    force("rest", T, RunOutcome.COMPLETED, null);
    assertThat(log.runs().abortedForce()).isEmpty();

    force("again", T, RunOutcome.RUNNING, null);
    force("unwanted", T - 1, RunOutcome.CANCELLED, null);
    assertThat(log.runs().abortedForce()).isEmpty();
  }

  @Test
  void anAbortedForceIsResumedUntilAForceOfTheSameTradesHasEnded() {
    begin("died", SOME);
    log.runs().begin("r1", RunKind.RUN, "host", null);
    List<ForcedTrades> others =
        List.of(
            new ForcedTrades(T, T + 8, SOME.selection()),
            new ForcedTrades(T + 1, T + 9, SOME.selection()),
            new ForcedTrades(T, T + 9, SOME.selection().withChains(1)),
            new ForcedTrades(T, T + 9, SOME.selection().withPools("a", "c")));
    for (ForcedTrades other : others) {
      complete("force " + other, other);
      assertThat(log.runs().abortedForce()).map(SyncRun::forced).contains(SOME);
    }
    List<ForcedTrades> all =
        List.of(
            SOME,
            ForcedTrades.after(T),
            new ForcedTrades(T, T + 10, SOME.selection().withPools()),
            new ForcedTrades(T - 1, T + 9, SOME.selection().withChains()));
    for (ForcedTrades covering : all) {
      begin("died before " + covering, SOME);
      log.runs().begin("run before " + covering, RunKind.RUN, "host", null);
      assertThat(log.runs().abortedForce()).map(SyncRun::forced).contains(SOME);
      complete("force " + covering, covering);
      assertThat(log.runs().abortedForce()).isEmpty();
    }
  }

  private void begin(String runId, ForcedTrades forced) {
    log.runs().begin(runId, RunKind.FORCE, "host", forced);
  }

  private void complete(String runId, ForcedTrades forced) {
    begin(runId, forced);
    log.runs().update(runId, new RunState(RunOutcome.COMPLETED, 0, 0, 9, null, "words"));
  }

  private void force(String runId, long after, RunOutcome outcome, @Nullable TradeKey through) {
    begin(runId, ForcedTrades.after(after));
    log.runs().update(runId, new RunState(outcome, 0, 0, 9, through, "words"));
  }
}
