package io.tradesync.internal.run;

import io.tradesync.KeyRange;
import io.tradesync.RunOptions;
import io.tradesync.SyncRun;
import io.tradesync.TradesyncException;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Finds a force whose process died, and the run that continues it. */
final class ForceResumption {

  private static final Logger LOG = LoggerFactory.getLogger(ForceResumption.class);

  private final RunContext context;
  private final KeyRange scope;
  private final RunLimits limits;

  /** Takes the limits of the run that resumes the force. */
  ForceResumption(RunContext context, KeyRange scope, RunLimits limits) {
    this.context = context;
    this.scope = scope;
    this.limits = limits;
  }

  /** Returns the run that continues an aborted force after its last committed key. */
  Optional<Run> find() {
    return context.log().history().abortedForce().flatMap(this::rest);
  }

  private Optional<Run> rest(SyncRun aborted) {
    return Optional.ofNullable(aborted.forced())
        .map(
            forced -> {
              LOG.info("force {} died and is resumed after {}", aborted.id(), aborted.through());
              RunOptions options = limits.withRate(RunOptions.force(forced));
              return new Run(context, scope, options, limits, Optional.of(aborted));
            });
  }

  static void logFailure(TradesyncException failure) {
    LOG.warn("a force that died is left to the next run: {}", failure.getMessage());
  }
}
