package io.tradesync.internal.compare;

import io.tradesync.KeyRange;
import java.io.Serializable;
import java.util.List;

/** A part of a comparison, which a thread or another machine compares by itself. */
public sealed interface ComparisonPart extends Serializable {

  /**
   * A range that is walked over in slices.
   *
   * @param density how many trades a second it is expected to have
   * @param width the width of the first slice in seconds
   */
  record Walk(KeyRange range, double density, long width) implements ComparisonPart {}

  /** Ranges of whole seconds that hold few trades each. */
  record Recheck(List<KeyRange> ranges) implements ComparisonPart {
    public Recheck {
      ranges = List.copyOf(ranges);
    }
  }
}
