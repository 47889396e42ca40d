package io.tradesync.internal.failure;

import io.tradesync.SideUnavailableException;
import java.util.Objects;
import java.util.regex.Pattern;

/** Describes failures in one line of bounded length, without passwords. */
public final class FailureText {

  private static final String TIMEOUT = "Network timeout";

  private static final int MAX_LENGTH = 500;

  // White space, and characters that PostgreSQL cannot store: U+0000 and unpaired surrogates.
  private static final Pattern NOT_STORABLE = Pattern.compile("[\\s\\p{Cc}\\p{Cs}]+");

  // Drivers and HTTP clients quote the address that they were given, with its login.
  private static final Pattern LOGIN_IN_URL = Pattern.compile("(\\w://)[^\\s/@]+@");
  private static final Pattern PASSWORD =
      Pattern.compile(
          "(?i)\\b((?:password|passwd|pwd|secret|token|api[_-]?key)\"?\\s*[=:]\\s*)[^\\s&;,]+");

  private FailureText() {}

  /** Returns the reason that the log records for a failure; a timeout always has the same one. */
  public static String reason(Throwable failure) {
    if (!(failure instanceof LateSinkException) && FailureClassifier.isTimeout(failure)) {
      return TIMEOUT;
    }
    String line = message(failure);
    String type = failure.getClass().getSimpleName();
    if (line.isEmpty()) {
      return type;
    }
    return failure instanceof Exception ? line : type + ": " + line;
  }

  /** Returns why a run ended: the side that is gone is named, even if it only timed out. */
  public static String runEnd(Throwable failure) {
    return failure instanceof SideUnavailableException ? message(failure) : reason(failure);
  }

  /** Makes a text fit to be stored as a reason. */
  public static String singleLine(String text) {
    String line = NOT_STORABLE.matcher(text).replaceAll(" ").strip();
    line = LOGIN_IN_URL.matcher(line).replaceAll("$1***@");
    return cut(PASSWORD.matcher(line).replaceAll("$1***"));
  }

  private static String message(Throwable failure) {
    try {
      return singleLine(Objects.requireNonNullElse(failure.getMessage(), ""));
    } catch (RuntimeException | StackOverflowError e) {
      // A stranger's exception may fail to say why; its type still says something.
      return "";
    }
  }

  private static String cut(String line) {
    if (line.length() <= MAX_LENGTH) {
      return line;
    }
    int end = MAX_LENGTH - 1;
    return line.substring(0, Character.isHighSurrogate(line.charAt(end - 1)) ? end - 1 : end) + "…";
  }
}
