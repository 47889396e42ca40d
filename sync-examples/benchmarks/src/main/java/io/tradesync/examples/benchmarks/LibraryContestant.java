package io.tradesync.examples.benchmarks;

import io.tradesync.SyncEngine;
import io.tradesync.SyncListener;
import io.tradesync.SyncResult;
import io.tradesync.jdbc.PonderTradeSource;
import io.tradesync.jdbc.PostgresSyncLog;
import io.tradesync.jdbc.TimescaleSink;

/** This library with its default settings, apart from batch size and parallelism. */
final class LibraryContestant implements Contestant {

  private final int batch;
  private final int parallelism;

  LibraryContestant(int batch, int parallelism) {
    this.batch = batch;
    this.parallelism = parallelism;
  }

  @Override
  public String name() {
    return name(batch, parallelism);
  }

  /** The name of this library with such settings. */
  static String name(int batch, int parallelism) {
    return "tradesync, batch %d, parallelism %d".formatted(batch, parallelism);
  }

  @Override
  public Attempt prepare(Arena arena, Backlog backlog) {
    SyncEngine engine = engine(arena, backlog, batch, parallelism);
    return new Attempt() {
      @Override
      public void run() {
        SyncResult result = engine.run();
        if (result.processed() != backlog.trades()) {
          throw new IllegalStateException(result.message());
        }
      }

      @Override
      public void close() {
        engine.close();
      }
    };
  }

  /** An engine between a backlog and the store. */
  static SyncEngine engine(Arena arena, Backlog backlog, int batch, int parallelism) {
    return engine(arena, backlog, batch, parallelism, SyncListener.NOOP);
  }

  /** An engine between a backlog and the store, that is listened to. */
  static SyncEngine engine(
      Arena arena, Backlog backlog, int batch, int parallelism, SyncListener listener) {
    return SyncEngine.builder()
        .source(PonderTradeSource.builder(arena.source()).schema(backlog.schema()).build())
        .log(PostgresSyncLog.builder(arena.store()).schema(Arena.SCHEMA).build())
        .sink(TimescaleSink.builder().schema(Arena.SCHEMA).build())
        .batchSize(batch)
        .parallelism(parallelism)
        .listener(listener)
        .build();
  }
}
