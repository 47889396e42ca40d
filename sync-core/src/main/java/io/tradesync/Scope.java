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

  /**
   * The trades of this scope on some chains only. A trade of another chain is neither a gap nor
   * orphaned, and a live feed that brings it is answered as out of scope.
   *
   * <p>The chains and pools of a scope are recorded in the log. A scope with more of them may be
   * used with the same log at any time; the next run compares everything then. A scope that lacks
   * some is refused once the log has entries, since those of the others would look orphaned: take
   * another service name for it.
   *
   * @param ids the chains; none for every chain
   */
  default Scope chains(long... ids) {
    return only(selection().withChains(ids));
  }

  /**
   * The trades of this scope in some pools only; see {@link #chains}.
   *
   * @param names the pools as the source writes them; none for every pool
   */
  default Scope pools(String... names) {
    return only(selection().withPools(names));
  }

  /** The trades of this scope on some chains and in some pools only; see {@link #chains}. */
  default Scope only(TradeSelection selection) {
    return selection.isAll() ? times() : new Selected(times(), selection);
  }

  /** The chains and pools in scope. */
  default TradeSelection selection() {
    return TradeSelection.ALL;
  }

  /** This scope on all chains and in all pools. */
  default Scope times() {
    return this;
  }

  /**
   * The trades of some chains and pools.
   *
   * @param times the scope of all chains and pools
   * @param selection the chains and pools
   */
  record Selected(Scope times, TradeSelection selection) implements Scope {

    /** Checks that both are there. */
    public Selected {
      Objects.requireNonNull(times, "times");
      Objects.requireNonNull(selection, "selection");
    }
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
