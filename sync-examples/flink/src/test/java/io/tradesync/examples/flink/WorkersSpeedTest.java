package io.tradesync.examples.flink;

import static org.assertj.core.api.Assertions.assertThat;

import io.tradesync.SyncEngine;
import io.tradesync.SyncEngineBuilder;
import io.tradesync.SyncResult;
import io.tradesync.jdbc.TimescaleSink;
import io.tradesync.spi.ForwardingSink;
import io.tradesync.spi.TradeBatch;
import java.sql.Connection;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** How much faster several workers are with a sink that takes 2 ms for each trade. */
@Tag("long")
class WorkersSpeedTest {

  private static final int TRADES = 12_000;
  private static final int DAYS = 30;
  private static final long MILLIS_A_TRADE = 2;

  private static final class SlowEngines implements EngineFactory {
    private final PostgresEngines engines;

    SlowEngines(SourceAndStore sides) {
      engines = new PostgresEngines(sides.ponderUrl(), sides.storeUrl());
    }

    @Override
    public SyncEngine create() {
      return settings(engines).sink(new SlowSink()).build();
    }

    @Override
    public void close() {
      engines.close();
    }
  }

  private static final class SlowSink extends ForwardingSink<Connection> {
    SlowSink() {
      super(TimescaleSink.builder().build());
    }

    @Override
    public void write(TradeBatch batch, Connection transaction) throws Exception {
      TimeUnit.MILLISECONDS.sleep(MILLIS_A_TRADE * batch.changes().size());
      super.write(batch, transaction);
    }
  }

  private static SyncEngineBuilder settings(PostgresEngines engines) {
    return engines.builder().parallelism(1);
  }

  private static double secondsWith(int workers) {
    try (SourceAndStore sides = new SourceAndStore(TRADES, DAYS)) {
      PostgresEngines engines = new PostgresEngines(sides.ponderUrl(), sides.storeUrl());
      FlinkWorkers flink =
          new FlinkWorkers(LocalCluster.get()::environment, workers, 100, new SlowEngines(sides));
      try (SyncEngine coordinator = settings(engines).workers(flink).build()) {
        SyncResult result = coordinator.run();
        assertThat(result.processed()).as(result.message()).isEqualTo(TRADES);
        double seconds = result.duration().toMillis() / 1000.0;
        System.err.printf("%d workers: %.1f s%n", workers, seconds);
        return seconds;
      } finally {
        engines.close();
      }
    }
  }

  @Test
  void threeWorkersDoAtLeastTwoPointTwoTimesOne() {
    double one = secondsWith(1);
    secondsWith(2);
    double three = secondsWith(3);

    assertThat(one / three).isGreaterThan(2.2);
  }
}
