package io.tradesync.internal.compare;

import io.tradesync.KeyRange;
import java.io.Serializable;
import java.util.List;

/** A part of a comparison, which a thread or another machine compares by itself. */
public sealed interface ComparisonPart extends Serializable {

  /** Compares the part. */
  Findings findings(ComparisonContext context);

  /**
   * A range that is walked over in slices.
   *
   * @param density how many trades a second it is expected to have
   * @param width the width of the first slice in seconds
   */
  record Walk(KeyRange range, double density, long width) implements ComparisonPart {
    @Override
    public Findings findings(ComparisonContext context) {
      Findings findings = context.noFindings();
      new Comparison(context, findings, density).walk(range, width);
      return findings;
    }
  }

  /** Ranges that hold few trades each; see {@link Comparison#recheck}. */
  record Recheck(List<KeyRange> ranges) implements ComparisonPart {
    public Recheck {
      ranges = List.copyOf(ranges);
    }

    @Override
    public Findings findings(ComparisonContext context) {
      Findings findings = context.noFindings();
      new Comparison(context, findings).recheck(ranges);
      return findings;
    }
  }
}
