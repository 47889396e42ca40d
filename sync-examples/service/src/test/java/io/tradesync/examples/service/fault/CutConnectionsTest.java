package io.tradesync.examples.service.fault;

import static org.assertj.core.api.Assertions.assertThat;

import io.tradesync.SyncEngine;
import io.tradesync.SyncResult;
import io.tradesync.examples.service.fault.FaultyProxy.Plan;
import io.tradesync.jdbc.TimescaleSink;
import io.tradesync.testkit.FaultInjectingSink;
import java.sql.Connection;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Connections to both databases that are cut, held up and truncated at random, while runs run. */
class CutConnectionsTest {

  private static final int TRADES_A_RUN = 400;

  private static final Plan[] PLANS = {
    new Plan(5, 0, 0, 0, 0), new Plan(0, 5, 0, 0, 0), new Plan(2, 2, 100, 0, 5),
  };

  /** With connections that say nothing any more: each costs the client its patience. */
  private static final Plan SILENT = new Plan(2, 2, 50, 1, 10);

  @Test
  void fewRuns() throws Exception {
    run(6, false, "few runs");
  }

  @Tag("long")
  @Test
  void aHundredRuns() throws Exception {
    run(100, true, "a hundred runs");
  }

  private static void run(int runs, boolean silent, String purpose) throws Exception {
    Random random = RandomSeed.random(purpose);
    try (SourceAndStore sides = SourceAndStore.create()) {
      FaultyProxy source = sides.proxyOfSource(random.nextLong());
      FaultyProxy store = sides.proxyOfStore(random.nextLong());
      RandomFaults faults = new RandomFaults(random);
      FaultInjectingSink<Connection> sink =
          new FaultInjectingSink<>(TimescaleSink.builder().build())
              .failingBefore(faults)
              .failingAfter(faults);
      try (SyncEngine engine =
          sides
              .engine(
                  SourceAndStore.through(source, sides.ponderUrl()),
                  SourceAndStore.through(store, sides.storeUrl()),
                  sink)
              .build()) {
        int unsuccessful = 0;
        for (int done = 0; done < runs; done++) {
          sides.addTrades(TRADES_A_RUN);
          sides.changeTrades(50, random.nextInt(50));
          Plan plan = silent && done % 4 == 3 ? SILENT : PLANS[done % PLANS.length];
          source.plan(plan);
          store.plan(plan);
          faults.failing(done % 2 == 0 ? 0 : 100);
          boolean forced = random.nextInt(8) == 0;
          if (!tryRun(engine, forced)) {
            unsuccessful++;
          }
          source.heal();
          store.heal();
          faults.failing(0);
          sides.assertConsistent();
        }
        runToTheEnd(engine);
        sides.assertEqual();
        sides.assertRunHistory();
        assertThat(source.broken() + store.broken()).isPositive();
        System.out.printf(
            "seed %d: %d runs, %d without success; source: %s; store: %s; %s%n",
            RandomSeed.value(),
            runs,
            unsuccessful,
            source.harm(),
            store.harm(),
            sides
                .store()
                .texts("SELECT outcome || ' ' || count(*) FROM sync_run GROUP BY outcome"));
      }
    }
  }

  private static boolean tryRun(SyncEngine engine, boolean forced) {
    return RepeatedRuns.patiently(
            () -> forced ? engine.forceFromEpochSecond(SourceAndStore.T0) : engine.run())
        .success();
  }

  /** With nothing in the way, and when the last lease has ended, one run closes every gap. */
  private static void runToTheEnd(SyncEngine engine) {
    SyncResult result = RepeatedRuns.untilSuccess(engine::run);
    assertThat(result.errors()).isZero();
    assertThat(engine.health().isHealthy()).isTrue();
  }
}
