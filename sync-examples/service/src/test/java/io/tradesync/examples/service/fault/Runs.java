package io.tradesync.examples.service.fault;

import static org.awaitility.Awaitility.await;

import io.tradesync.SideUnavailableException;
import io.tradesync.SyncAlreadyRunningException;
import io.tradesync.SyncResult;
import java.time.Duration;
import java.util.function.Predicate;
import java.util.function.Supplier;

/** Runs as a service starts them: again and again. */
final class Runs {

  private static final Duration POLL = Duration.ofMillis(50);

  /** For a machine that has much else to do. */
  private static final Duration PATIENCE = Duration.ofMinutes(3);

  private Runs() {}

  /** Runs as soon as one can begin: the lease of a run that died ends by itself. */
  static SyncResult patiently(Supplier<SyncResult> run) {
    return until(run, result -> true);
  }

  /** Runs until one is carried out. */
  static SyncResult untilSuccess(Supplier<SyncResult> run) {
    return until(run, SyncResult::success);
  }

  private static SyncResult until(Supplier<SyncResult> run, Predicate<SyncResult> enough) {
    return await()
        .atMost(PATIENCE)
        .pollInterval(POLL)
        .ignoreExceptionsMatching(
            e -> e instanceof SyncAlreadyRunningException || e instanceof SideUnavailableException)
        .until(run::get, enough);
  }
}
