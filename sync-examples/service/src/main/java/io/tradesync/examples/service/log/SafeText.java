package io.tradesync.examples.service.log;

import java.util.Locale;
import java.util.regex.Pattern;

/**
 * Escapes characters that a terminal or a log reader would act on. A value from outside, such as
 * the id of a trade, could otherwise forge a log line or control the terminal.
 */
public final class SafeText {

  /** Control characters, separators of lines and paragraphs, and marks of the direction. */
  private static final String UNSAFE =
      "[\\p{Cc}\\u2028\\u2029\\u200e\\u200f\\u202a-\\u202e\\u2066-\\u2069]";

  private static final Pattern IN_A_LINE = Pattern.compile(UNSAFE);

  /** As above, but for the tabs and line breaks in front of the frames of a stack trace. */
  private static final Pattern IN_A_STACK_TRACE =
      Pattern.compile(
          "(?!\\n"
              + "\\t*(?:at |\\.\\.\\. |Caused by: |Suppressed: )|\\n"
              + "\\z|\\t+(?:at |\\.\\.\\. |Suppressed: ))"
              + UNSAFE);

  private SafeText() {}

  /** Returns the text in one line; each unsafe character is written as a Java escape. */
  public static String line(String text) {
    return escape(IN_A_LINE, text);
  }

  /** Returns a stack trace in which only the line breaks between its frames are left. */
  static String stackTrace(String text) {
    return escape(IN_A_STACK_TRACE, text.replace("\r\n", "\n"));
  }

  private static String escape(Pattern unsafe, String text) {
    return unsafe
        .matcher(text)
        .replaceAll(
            match -> String.format(Locale.ROOT, "\\\\u%04x", (int) match.group().charAt(0)));
  }
}
