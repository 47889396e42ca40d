package io.tradesync.internal.compare;

import java.util.List;
import java.util.function.Consumer;

/** Compares the parts of a long range at the same time: on threads, or on other machines. */
public interface PartWorkers {

  /** Into which parts long ranges are divided. */
  PartSizes sizes();

  /**
   * Compares all parts. None is under way any more when this method returns, and none of this
   * process when it throws.
   *
   * @param parts the parts in key order
   * @param gather receives the findings in the order of the parts
   */
  void compare(List<ComparisonPart> parts, ComparisonContext context, Consumer<Findings> gather);

  /** Interrupts what waits or writes; a comparison on threads ends at its next stop check. */
  void interrupt();
}
