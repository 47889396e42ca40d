package io.tradesync.examples.service.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.tradesync.BatchProgress;
import io.tradesync.SideUnavailableException;
import io.tradesync.SyncEngine;
import io.tradesync.SyncListener;
import io.tradesync.SyncResult;
import io.tradesync.jdbc.fixture.PrivatePostgres;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The server of both databases goes down in its immediate mode in the middle of runs. */
class RestartedPostgresTest {

  private static final int TRADES_A_ROUND = 4_000;
  private static final int BATCHES_A_ROUND = TRADES_A_ROUND / 50;
  private static final Duration SOON = Duration.ofSeconds(20);

  @Test
  void oneRestart() throws Exception {
    restart(1, PrivatePostgres.start(), "one restart");
  }

  @Tag("long")
  @Test
  void tenRestarts() throws Exception {
    restart(10, PrivatePostgres.start(), "ten restarts");
  }

  /** What it forgets it forgets on all sides: batch by batch, log and trades and candles as one. */
  @Tag("long")
  @Test
  void tenRestartsOfAServerThatForgetsItsLastCommits() throws Exception {
    restart(10, PrivatePostgres.startForgetful(), "ten forgetful restarts");
  }

  private static void restart(int restarts, PrivatePostgres started, String purpose)
      throws Exception {
    Random random = RandomSeed.random(purpose);
    Countdown countdown = new Countdown();
    try (PrivatePostgres server = started;
        SourceAndStore sides =
            SourceAndStore.at(server.newDatabase("ponder"), server.newDatabase("analytics"));
        SyncEngine engine = sides.engine().listener(countdown).build()) {
      int inRun = 0;
      Duration slowest = Duration.ZERO;
      for (int done = 0; done < restarts; done++) {
        sides.addTrades(TRADES_A_ROUND);
        sides.changeTrades(50, random.nextInt(50));
        boolean forced = random.nextInt(4) == 0;
        countdown.begin(1 + random.nextInt(BATCHES_A_ROUND / 2));
        var run =
            BackgroundWork.start(
                () ->
                    RepeatedRuns.patiently(
                        () ->
                            forced
                                ? engine.forceFromEpochSecond(SourceAndStore.T0 + 10_000)
                                : engine.run()));
        countdown.await();

        server.crash();

        long crashed = System.nanoTime();
        SyncResult result = run.get();
        Duration took = Duration.ofNanos(System.nanoTime() - crashed);
        slowest = took.compareTo(slowest) > 0 ? took : slowest;
        assertThat(result.success()).as(result.message()).isFalse();
        assertThat(result.message()).containsPattern("the (source|store) is not available");
        inRun += result.processed() > 0 ? 1 : 0;
        server.startAgain();
        sides.assertConsistent();
      }
      assertThat(slowest).isLessThan(SOON);
      RepeatedRuns.untilSuccess(engine::run);
      sides.assertEqual();
      sides.assertRunHistory();
      System.out.printf(
          "seed %d: %d restarts, %d of them after a batch was counted; the run ended at most %d ms"
              + " later; %d trades, none lost, none twice%n",
          RandomSeed.value(),
          restarts,
          inRun,
          slowest.toMillis(),
          sides.source().number("SELECT count(*) FROM order_book_trades"));
    }
  }

  /** Lets the test wait until a run has finished so many batches. */
  private static final class Countdown implements SyncListener {
    private volatile CountDownLatch batches = new CountDownLatch(0);

    void begin(int count) {
      batches = new CountDownLatch(count);
    }

    void await() throws InterruptedException {
      assertThat(batches.await(2, TimeUnit.MINUTES)).as("batches were finished").isTrue();
    }

    @Override
    public void batchFinished(BatchProgress progress) {
      batches.countDown();
    }
  }

  /** Its tables stay, though it forgets its last commits. */
  @Tag("long")
  @Test
  void aServerThatIsGoneWhenARunIsToBeginIsNamed() throws Exception {
    try (PrivatePostgres server = PrivatePostgres.startForgetful();
        SourceAndStore sides =
            SourceAndStore.at(server.newDatabase("ponder"), server.newDatabase("analytics"));
        SyncEngine engine = sides.engine().build()) {
      sides.addTrades(100);
      server.crash();

      Throwable thrown = catchThrowable(engine::run);

      assertThat(thrown)
          .isInstanceOf(SideUnavailableException.class)
          .hasMessageStartingWith("the store is not available");
      server.startAgain();
      RepeatedRuns.untilSuccess(engine::run);
      sides.assertEqual();
    }
  }
}
