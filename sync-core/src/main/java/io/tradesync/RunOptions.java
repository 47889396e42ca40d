package io.tradesync;

import java.time.Instant;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a run is asked to do. Immutable; each method returns new options. A run closes the gaps; a
 * force also writes again what is processed already.
 */
public final class RunOptions {

  /** Closes the gaps, with the default of every option. */
  public static final RunOptions DEFAULT = new RunOptions(Optional.empty(), false, false);

  // The largest number of seconds that is not the milliseconds of a time since 1973.
  private static final long MAX_EPOCH_SECOND = 100_000_000_000L;

  private final Optional<Long> forcedAfterEpochSecond;
  private final boolean compareAll;
  private final boolean allowMassRetraction;

  private RunOptions(
      Optional<Long> forcedAfterEpochSecond, boolean compareAll, boolean allowMassRetraction) {
    this.forcedAfterEpochSecond = forcedAfterEpochSecond;
    this.compareAll = compareAll;
    this.allowMassRetraction = allowMassRetraction;
  }

  /** Asks for a force of all trades after a time. The time is cut off to the second. */
  public static RunOptions forceFrom(Instant time) {
    return forceFromEpochSecond(time.getEpochSecond());
  }

  /**
   * Asks for a force of all trades with a larger timestamp.
   *
   * @param fromEpochSecond seconds since 1970-01-01T00:00:00Z; trades of that second are not forced
   * @throws InvalidSettingException if the value is negative or can only be milliseconds
   */
  public static RunOptions forceFromEpochSecond(long fromEpochSecond) {
    if (fromEpochSecond < 0 || fromEpochSecond > MAX_EPOCH_SECOND) {
      throw new InvalidSettingException(
          "fromTimestamp", fromEpochSecond, "must be seconds since 1970, not milliseconds");
    }
    return new RunOptions(Optional.of(fromEpochSecond), false, false);
  }

  /** Sets whether the run compares everything in scope first, also what is verified. */
  public RunOptions compareAll(boolean value) {
    return new RunOptions(forcedAfterEpochSecond, value, allowMassRetraction);
  }

  /**
   * Sets whether the run also retracts when the source has lost most of its trades. The grace
   * period still applies.
   */
  public RunOptions allowMassRetraction(boolean value) {
    return new RunOptions(forcedAfterEpochSecond, compareAll, value);
  }

  /** For a force, the second after which trades are written again; empty for a run. */
  public Optional<Long> forcedAfterEpochSecond() {
    return forcedAfterEpochSecond;
  }

  public boolean compareAll() {
    return compareAll;
  }

  public boolean allowMassRetraction() {
    return allowMassRetraction;
  }

  public RunKind kind() {
    return forcedAfterEpochSecond.isPresent() ? RunKind.FORCE : RunKind.RUN;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof RunOptions that
        && forcedAfterEpochSecond.equals(that.forcedAfterEpochSecond)
        && compareAll == that.compareAll
        && allowMassRetraction == that.allowMassRetraction;
  }

  @Override
  public int hashCode() {
    return Objects.hash(forcedAfterEpochSecond, compareAll, allowMassRetraction);
  }

  @Override
  public String toString() {
    String forced = forcedAfterEpochSecond.map(after -> " after " + after).orElse("");
    return (kind() + forced).toLowerCase(Locale.ROOT)
        + (compareAll ? ", compare all" : "")
        + (allowMassRetraction ? ", allow mass retraction" : "");
  }
}
