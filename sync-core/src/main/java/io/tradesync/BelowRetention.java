package io.tradesync;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * How both sides differ below the retention boundary. Nothing is repaired there; these differences
 * are no gaps.
 *
 * @param retainedSinceEpochSecond the boundary: the first second in which the store keeps trades
 * @param differences how many trades differ, by kind
 * @param firstEpochSecond the second of the oldest difference; null if there is none
 * @param lastEpochSecond the second of the newest difference, or of the last one that the audit
 *     could list; null if there is none
 */
public record BelowRetention(
    long retainedSinceEpochSecond,
    GapCounts differences,
    @Nullable Long firstEpochSecond,
    @Nullable Long lastEpochSecond) {

  public BelowRetention {
    Objects.requireNonNull(differences, "differences");
  }
}
