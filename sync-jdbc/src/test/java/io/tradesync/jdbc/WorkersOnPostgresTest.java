package io.tradesync.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import io.tradesync.SyncEngine;
import io.tradesync.SyncEngineBuilder;
import io.tradesync.testkit.RandomHistory;
import io.tradesync.testkit.RoughWorkers;
import io.tradesync.testkit.WorkersContract;
import java.sql.Connection;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Runs by workers that repeat and shuffle, between two databases; the candles are compared. */
class WorkersOnPostgresTest extends WorkersContract<Connection> {

  private static PostgresSides sides;

  @BeforeAll
  static void create() throws Exception {
    sides = new PostgresSides();
  }

  @AfterAll
  static void drop() {
    sides.close();
  }

  @Override
  protected RandomHistory.Sides<Connection> newSides() {
    return sides.emptied();
  }

  @Test
  void aWorkerWithOtherLengthsOfCandlesRefuses() {
    RandomHistory.Sides<Connection> both = newSides();
    both.change(
        List.of(),
        List.of(StoreFixture.trade("a", 60, 1, 1), StoreFixture.trade("b", 7_260, 1, 1)));
    RoughWorkers workers =
        new RoughWorkers(
            2, 1, () -> engine(both, TimescaleSink.builder().bucketSeconds(60, 3_600)).build());
    try (SyncEngine coordinator = engine(both, TimescaleSink.builder()).workers(workers).build()) {

      assertThat(coordinator.run().message())
          .contains(
              "sink of a worker must be as that of the coordinator, which is: TimescaleSink,"
                  + " schema public, candles of [60, 300, 900, 3600, 86400] s",
              "but is: TimescaleSink, schema public, candles of [60, 3600] s");
    }
    assertThat(both.held()).isEmpty();
  }

  private static SyncEngineBuilder engine(
      RandomHistory.Sides<Connection> both, TimescaleSink.Builder sink) {
    return SyncEngine.builder().source(both.source()).log(both.log()).sink(sink.build());
  }
}
