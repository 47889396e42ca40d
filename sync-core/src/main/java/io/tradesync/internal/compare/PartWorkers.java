package io.tradesync.internal.compare;

import java.util.List;
import java.util.function.Consumer;

/** Compares the parts of a long range at the same time: on threads, or on other machines. */
public interface PartWorkers {

  /** How many parts are compared at the same time; 1 if there are never parts. */
  int parallelism();

  /** How many trades are compared before the rest is divided. */
  long tradesBeforeParts();

  /** How many trades make a part at least, as far as there are so many parts. */
  long tradesPerPart();

  /** Into how many parts a range is divided at most. */
  int maxParts();

  /** How many of the ranges that hold few trades each make a part. */
  int recheckedPerPart();

  /**
   * Compares all parts. None is under way any more when this method returns, and none of this
   * process when it throws.
   *
   * @param parts the parts in key order
   * @param gather receives the findings in the order of the parts
   */
  void compare(List<ComparisonPart> parts, ComparisonContext context, Consumer<Findings> gather);
}
