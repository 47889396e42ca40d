package io.tradesync.internal.compare;

import java.util.List;
import java.util.function.Consumer;

/** Compares parts on threads of this process. */
public record ComparisonThreads(int parallelism) implements PartWorkers {

  // Fewer trades are compared before threads would have started.
  private static final long TRADES_OF_LONG_RANGE = 10_000;
  private static final long TRADES_PER_PART = 10_000;
  private static final int MAX_PARTS = 32;

  @Override
  public long tradesBeforeParts() {
    return TRADES_OF_LONG_RANGE;
  }

  @Override
  public long tradesPerPart() {
    return TRADES_PER_PART;
  }

  @Override
  public int maxParts() {
    return MAX_PARTS;
  }

  /** All of them: they are few, and read many in a request. */
  @Override
  public int recheckedPerPart() {
    return Integer.MAX_VALUE;
  }

  @Override
  public void compare(
      List<ComparisonPart> parts, ComparisonContext context, Consumer<Findings> gather) {
    ComparisonWorkers.run(
        parts,
        parallelism,
        context.stopCheck(),
        (part, stopCheck) -> Comparison.findings(part, context.with(stopCheck)),
        gather);
  }
}
