package io.tradesync.internal.run;

import io.tradesync.KeyRange;
import io.tradesync.RunOptions;
import io.tradesync.SyncRun;
import io.tradesync.TradeKey;
import io.tradesync.TradesyncException;
import java.util.Objects;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Finds a force whose process died, and the run that continues it. */
final class ForceResumption {

  private static final Logger LOG = LoggerFactory.getLogger(ForceResumption.class);

  private final RunContext context;
  private final KeyRange scope;

  ForceResumption(RunContext context, KeyRange scope) {
    this.context = context;
    this.scope = scope;
  }

  /** Returns the run that continues an aborted force after its last committed key. */
  Optional<Run> find() {
    return context.log().history().abortedForce().flatMap(this::rest);
  }

  private Optional<Run> rest(SyncRun aborted) {
    TradeKey committed = Objects.requireNonNullElse(aborted.through(), TradeKey.MIN);
    return Optional.ofNullable(aborted.forcedAfterEpochSecond())
        .map(
            after -> {
              LOG.info("force {} died and is resumed after {}", aborted.id(), aborted.through());
              return new Run(context, scope, RunOptions.forceFromEpochSecond(after), committed);
            });
  }

  static void logFailure(TradesyncException failure) {
    LOG.warn("a force that died is left to the next run: {}", failure.getMessage());
  }
}
