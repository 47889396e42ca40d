package io.tradesync.spi;

import java.util.Map;

/**
 * What a sink found when it compared its aggregates, such as candles, with its rows.
 *
 * @param differing the number of aggregates that differ, are missing, or should not be there, by
 *     the second at which the bucket begins that they begin in
 * @param notJudged the number of aggregates that were not compared, since they are still to be
 *     recomputed
 */
public record AggregateFindings(Map<Long, Long> differing, long notJudged) {

  /** Of a sink without aggregates. */
  public static final AggregateFindings NONE = new AggregateFindings(Map.of(), 0);

  /** Copies the map. */
  public AggregateFindings {
    differing = Map.copyOf(differing);
  }
}
