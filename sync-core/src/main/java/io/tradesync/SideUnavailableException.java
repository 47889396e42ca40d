package io.tradesync;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A side cannot be reached, refuses to work, or does not answer in time. */
public final class SideUnavailableException extends TradesyncException {

  private static final long serialVersionUID = 1L;

  /** Which side. */
  private final Side side;

  /** In which way it cannot be used. */
  private final Reason reason;

  private enum Reason {
    UNREACHABLE,
    TOO_SLOW,
    SETTING
  }

  private SideUnavailableException(
      Side side, Reason reason, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.side = Objects.requireNonNull(side, "side");
    this.reason = reason;
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
        side, Reason.UNREACHABLE, "the " + side.label() + " is not available: " + reason, cause);
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
        side, Reason.TOO_SLOW, "the " + side.label() + " did not answer in time: " + reason, cause);
  }

  /**
   * The side answers, but one of its settings forbids the work, whatever the trades are. Trying
   * again does not help until the setting is changed.
   *
   * @param side which side
   * @param reason what it refused and by which setting, in one line without secrets
   * @param cause what it came from, or null
   * @return the exception
   */
  public static SideUnavailableException forbidden(
      Side side, String reason, @Nullable Throwable cause) {
    return new SideUnavailableException(
        side, Reason.SETTING, "a setting of the " + side.label() + " forbids it: " + reason, cause);
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
    return reason == Reason.TOO_SLOW;
  }

  /**
   * Whether the side was reached, and one of its settings forbids the work.
   *
   * @return true if the setting must be changed first
   */
  public boolean isSetting() {
    return reason == Reason.SETTING;
  }
}
