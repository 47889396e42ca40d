package io.tradesync.memory;

import io.tradesync.RunKind;
import io.tradesync.RunOutcome;
import io.tradesync.SyncRun;
import io.tradesync.spi.RunJournal;
import io.tradesync.spi.RunState;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The audit trail of a log in memory. */
final class InMemoryRunJournal implements RunJournal {

  private final Object lock = new Object();
  private final Clock clock;
  private final Map<String, SyncRun> runs = new LinkedHashMap<>();

  InMemoryRunJournal(Clock clock) {
    this.clock = clock;
  }

  @Override
  public void begin(
      String runId, RunKind kind, String host, @Nullable Long forcedAfterEpochSecond) {
    synchronized (lock) {
      runs.putIfAbsent(
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

  @Override
  public void update(String runId, RunState state) {
    synchronized (lock) {
      runs.computeIfPresent(
          runId,
          (id, run) ->
              new SyncRun(
                  id,
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
                  state.message()));
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
