package io.tradesync;

import org.jspecify.annotations.Nullable;

/** A setting or an argument that cannot be used; thrown before anything was changed. */
public final class InvalidSettingException extends TradesyncException {

  private static final long serialVersionUID = 1L;

  private static final int MAX_SHOWN = 200;

  /** The setting. */
  private final String name;

  /** What it was set to. */
  private final String value;

  /**
   * Makes an exception.
   *
   * @param name the setting or field, as its user writes it
   * @param value the value that was given; must not be a secret
   * @param rule what the value must be, as the end of a sentence: {@code must be at least 1}
   */
  public InvalidSettingException(String name, @Nullable Object value, String rule) {
    super(name + " " + rule + ", but is: " + shown(String.valueOf(value)));
    this.name = name;
    this.value = String.valueOf(value);
  }

  private static String shown(String value) {
    int end = Math.min(value.length(), MAX_SHOWN);
    String start = value.substring(0, end).replaceAll("[\\p{Cc}\\p{Cs}]", "\uFFFD");
    return end < value.length() ? start + "…" : start;
  }

  /**
   * The setting's name.
   *
   * @return the name as its user writes it
   */
  public String name() {
    return name;
  }

  /**
   * The value that was refused.
   *
   * @return the value as text
   */
  public String value() {
    return value;
  }
}
