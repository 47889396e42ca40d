package io.tradesync;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A side cannot be reached, refuses to work, or does not answer in time. */
public final class SideUnavailableException extends TradesyncException {

  private static final long serialVersionUID = 1L;

  /** Which side. */
  private final Side side;

  /** Whether it was only too slow. */
  private final boolean timeout;

  private SideUnavailableException(
      Side side, boolean timeout, String reason, @Nullable Throwable cause) {
    super(reason, cause);
    this.side = Objects.requireNonNull(side, "side");
    this.timeout = timeout;
  }

  /**
   * The side cannot be used at all.
   *
   * @param side which side
   * @param reason why, in one line without secrets
   * @param cause what it came from, or null
   * @return the exception
   */
  public static SideUnavailableException unreachable(
      Side side, String reason, @Nullable Throwable cause) {
    return new SideUnavailableException(
        side, false, "the " + side.label() + " is not available: " + reason, cause);
  }

  /**
   * The side answers, but not within the time allowed for this request; a smaller one may succeed.
   *
   * @param side which side
   * @param reason what took too long, in one line without secrets
   * @param cause what it came from, or null
   * @return the exception
   */
  public static SideUnavailableException tooSlow(
      Side side, String reason, @Nullable Throwable cause) {
    return new SideUnavailableException(
        side, true, "the " + side.label() + " did not answer in time: " + reason, cause);
  }

  /**
   * Which side is gone.
   *
   * @return the side
   */
  public Side side() {
    return side;
  }

  /**
   * Whether the side is there but was too slow for this request.
   *
   * @return true if a smaller request may succeed
   */
  public boolean isTimeout() {
    return timeout;
  }
}
