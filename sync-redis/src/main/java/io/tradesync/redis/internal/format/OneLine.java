package io.tradesync.redis.internal.format;

import java.util.regex.Pattern;

/** Shows text from outside in one line of a log. */
public final class OneLine {

  private static final Pattern CONTROL = Pattern.compile("\\p{Cntrl}");

  private OneLine() {}

  /** The beginning of a text, with a question mark for each control character. */
  public static String of(String text, int maxLength) {
    return CONTROL.matcher(text.substring(0, Math.min(text.length(), maxLength))).replaceAll("?");
  }
}
