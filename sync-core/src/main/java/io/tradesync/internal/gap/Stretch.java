package io.tradesync.internal.gap;

import io.tradesync.KeyRange;

/**
 * A range in which something is to be repaired, as it was found.
 *
 * @param range where
 * @param repairs how many trades are to be repaired
 * @param trades how many trades the source has there, those to be left alone included
 */
public record Stretch(KeyRange range, long repairs, long trades) {

  Stretch join(long between, Stretch next) {
    return new Stretch(
        new KeyRange(range.after(), next.range.upTo()),
        repairs + next.repairs,
        trades + between + next.trades);
  }
}
