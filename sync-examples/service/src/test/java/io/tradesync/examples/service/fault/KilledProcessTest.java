package io.tradesync.examples.service.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tradesync.SyncEngine;
import io.tradesync.SyncEngineBuilder;
import io.tradesync.SyncResult;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Processes that are killed with SIGKILL, at any moment of their lives and of their runs. */
class KilledProcessTest {

  private static final int TRADES_A_ROUND = 2_000;
  private static final int LONGEST_RUN_MILLIS = 700;
  private static final int LONGEST_START_MILLIS = 1_500;

  @Test
  void fewKills() throws Exception {
    kill(4, "few kills");
  }

  @Tag("long")
  @Test
  void aHundredKills() throws Exception {
    kill(100, "a hundred kills");
  }

  private static void kill(int kills, String purpose) throws Exception {
    Random random = RandomSeed.random(purpose);
    try (SourceAndStore sides = SourceAndStore.create()) {
      List<String> begun = new ArrayList<>();
      for (int done = 0; done < kills; ) {
        sides.addTrades(TRADES_A_ROUND);
        sides.changeTrades(50, random.nextInt(50));
        Long forcedAfter =
            random.nextInt(5) == 0 ? SourceAndStore.T0 + random.nextInt(20_000) : null;
        boolean early = random.nextInt(5) == 0;
        long millis = random.nextInt(early ? LONGEST_START_MILLIS : LONGEST_RUN_MILLIS);
        try (SyncProcess process =
            SyncProcess.start(sides, forcedAfter, SourceAndStore.LEASE_TTL)) {
          if (!early) {
            process.awaitStart().ifPresent(begun::add);
          }
          done += process.killAfter(millis) ? 1 : 0;
        }
        if (done > 0) {
          awaitNoTransaction(sides);
          sides.assertConsistent();
        }
      }
      try (SyncProcess last = SyncProcess.start(sides, null, SourceAndStore.LEASE_TTL)) {
        assertThat(last.awaitEnd())
            .containsPattern("ended run \\S+ COMPLETED .*: Sync completed: (\\d+)/\\1 trades");
      }
      sides.assertEqual();
      sides.assertRunHistory();
      // A kill may still fall between the end of a run and the end of its process.
      assertThat(sides.store().texts("SELECT run_id FROM sync_run WHERE outcome <> 'failed'"))
          .as("runs that began")
          .containsAll(begun);
      long aborted =
          sides.store().number("SELECT count(*) FROM sync_run WHERE outcome = 'aborted'");
      assertThat(aborted).as("runs that died").isLessThanOrEqualTo(kills);
      System.out.printf(
          "seed %d: %d kills, %d of them in a run; %d trades, none lost, none twice%n",
          RandomSeed.value(),
          kills,
          aborted,
          sides.source().number("SELECT count(*) FROM order_book_trades"));
    }
  }

  /** The server may still be committing what a process that is dead by now has sent. */
  private static void awaitNoTransaction(SourceAndStore sides) {
    String others =
        """
        SELECT count(*) FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid() AND state <> 'idle'\
        """;
    await().until(() -> sides.store().number(others) == 0);
  }

  /** What a run had committed before it was killed is not written again. */
  @Test
  void theNextRunGoesOnWhereTheKilledOneStopped() throws Exception {
    try (SourceAndStore sides = SourceAndStore.create();
        SyncEngine engine = sides.engine().build()) {
      sides.addTrades(8_000);
      try (SyncProcess process =
          SyncProcess.start(sides, null, SyncEngineBuilder.DEFAULT_LEASE_TTL)) {
        process.awaitStart();
        await()
            .pollInterval(Duration.ofMillis(10))
            .until(() -> sides.store().number("SELECT count(*) FROM sync_log") > 0);
        assertThat(process.killAfter(0)).isTrue();
      }
      awaitNoTransaction(sides);
      long killed = System.nanoTime();
      String written =
          "SELECT concat_ws('|', trade_id, run_id, processed_at) FROM sync_log"
              + " WHERE run_id <> ? ORDER BY trade_timestamp, trade_id";
      List<String> before = sides.store().texts(written, "");
      assertThat(before.size()).isBetween(1, 7_999);

      SyncResult result = RepeatedRuns.patiently(engine::run);

      Duration waited = Duration.ofNanos(System.nanoTime() - killed).minus(result.duration());
      assertThat(waited).isLessThan(Duration.ofSeconds(5));
      assertThat(result.processed()).isEqualTo(8_000 - before.size());
      assertThat(sides.store().texts(written, result.runId())).isEqualTo(before);
      sides.assertEqual();
    }
  }
}
