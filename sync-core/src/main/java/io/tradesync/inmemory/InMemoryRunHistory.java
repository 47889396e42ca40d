package io.tradesync.inmemory;

import io.tradesync.RunKind;
import io.tradesync.RunOutcome;
import io.tradesync.SyncRun;
import io.tradesync.TradeKey;
import io.tradesync.spi.log.RunHistory;
import io.tradesync.spi.log.RunState;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Records the runs of a log in memory. */
final class InMemoryRunHistory implements RunHistory {

  private final Object lock = new Object();
  private final Clock clock;
  private final Map<String, SyncRun> runs = new LinkedHashMap<>();

  InMemoryRunHistory(Clock clock) {
    this.clock = clock;
  }

  @Override
  public void begin(
      String runId, RunKind kind, String host, @Nullable Long forcedAfterEpochSecond) {
    synchronized (lock) {
      if (runs.containsKey(runId)) {
        return;
      }
      runs.replaceAll((id, run) -> isOver(run, kind) ? aborted(run) : run);
      runs.put(
          runId,
          new SyncRun(
              runId,
              kind,
              RunOutcome.RUNNING,
              clock.instant(),
              null,
              host,
              0,
              0,
              0,
              forcedAfterEpochSecond,
              null,
              null));
    }
  }

  private boolean isOver(SyncRun run, RunKind begins) {
    return run.outcome() == RunOutcome.RUNNING
        && (run.kind() == RunKind.AUDIT) == (begins == RunKind.AUDIT);
  }

  private SyncRun aborted(SyncRun run) {
    RunState state =
        new RunState(
            RunOutcome.ABORTED,
            run.processed(),
            run.errors(),
            run.total(),
            run.through(),
            RunHistory.ABORTED_MESSAGE);
    return updated(run, state);
  }

  @Override
  public void update(String runId, RunState state) {
    synchronized (lock) {
      runs.computeIfPresent(
          runId,
          (id, run) ->
              run.outcome() != RunOutcome.RUNNING && state.outcome() == RunOutcome.RUNNING
                  ? run
                  : updated(run, state));
    }
  }

  private SyncRun updated(SyncRun run, RunState state) {
    return new SyncRun(
        run.id(),
        run.kind(),
        state.outcome(),
        run.startedAt(),
        state.outcome() == RunOutcome.RUNNING ? null : clock.instant(),
        run.host(),
        state.processed(),
        state.errors(),
        state.total(),
        run.forcedAfterEpochSecond(),
        state.through(),
        state.message());
  }

  @Override
  public Optional<SyncRun> abortedForce() {
    synchronized (lock) {
      List<SyncRun> later = new ArrayList<>();
      List<SyncRun> open = new ArrayList<>();
      for (SyncRun run : latest(Integer.MAX_VALUE)) {
        Long after = run.forcedAfterEpochSecond();
        if (after == null) {
          continue;
        }
        if (run.outcome() == RunOutcome.ABORTED
            && later.stream().noneMatch(force -> isWithin(after, force))) {
          open.add(run);
        }
        later.add(run);
      }
      return open.stream().max(Comparator.comparing(InMemoryRunHistory::cameTo));
    }
  }

  private static boolean isWithin(long after, SyncRun force) {
    return (force.outcome() == RunOutcome.COMPLETED || force.outcome() == RunOutcome.CANCELLED)
        && Objects.requireNonNull(force.forcedAfterEpochSecond()) <= after;
  }

  private static TradeKey cameTo(SyncRun force) {
    TradeKey through = force.through();
    return through != null
        ? through
        : TradeKey.startOf(Objects.requireNonNull(force.forcedAfterEpochSecond()) + 1);
  }

  @Override
  public Optional<SyncRun> find(String runId) {
    synchronized (lock) {
      return Optional.ofNullable(runs.get(runId));
    }
  }

  @Override
  public List<SyncRun> latest(int limit) {
    synchronized (lock) {
      List<SyncRun> latest = new ArrayList<>(runs.values());
      Collections.reverse(latest);
      return List.copyOf(latest.subList(0, Math.min(limit, latest.size())));
    }
  }
}
