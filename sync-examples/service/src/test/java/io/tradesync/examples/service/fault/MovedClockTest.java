package io.tradesync.examples.service.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.tradesync.BatchProgress;
import io.tradesync.Scope;
import io.tradesync.SyncAlreadyRunningException;
import io.tradesync.SyncEngine;
import io.tradesync.SyncListener;
import io.tradesync.testkit.SettableClock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** Machines that do not agree about the time: leases, times and baselines are the store's. */
class MovedClockTest {

  private final SettableClock right =
      new SettableClock(Instant.ofEpochSecond(SourceAndStore.T0 + 30_000));

  @Test
  void aClockThatIsAheadTakesNoLeaseFromARunUnderWay() throws Exception {
    try (SourceAndStore sides = SourceAndStore.create()) {
      SettableClock ahead = new SettableClock(right.instant().plus(Duration.ofDays(3_650)));
      AtomicReference<SyncEngine> other = new AtomicReference<>();
      List<Throwable> refusals = new CopyOnWriteArrayList<>();
      SyncListener meanwhile =
          new SyncListener() {
            @Override
            public void batchFinished(BatchProgress progress) {
              refusals.add(catchThrowable(other.get()::run));
            }
          };
      try (SyncEngine engine = sides.engine().clock(right).listener(meanwhile).build();
          SyncEngine second = sides.engine().clock(ahead).build()) {
        other.set(second);
        sides.addTrades(500);
        assertThat(engine.run().processed()).isEqualTo(500);
        assertThat(refusals).hasSize(10).hasOnlyElementsOfType(SyncAlreadyRunningException.class);

        ahead.set(Instant.EPOCH);
        sides.addTrades(500);
        assertThat(second.run().processed()).isEqualTo(500);
        sides.assertEqual();
        sides.assertRunHistory();
        assertThat(
                sides
                    .store()
                    .number(
                        "SELECT count(*) FROM sync_log"
                            + " WHERE abs(extract(epoch FROM now() - processed_at)) > 600"))
            .as("times by an engine's clock")
            .isZero();
      }
    }
  }

  @Test
  void aClockThatMovesDoesNotMoveTheBaseline() throws Exception {
    try (SourceAndStore sides = SourceAndStore.create()) {
      sides.addTrades(500);
      Scope all = Scope.last(Duration.ofSeconds(30_001));
      try (SyncEngine engine = sides.engine().clock(right).scope(all).build()) {
        assertThat(engine.run().processed()).isEqualTo(500);
      }
      sides.addTrades(500);
      right.advance(Duration.ofDays(400));
      try (SyncEngine engine = sides.engine().clock(right).scope(all).build()) {
        assertThat(engine.run().processed()).isEqualTo(500);
      }
      right.set(Instant.EPOCH.plus(Duration.ofDays(1)));
      try (SyncEngine engine = sides.engine().clock(right).scope(all).build()) {
        assertThat(engine.health().isHealthy()).isTrue();
      }
      sides.assertEqual();
    }
  }
}
