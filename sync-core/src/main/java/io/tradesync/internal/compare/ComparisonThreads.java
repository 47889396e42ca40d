package io.tradesync.internal.compare;

import java.util.List;
import java.util.function.Consumer;

/** Compares parts on threads of this process. */
public record ComparisonThreads(PartSizes sizes) implements PartWorkers {

  // Fewer trades are compared before threads would have started.
  private static final long TRADES_OF_LONG_RANGE = 10_000;
  private static final long TRADES_PER_PART = 10_000;
  private static final int MAX_PARTS = 32;

  /** Compares as many parts at the same time; rechecks all at once, many in a request. */
  public ComparisonThreads(int parallelism) {
    this(
        new PartSizes(
            parallelism, TRADES_OF_LONG_RANGE, TRADES_PER_PART, MAX_PARTS, Integer.MAX_VALUE));
  }

  @Override
  public void compare(
      List<ComparisonPart> parts, ComparisonContext context, Consumer<Findings> gather) {
    ComparisonWorkers.run(
        parts,
        sizes.parallelism(),
        context.stopCheck(),
        (part, stopCheck) -> Comparison.findings(part, context.with(stopCheck)),
        gather);
  }

  @Override
  public void interrupt() {}
}
