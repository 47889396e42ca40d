package io.tradesync.examples.fault;

import static org.awaitility.Awaitility.await;

import io.tradesync.SideUnavailableException;
import io.tradesync.SyncAlreadyRunningException;
import io.tradesync.SyncResult;
import java.time.Duration;
import java.util.function.Supplier;

/** Runs as a service starts them. */
final class Runs {

  private static final Duration POLL = Duration.ofMillis(50);

  /** For a machine that has much else to do. */
  private static final Duration PATIENCE = Duration.ofMinutes(3);

  private Runs() {}

  /** Runs until one is carried out: the pool may hold connections that are broken. */
  static SyncResult untilSuccess(Supplier<SyncResult> run) {
    return await()
        .atMost(PATIENCE)
        .pollInterval(POLL)
        .ignoreExceptionsMatching(
            e -> e instanceof SyncAlreadyRunningException || e instanceof SideUnavailableException)
        .until(run::get, SyncResult::success);
  }

  /** Runs as soon as nobody else does: the lease of a run that died ends by itself. */
  static SyncResult patiently(Supplier<SyncResult> run) {
    return await()
        .atMost(PATIENCE)
        .pollInterval(POLL)
        .ignoreException(SyncAlreadyRunningException.class)
        .until(run::get, result -> true);
  }
}
