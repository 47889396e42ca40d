package io.tradesync.redis.internal.format;

import java.util.regex.Pattern;

/** Shows text from outside in one line of a log. */
public final class OneLine {

  // Controls, formats such as a change of direction, separators of lines, unpaired surrogates.
  private static final Pattern UNSAFE = Pattern.compile("[\\p{Cc}\\p{Cf}\\p{Cs}\\p{Zl}\\p{Zp}]");

  private OneLine() {}

  /**
   * The beginning of a text, with a question mark for each character that has no place in a line.
   */
  public static String of(String text, int maxLength) {
    return UNSAFE.matcher(text.substring(0, Math.min(text.length(), maxLength))).replaceAll("?");
  }
}
