package io.tradesync;

import java.time.Duration;
import java.time.Instant;
import java.util.Objects;

/**
 * Which trades of the source count at all. What lies outside is neither a gap nor orphaned and is
 * left as it is.
 */
public sealed interface Scope {

  /**
   * Every trade.
   *
   * @return the scope of all trades
   */
  static Scope all() {
    return new All();
  }

  /**
   * The trades from a time on.
   *
   * @param baseline the first instant in scope; cut off to the second
   * @return the scope
   */
  static Scope since(Instant baseline) {
    return new Since(baseline);
  }

  /**
   * The trades of a time before the first start and all later ones. The start is fixed when a log
   * is used for the first time, and kept with it: a restart does not move it. {@link Duration#ZERO}
   * begins at the first start.
   *
   * @param age how far to look back from the first start; not negative
   * @return the scope
   * @throws InvalidSettingException if the age is negative
   */
  static Scope last(Duration age) {
    return new Last(age);
  }

  /** Every trade. */
  record All() implements Scope {}

  /**
   * The trades from a time on.
   *
   * @param baseline the first instant in scope
   */
  record Since(Instant baseline) implements Scope {
    /**
     * Checks that the baseline is there.
     *
     * @param baseline see {@link #baseline()}
     */
    public Since {
      Objects.requireNonNull(baseline, "baseline");
    }
  }

  /**
   * The trades of a time before the first start, and all later ones.
   *
   * @param age how far to look back from the first start
   */
  record Last(Duration age) implements Scope {
    /**
     * Checks that the age is not negative.
     *
     * @param age see {@link #age()}
     */
    public Last {
      if (age.isNegative()) {
        throw new InvalidSettingException("scope", age, "must not reach into the future");
      }
    }
  }
}
