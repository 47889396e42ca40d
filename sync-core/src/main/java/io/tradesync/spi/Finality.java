package io.tradesync.spi;

import io.tradesync.TradeKey;
import java.util.OptionalLong;

/**
 * Up to which second no reorganisation can touch a source's trades any more.
 *
 * @param epochSecond seconds since 1970-01-01T00:00:00Z; empty if no trade is final
 */
public record Finality(OptionalLong epochSecond) {

  private static final Finality NONE = new Finality(OptionalLong.empty());

  /** Every trade up to a second, itself included, is final. */
  public static Finality through(long epochSecond) {
    return new Finality(OptionalLong.of(epochSecond));
  }

  /** No trade is final. */
  public static Finality none() {
    return NONE;
  }

  /** The bound before the first key that is not final. */
  public TradeKey end() {
    return epochSecond.isPresent() ? TradeKey.startOf(epochSecond.getAsLong() + 1) : TradeKey.MIN;
  }

  /** What is final by this and by another answer. */
  public Finality and(Finality other) {
    return end().isBefore(other.end()) ? this : other;
  }
}
