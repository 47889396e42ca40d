package io.tradesync.examples.benchmarks;

import io.tradesync.RunOptions;
import io.tradesync.SyncEngine;
import io.tradesync.SyncListener;
import io.tradesync.SyncResult;
import io.tradesync.jdbc.PonderTradeSource;
import io.tradesync.jdbc.PostgresSyncLog;
import io.tradesync.jdbc.TimescaleSink;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Measures how long runs repair, and with how much CPU time, without the comparison before it. It
 * measures one engine at a time.
 */
final class RepairTimer implements SyncListener {

  private volatile @Nullable Arena arena;
  private volatile CpuTime plannedWith = CpuTime.UNKNOWN;
  private volatile long plannedAt;

  @Override
  public void runPlanned(String runId, long total) {
    plannedWith = cpu();
    plannedAt = System.nanoTime();
  }

  /** Returns the CPU time of now. */
  CpuTime cpu() {
    return CpuTime.ofBoth(Objects.requireNonNull(arena));
  }

  /** Returns the CPU time since the last run was planned. */
  CpuTime used() {
    return cpu().since(plannedWith);
  }

  /** Returns the seconds since the last run was planned. */
  double seconds() {
    return (System.nanoTime() - plannedAt) / 1e9;
  }

  /** Returns an engine whose runs are measured, and which retracts without a grace period. */
  SyncEngine engine(Arena arena, Backlog backlog, int batch, int parallelism) {
    this.arena = arena;
    return SyncEngine.builder()
        .source(PonderTradeSource.builder(arena.source()).schema(backlog.schema()).build())
        .log(PostgresSyncLog.builder(arena.store()).schema(Arena.SCHEMA).build())
        .sink(TimescaleSink.builder().schema(Arena.SCHEMA).build())
        .batchSize(batch)
        .parallelism(parallelism)
        .orphanGrace(Duration.ZERO)
        .listener(this)
        .build();
  }

  static SyncResult compareAll(SyncEngine engine) {
    return engine.run(RunOptions.DEFAULT.compareAll(true).allowMassRetraction(true));
  }
}
