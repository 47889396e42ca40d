package io.tradesync;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Which trades a force writes again. Immutable.
 *
 * @param afterEpochSecond the second after which trades are forced, since 1970-01-01T00:00:00Z
 * @param toEpochSecond the last second of which trades are forced; null for all later ones
 * @param selection the chains and pools of the trades
 */
public record ForcedTrades(
    long afterEpochSecond, @Nullable Long toEpochSecond, TradeSelection selection) {

  /**
   * Checks the seconds.
   *
   * @throws InvalidSettingException if {@code toEpochSecond} is not after {@code afterEpochSecond};
   *     names {@code toTimestamp}
   */
  public ForcedTrades {
    Objects.requireNonNull(selection, "selection");
    if (toEpochSecond != null && toEpochSecond <= afterEpochSecond) {
      throw new InvalidSettingException(
          "toTimestamp", toEpochSecond, "must be after fromTimestamp " + afterEpochSecond);
    }
  }

  /** Returns all trades after a second. */
  public static ForcedTrades after(long epochSecond) {
    return new ForcedTrades(epochSecond, null, TradeSelection.ALL);
  }

  /** Returns the range of keys of the trades. */
  public KeyRange range() {
    KeyRange later = KeyRange.from(afterEpochSecond + 1);
    return toEpochSecond == null ? later : later.upTo(TradeKey.startOf(toEpochSecond + 1));
  }

  /** Returns whether every trade of another force is one of this one, too. */
  public boolean covers(ForcedTrades other) {
    return afterEpochSecond <= other.afterEpochSecond
        && (toEpochSecond == null
            || (other.toEpochSecond != null && toEpochSecond >= other.toEpochSecond))
        && selection.containsAll(other.selection);
  }

  @Override
  public String toString() {
    return "after "
        + afterEpochSecond
        + (toEpochSecond == null ? "" : " up to " + toEpochSecond)
        + (selection.isAll() ? "" : " of " + selection);
  }
}
