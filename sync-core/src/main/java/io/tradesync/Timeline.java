package io.tradesync;

import java.util.List;

/**
 * How many trades each side holds over time, in buckets of equal width. Both sides were read one
 * after the other while trades arrived, so the newest bucket is only as exact as that allows.
 *
 * @param fromEpochSecond the first second of the first bucket
 * @param toEpochSecond the second after the last bucket
 * @param bucketSeconds the width of a bucket in seconds; the last one may be shorter
 * @param buckets the buckets in order, also those without trades; none if no side holds a trade
 * @param complete whether all buckets up to {@code toEpochSecond} are listed; false if time ran out
 */
public record Timeline(
    long fromEpochSecond,
    long toEpochSecond,
    long bucketSeconds,
    List<TimelineBucket> buckets,
    boolean complete) {

  /** The most buckets that can be asked for. */
  public static final int MAX_BUCKETS = 1_000;

  /** Keeps a copy of the list. */
  public Timeline {
    buckets = List.copyOf(buckets);
  }
}
