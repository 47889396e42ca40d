package io.tradesync.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import io.tradesync.BelowRetention;
import io.tradesync.GapCounts;
import io.tradesync.SyncEngine;
import io.tradesync.Trade;
import io.tradesync.inmemory.InMemoryTradeSource;
import io.tradesync.spi.Retention;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A log that is kept as long as the trades. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class LogRetentionTest {

  private static final int DAY = 86_400;
  private static final int DAYS = 60;

  private final StoreFixture store = new StoreFixture();
  private final InMemoryTradeSource source = new InMemoryTradeSource();
  private final long start =
      store.count("select extract(epoch from now())::bigint / 86400 * 86400") - DAYS * (long) DAY;

  @BeforeEach
  void fill() {
    for (int i = 0; i < DAYS; i++) {
      source.put(at(i, 100));
    }
    try (SyncEngine engine = engine(log(false), DAYS + 10)) {
      assertThat(engine.run().processed()).isEqualTo(DAYS);
    }
  }

  @AfterEach
  void close() {
    store.close();
  }

  private Trade at(int day, long price) {
    return StoreFixture.trade("t" + day, start + day * (long) DAY + 3_600, price, 3);
  }

  private PostgresSyncLog log(boolean keepAsLongAsTrades) {
    return PostgresSyncLog.builder(store.database.dataSource())
        .keepAsLongAsTrades(keepAsLongAsTrades)
        .build();
  }

  private SyncEngine engine(PostgresSyncLog log, int days) {
    return SyncEngine.builder()
        .source(source)
        .log(log)
        .sink(TimescaleSink.builder().retainFor(Duration.ofDays(days)).build())
        .orphanGrace(Duration.ZERO)
        .parallelism(1)
        .build();
  }

  private long entries() {
    return store.count("select count(*) from sync_log");
  }

  @Test
  void withoutTheSettingAllEntriesStay() {
    try (SyncEngine engine = engine(log(false), 40)) {
      assertThat(engine.run().total()).isZero();
      assertThat(entries()).isEqualTo(DAYS);
      source.remove("t3");
      assertThat(below(engine).differences()).isEqualTo(new GapCounts(0, 0, 0, 1));
    }
  }

  @Test
  void eachRunDeletesTheEntriesBelowTheBoundaryAndAnAuditBeginsThere() {
    try (SyncEngine engine = engine(log(true), 40)) {
      source.remove("t3");
      assertThat(engine.run().total()).isZero();
      long boundary = engine.health().retainedSinceEpochSecond();
      assertThat(entries()).isBetween(39L, 41L);
      assertThat(store.count("select count(*) from sync_log where trade_timestamp < " + boundary))
          .isZero();
      assertThat(engine.health().gaps()).isEqualTo(GapCounts.NONE);
      assertThat(below(engine).differences()).isEqualTo(GapCounts.NONE);
    }
    try (SyncEngine engine = engine(log(true), 20)) {
      source.put(at(5, 777), at(25, 777), at(59, 777));
      BelowRetention below = below(engine);
      assertThat(below.differences()).isEqualTo(new GapCounts(0, 0, 1, 0));
      assertThat(below.firstEpochSecond()).isEqualTo(at(25, 1).epochSecond());
      assertThat(engine.run().total()).isOne();
      assertThat(entries()).isBetween(19L, 21L);
      assertThat(below(engine).differences()).isEqualTo(GapCounts.NONE);
      assertThat(store.trades()).contains(at(59, 777)).contains(at(25, 100));
    }
  }

  private static BelowRetention below(SyncEngine engine) {
    return engine.audit().belowRetention();
  }

  @Test
  void anIdWhoseEntryIsGoneMovesAboveTheBoundary() {
    try (SyncEngine engine = engine(log(true), 40)) {
      assertThat(engine.run().total()).isZero();
      Trade moved = StoreFixture.trade("t3", at(50, 1).epochSecond() + 5, 9, 9);
      source.put(moved);
      assertThat(engine.run().total()).isOne();
      assertThat(store.trades()).contains(moved);
      assertThat(engine.health().gaps()).isEqualTo(GapCounts.NONE);
    }
  }

  /** Such a transaction could take the trade of a deleted entry for a new one. */
  @Test
  void noEntryIsDeletedWhileATransactionMayHaveReadALowerBoundary() throws Exception {
    PostgresSyncLog log = log(true);
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch end = new CountDownLatch(1);
    CompletableFuture<Boolean> older =
        ConcurrentTask.run(
            () ->
                log.transact(
                    null,
                    transaction -> {
                      begun.countDown();
                      end.await();
                      return true;
                    }));
    begun.await();
    log.transact(
        null,
        transaction -> {
          transaction.retain(
              new Retention(OptionalLong.of(start + 20L * DAY), Optional.empty(), 60));
          return true;
        });
    CompletableFuture<Boolean> deleting = ConcurrentTask.run(() -> log.scope().deleteOldEntries());
    while (store.count("select count(*) from pg_locks where not granted") == 0) {
      Thread.onSpinWait();
    }
    assertThat(entries()).isEqualTo(DAYS);
    end.countDown();
    assertThat(List.of(older.get(), deleting.get())).containsExactly(true, false);
    assertThat(entries()).isEqualTo(DAYS - 20);
  }
}
