package io.tradesync.examples.flink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tradesync.RunOutcome;
import io.tradesync.SyncAlreadyRunningException;
import io.tradesync.SyncEngine;
import io.tradesync.SyncResult;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Faults on a cluster of processes: what is killed or stopped is a JVM. */
@Tag("long")
class FlinkProcessesTest extends FlinkFaults {

  private static FlinkProcesses cluster;

  @TempDir static Path files;

  @BeforeAll
  static void start() throws Exception {
    cluster = new FlinkProcesses(files, System.getProperty("java.class.path"), TASK_MANAGERS);
  }

  @AfterAll
  static void stop() throws Exception {
    if (cluster != null) {
      cluster.close();
    }
  }

  @Override
  StreamExecutionEnvironment environment() {
    return cluster.environment();
  }

  @Override
  long runningJobs() throws Exception {
    return cluster.runningJobs();
  }

  @Override
  void killOneAt(String place) throws Exception {
    cluster.kill(places.processesAt(place).iterator().next());
  }

  private void runUntilExact() {
    assertSuccess(coordinator().run());
    sides.assertExact();
  }

  private Process coordinatorProcess() throws IOException {
    return cluster.start(
        HeldCoordinator.class.getName(),
        sides.ponderUrl(),
        sides.storeUrl(),
        directory.toString(),
        "" + cluster.restPort());
  }

  @Test
  void aCoordinatorThatIsTerminatedStopsAllWithinFiveSeconds() throws Exception {
    places.shut(Places.WRITE);
    Process coordinator = coordinatorProcess();
    places.awaitWorkers(Places.WRITE, 2);

    coordinator.destroy();
    places.open(Places.WRITE);

    assertThat(coordinator.waitFor(LONGEST_CANCEL_SECONDS, TimeUnit.SECONDS)).isTrue();
    await()
        .atMost(Duration.ofSeconds(LONGEST_CANCEL_SECONDS))
        .until(() -> cluster.runningJobs() == 0);
    assertThat(sides.written()).isLessThan(SourceAndStore.TRADES);
    // Its lease was released.
    runUntilExact();
  }

  @Test
  void aCoordinatorThatIsKilledLosesNothing() throws Exception {
    places.shut(Places.WRITTEN);
    Process coordinator = coordinatorProcess();
    places.awaitWorkers(Places.WRITTEN, 1);

    coordinator.destroyForcibly().waitFor();
    places.open(Places.WRITTEN);

    SyncEngine next = coordinator();
    await()
        .atMost(Duration.ofSeconds(60))
        .ignoreException(SyncAlreadyRunningException.class)
        .until(() -> next.run().success());
    sides.assertExact();
  }

  @Test
  void aTaskManagerThatStopsInATransactionHoldsUpTheOthersForAWhileOnly() throws Exception {
    places.shut(Places.WRITTEN);
    CompletableFuture<SyncResult> run = started(coordinator());
    places.awaitWorkers(Places.WRITTEN, 1);
    long stopped = places.processesAt(Places.WRITTEN).iterator().next();

    FlinkProcesses.signal("STOP", stopped);
    try {
      places.open(Places.WRITTEN);
      // What waited too long for its locks is marked as failed, and due again.
      assertThat(run.get(120, TimeUnit.SECONDS).outcome()).isEqualTo(RunOutcome.COMPLETED);
      runUntilExact();
    } finally {
      FlinkProcesses.signal("CONT", stopped);
    }

    cluster.awaitTaskManagers(TASK_MANAGERS);
    sides.assertExact();
    runUntilExact();
  }

  @Test
  void aTaskManagerThatGoesOnAfterATakeoverWritesNothing() throws Exception {
    places.shut(Places.READ);
    places.shut(Places.ENDED);
    SyncEngine first = coordinator(workers(1));
    CompletableFuture<SyncResult> run = started(first);
    places.awaitWorkers(Places.READ, 1);
    long stopped = places.processesAt(Places.READ).iterator().next();

    FlinkProcesses.signal("STOP", stopped);
    try {
      first.cancel();
      assertThat(run.get(30, TimeUnit.SECONDS).success()).isFalse();
      places.open(Places.READ);
      // What the worker has read, and would write, is outdated now.
      sides.changeSource("update order_book_trades set price = 7");
      sides.changeSource("delete from order_book_trades where right(id, 2) = '77'");
      runUntilExact();
    } finally {
      FlinkProcesses.signal("CONT", stopped);
    }

    // It was given up by Flink, and has ended what it was doing.
    await()
        .atMost(Duration.ofSeconds(60))
        .until(() -> places.processesAt(Places.ENDED).contains(stopped));
    sides.assertExact();
  }
}
