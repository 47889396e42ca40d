package io.tradesync.internal.failure;

import io.tradesync.SideUnavailableException;
import io.tradesync.TradeKey;
import io.tradesync.spi.AnalyticsSink;
import io.tradesync.spi.BadTradesException;
import io.tradesync.spi.FailureKind;
import io.tradesync.spi.TradeSource;
import io.tradesync.spi.log.SyncLog;
import java.io.IOException;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Sorts failures, and puts them into words. */
public final class Failures {

  /** The reason that a timeout is recorded with. */
  public static final String NETWORK_TIMEOUT = "Network timeout";

  private static final int LONGEST_REASON = 500;

  // White space, and what PostgreSQL cannot hold: U+0000 and unpaired surrogates.
  private static final Pattern NOT_STORABLE = Pattern.compile("[\\s\\p{Cc}\\p{Cs}]+");

  // Drivers and HTTP clients quote the address they were given, and what stood in it.
  private static final Pattern LOGIN_IN_URL = Pattern.compile("(\\w://)[^\\s/@]+@");
  private static final Pattern PASSWORD =
      Pattern.compile(
          "(?i)\\b((?:password|passwd|pwd|secret|token|api[_-]?key)\"?\\s*[=:]\\s*)[^\\s&;,]+");

  private final Function<Throwable, Optional<FailureKind>> sides;

  /**
   * Asks the sides first: they know their own exceptions.
   *
   * @param source the source
   * @param log the log
   * @param sink the sink
   */
  public Failures(TradeSource source, SyncLog log, AnalyticsSink sink) {
    this.sides =
        failure ->
            Stream.<Function<Throwable, Optional<FailureKind>>>of(
                    sink::classify, log::classify, source::classify)
                .flatMap(side -> side.apply(failure).stream())
                .findFirst();
  }

  /**
   * Sorts a failure.
   *
   * @param failure what was thrown
   * @return its kind
   */
  public FailureKind kind(Throwable failure) {
    if (!named(failure).isEmpty()) {
      return FailureKind.DATA;
    }
    return sides
        .apply(failure)
        .orElseGet(() -> isNetwork(failure) ? FailureKind.NETWORK : FailureKind.UNKNOWN);
  }

  /**
   * Tells whether the way to a side failed, or the side itself, and not the data.
   *
   * @param failure what was thrown
   * @return true if so
   */
  public boolean isConnectionFailure(Throwable failure) {
    FailureKind kind = kind(failure);
    return kind == FailureKind.NETWORK || kind == FailureKind.TRANSIENT;
  }

  /**
   * The trades that a sink named as the cause.
   *
   * @param failure what was thrown
   * @return the trades with their reasons; empty if none were named
   */
  public static Map<TradeKey, String> named(Throwable failure) {
    return causes(failure)
        .filter(BadTradesException.class::isInstance)
        .findFirst()
        .map(cause -> ((BadTradesException) cause).reasons())
        .orElse(Map.of());
  }

  private static boolean isNetwork(Throwable failure) {
    return causes(failure)
        .anyMatch(
            cause ->
                cause instanceof IOException
                    || cause instanceof SideUnavailableException
                    || isTimeout(cause));
  }

  // Clients have timeouts of their own (of sockets, HTTP, SQL, Redis) that share nothing but a
  // word.
  private static boolean isTimeout(Throwable cause) {
    return cause.getClass().getSimpleName().contains("Timeout");
  }

  /**
   * Puts a failure into words, for the log.
   *
   * @param failure what was thrown
   * @return one line of bounded length
   */
  public static String reason(Throwable failure) {
    if (causes(failure).anyMatch(Failures::isTimeout)) {
      return NETWORK_TIMEOUT;
    }
    String line = line(Objects.requireNonNullElse(failure.getMessage(), ""));
    return line.isEmpty() ? failure.getClass().getSimpleName() : line;
  }

  /**
   * Puts into words what ended a run: the side that is gone is named, also where it gave no answer
   * in time.
   *
   * @param failure what was thrown
   * @return one line of bounded length
   */
  public static String ending(Throwable failure) {
    return failure instanceof SideUnavailableException gone
        ? line(Objects.requireNonNullElse(gone.getMessage(), ""))
        : reason(failure);
  }

  /**
   * Makes a text fit to be kept as a reason.
   *
   * @param text any text
   * @return one line of bounded length, without passwords
   */
  public static String line(String text) {
    String line = NOT_STORABLE.matcher(text).replaceAll(" ").strip();
    line = LOGIN_IN_URL.matcher(line).replaceAll("$1***@");
    return cut(PASSWORD.matcher(line).replaceAll("$1***"));
  }

  private static String cut(String line) {
    if (line.length() <= LONGEST_REASON) {
      return line;
    }
    int end = LONGEST_REASON - 1;
    return line.substring(0, Character.isHighSurrogate(line.charAt(end - 1)) ? end - 1 : end) + "…";
  }

  private static Stream<Throwable> causes(Throwable failure) {
    return Stream.iterate(failure, cause -> cause != null, Throwable::getCause).limit(16);
  }
}
