package io.tradesync.inmemory;

import io.tradesync.ForcedTrades;
import io.tradesync.RunKind;
import io.tradesync.RunOutcome;
import io.tradesync.SyncRun;
import io.tradesync.spi.log.RunHistory;
import io.tradesync.spi.log.RunState;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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
  public void begin(String runId, RunKind kind, String host, @Nullable ForcedTrades forced) {
    synchronized (lock) {
      if (runs.containsKey(runId)) {
        return;
      }
      runs.replaceAll(
          (id, run) ->
              isOver(run, kind) ? RunState.aborted(run).recordedIn(run, clock.instant()) : run);
      Instant now = clock.instant();
      runs.put(
          runId,
          new SyncRun(
              runId, kind, RunOutcome.RUNNING, now, null, host, 0, 0, 0, forced, null, null, now));
    }
  }

  private boolean isOver(SyncRun run, RunKind begins) {
    return run.outcome() == RunOutcome.RUNNING
        && (run.kind() == RunKind.AUDIT) == (begins == RunKind.AUDIT);
  }

  @Override
  public void update(String runId, RunState state) {
    synchronized (lock) {
      runs.computeIfPresent(runId, (id, run) -> state.recordedIn(run, clock.instant()));
    }
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
