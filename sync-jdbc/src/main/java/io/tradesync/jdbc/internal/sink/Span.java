package io.tradesync.jdbc.internal.sink;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;

/**
 * A span of time, in epoch seconds.
 *
 * @param from the first second
 * @param to the first second after it
 */
record Span(long from, long to) {

  /** Merges spans that overlap, or that are not further from each other than a gap. */
  static List<Span> merged(Collection<Span> spans, long gap) {
    List<Span> merged = new ArrayList<>();
    spans.stream()
        .sorted(Comparator.comparingLong(Span::from))
        .forEach(
            span -> {
              int last = merged.size() - 1;
              if (last >= 0 && span.from - merged.get(last).to <= gap) {
                Span before = merged.get(last);
                merged.set(last, new Span(before.from, Math.max(before.to, span.to)));
              } else {
                merged.add(span);
              }
            });
    return merged;
  }

  boolean isEmpty() {
    return from >= to;
  }

  boolean contains(Span other) {
    return from <= other.from && other.to <= to;
  }
}
