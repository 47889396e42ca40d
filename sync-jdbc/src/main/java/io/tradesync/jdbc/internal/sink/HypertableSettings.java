package io.tradesync.jdbc.internal.sink;

import java.time.Duration;
import java.util.Optional;

/**
 * What a sink's settings say about the hypertable of trades; an empty one says nothing.
 *
 * @param convert whether a plain table is turned into a hypertable
 * @param chunkInterval the span of a new chunk
 * @param compressAfter the age at which chunks are compressed
 * @param retainFor the age at which chunks are dropped
 */
public record HypertableSettings(
    boolean convert,
    Optional<Duration> chunkInterval,
    Optional<Duration> compressAfter,
    Optional<Duration> retainFor) {

  boolean areNone() {
    return chunkInterval.isEmpty() && compressAfter.isEmpty() && retainFor.isEmpty();
  }
}
