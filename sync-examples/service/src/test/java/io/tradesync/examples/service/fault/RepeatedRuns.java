package io.tradesync.examples.service.fault;

import static org.awaitility.Awaitility.await;

import io.tradesync.SideUnavailableException;
import io.tradesync.SyncAlreadyRunningException;
import io.tradesync.SyncResult;
import java.time.Duration;
import java.util.function.Predicate;
import java.util.function.Supplier;

/** Starts runs again and again, as a service does. */
final class RepeatedRuns {

  private static final Duration POLL = Duration.ofMillis(50);

  /** Long enough for a busy machine. */
  private static final Duration PATIENCE = Duration.ofMinutes(3);

  private RepeatedRuns() {}

  /** Starts a run as soon as one can begin: the lease of a run that died ends by itself. */
  static SyncResult patiently(Supplier<SyncResult> run) {
    return until(run, result -> true);
  }

  /** Starts runs until one succeeds. */
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
