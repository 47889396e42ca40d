package io.tradesync.examples.service.settings;

import io.tradesync.InvalidSettingException;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A setting of the service: an environment variable, a system property, or a line of the settings
 * file.
 *
 * @param name its name in all three
 * @param defaultValue the value that an absent setting has; null if it then has none
 * @param whenAbsent the meaning of an absent setting, in a word, for the help
 * @param help what it is for, in one line
 * @param secret whether its value must not be shown
 * @param parser reads its value
 */
public record Setting<T>(
    String name,
    @Nullable String defaultValue,
    String whenAbsent,
    String help,
    boolean secret,
    Parser<T> parser) {

  /** Reads the value of a setting. */
  interface Parser<T> {

    /**
     * Reads a value.
     *
     * @throws InvalidSettingException if the value makes no sense; names the setting
     */
    T parse(String name, String value);
  }

  static <T> Setting<T> of(String name, String defaultValue, String help, Parser<T> parser) {
    return new Setting<>(name, defaultValue, defaultValue, help, false, parser);
  }

  static <T> Setting<T> optional(String name, String whenAbsent, String help, Parser<T> parser) {
    return new Setting<>(name, null, whenAbsent, help, false, parser);
  }

  Setting<T> asSecret() {
    return new Setting<>(name, defaultValue, whenAbsent, help, true, parser);
  }

  /** Returns the value; null if it is absent and there is no default. */
  @Nullable T find(UnaryOperator<@Nullable String> source) {
    String value = text(source);
    return value == null ? null : parser.parse(name, value);
  }

  /** Returns the value of a setting that has a default. */
  T get(UnaryOperator<@Nullable String> source) {
    String value = text(source);
    if (value == null) {
      throw new IllegalStateException(name + " has no default");
    }
    return parser.parse(name, value);
  }

  private @Nullable String text(UnaryOperator<@Nullable String> source) {
    String value = source.apply(name);
    return value == null || value.isBlank() ? defaultValue : value.strip();
  }
}
