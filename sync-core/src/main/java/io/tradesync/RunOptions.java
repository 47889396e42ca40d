package io.tradesync;

import static io.tradesync.SettingChecks.atLeast;
import static io.tradesync.SettingChecks.positive;

import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * What a run is asked to do. Immutable; each method returns new options. A run closes the gaps; a
 * force also writes again what is processed already.
 */
public final class RunOptions {

  /** Closes the gaps, with the default of every option. */
  public static final RunOptions DEFAULT =
      new RunOptions(Optional.empty(), false, false, OptionalInt.empty(), Optional.empty());

  // The largest number of seconds that is not the milliseconds of a time since 1973.
  private static final long MAX_EPOCH_SECOND = 100_000_000_000L;

  private final Optional<ForcedTrades> forced;
  private final boolean compareAll;
  private final boolean allowMassRetraction;
  private final OptionalInt maxTradesPerSecond;
  private final Optional<Duration> maxDuration;

  private RunOptions(
      Optional<ForcedTrades> forced,
      boolean compareAll,
      boolean allowMassRetraction,
      OptionalInt maxTradesPerSecond,
      Optional<Duration> maxDuration) {
    this.forced = forced;
    this.compareAll = compareAll;
    this.allowMassRetraction = allowMassRetraction;
    this.maxTradesPerSecond = maxTradesPerSecond;
    this.maxDuration = maxDuration;
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
    checkSecond("fromTimestamp", fromEpochSecond);
    return force(ForcedTrades.after(fromEpochSecond));
  }

  /** Asks for a force of some trades. */
  public static RunOptions force(ForcedTrades trades) {
    return DEFAULT.forcing(trades);
  }

  private RunOptions forcing(ForcedTrades trades) {
    return new RunOptions(
        Optional.of(trades), compareAll, allowMassRetraction, maxTradesPerSecond, maxDuration);
  }

  private static void checkSecond(String name, long epochSecond) {
    if (epochSecond < 0 || epochSecond > MAX_EPOCH_SECOND) {
      throw new InvalidSettingException(
          name, epochSecond, "must be seconds since 1970, not milliseconds");
    }
  }

  /**
   * Ends the forced trades at a time, which is cut off to the second; see {@link #toEpochSecond}.
   */
  public RunOptions to(Instant time) {
    return toEpochSecond(time.getEpochSecond());
  }

  /**
   * Ends the forced trades at a second; without this, all later trades are forced.
   *
   * @param toEpochSecond seconds since 1970-01-01T00:00:00Z; trades of that second are forced too
   * @throws InvalidSettingException if this is no force, or the value is negative, can only be
   *     milliseconds, or is not after the start of the force; names {@code toTimestamp}
   */
  public RunOptions toEpochSecond(long toEpochSecond) {
    ForcedTrades trades = forcedOnly("toTimestamp", toEpochSecond);
    checkSecond("toTimestamp", toEpochSecond);
    return forcing(new ForcedTrades(trades.afterEpochSecond(), toEpochSecond, trades.selection()));
  }

  /**
   * Forces the trades of some chains and pools only. Such a force writes again what the source has
   * of them, and recomputes their candles. It retracts nothing, whatever the source lost: that is
   * left to the next run.
   *
   * @throws InvalidSettingException if this is no force; names {@code chains} or {@code pools}
   */
  public RunOptions only(TradeSelection selection) {
    ForcedTrades trades =
        selection.isAll() && forced.isEmpty()
            ? null
            : forcedOnly(selection.pools().isEmpty() ? "chains" : "pools", selection);
    return trades == null
        ? this
        : forcing(new ForcedTrades(trades.afterEpochSecond(), trades.toEpochSecond(), selection));
  }

  private ForcedTrades forcedOnly(String name, Object value) {
    return forced.orElseThrow(
        () ->
            new InvalidSettingException(name, value, "must be left out of a run: a force has it"));
  }

  /** Sets whether the run compares everything in scope first, also what is verified. */
  public RunOptions compareAll(boolean value) {
    return new RunOptions(forced, value, allowMassRetraction, maxTradesPerSecond, maxDuration);
  }

  /**
   * Sets whether the run also retracts when the source has lost most of its trades. The grace
   * period still applies.
   */
  public RunOptions allowMassRetraction(boolean value) {
    return new RunOptions(forced, compareAll, value, maxTradesPerSecond, maxDuration);
  }

  /**
   * Sets how many trades the run writes in a second at most, by the engine's clock, so that it
   * leaves room for others; without this, as many as it can. The trades of a batch are written
   * together.
   *
   * @throws InvalidSettingException if the value is below 1
   */
  public RunOptions maxTradesPerSecond(int value) {
    return new RunOptions(
        forced,
        compareAll,
        allowMassRetraction,
        OptionalInt.of(atLeast("maxTradesPerSecond", 1, value)),
        maxDuration);
  }

  /**
   * Sets after which time, by the engine's clock, the run ends as if it was cancelled: at the next
   * batch boundary, with the outcome {@link RunOutcome#CANCELLED} and a message that says so. What
   * was done stays. The next run closes the other gaps; a force is not resumed.
   *
   * @throws InvalidSettingException if the value is not positive
   */
  public RunOptions maxDuration(Duration value) {
    return new RunOptions(
        forced,
        compareAll,
        allowMassRetraction,
        maxTradesPerSecond,
        Optional.of(positive("maxDuration", value)));
  }

  /** For a force, which trades are written again; empty for a run. */
  public Optional<ForcedTrades> forced() {
    return forced;
  }

  public boolean compareAll() {
    return compareAll;
  }

  public boolean allowMassRetraction() {
    return allowMassRetraction;
  }

  public OptionalInt maxTradesPerSecond() {
    return maxTradesPerSecond;
  }

  public Optional<Duration> maxDuration() {
    return maxDuration;
  }

  public RunKind kind() {
    return forced.isPresent() ? RunKind.FORCE : RunKind.RUN;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof RunOptions that
        && forced.equals(that.forced)
        && compareAll == that.compareAll
        && allowMassRetraction == that.allowMassRetraction
        && maxTradesPerSecond.equals(that.maxTradesPerSecond)
        && maxDuration.equals(that.maxDuration);
  }

  @Override
  public int hashCode() {
    return Objects.hash(forced, compareAll, allowMassRetraction, maxTradesPerSecond, maxDuration);
  }

  @Override
  public String toString() {
    return kind().toString().toLowerCase(Locale.ROOT)
        + forced.map(trades -> " " + trades).orElse("")
        + (compareAll ? ", compare all" : "")
        + (allowMassRetraction ? ", allow mass retraction" : "")
        + (maxTradesPerSecond.isPresent()
            ? ", at most " + maxTradesPerSecond.getAsInt() + " trades/s"
            : "")
        + maxDuration.map(longest -> ", at most " + longest).orElse("");
  }
}
