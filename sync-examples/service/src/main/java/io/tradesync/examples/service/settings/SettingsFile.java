package io.tradesync.examples.service.settings;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A file with settings, one {@code NAME=value} a line, as systemd and Docker read it too. Empty
 * lines and lines that begin with {@code #} are ignored; a value may be in quotes.
 */
final class SettingsFile {

  private SettingsFile() {}

  /**
   * Reads a file.
   *
   * @throws StartException if the file cannot be read or is no settings file
   */
  static Map<String, String> read(Path file) {
    Map<String, String> values = new HashMap<>();
    int number = 0;
    for (String line : lines(file)) {
      number++;
      String text = line.strip();
      if (text.isEmpty() || text.startsWith("#")) {
        continue;
      }
      int equals = text.indexOf('=');
      if (equals < 1) {
        // The line may be a part of a secret.
        throw new StartException(
            "line %s of %s must be NAME=value, and is not shown".formatted(number, file), null);
      }
      String name = text.substring(0, equals).strip();
      if (DeclaredSettings.ALL.stream().noneMatch(setting -> setting.name().equals(name))) {
        throw new StartException(
            "line %s of %s names no setting: %s".formatted(number, file, name), null);
      }
      if (values.put(name, unquoted(text.substring(equals + 1).strip())) != null) {
        throw new StartException(
            "line %s of %s sets %s a second time".formatted(number, file, name), null);
      }
    }
    return values;
  }

  private static List<String> lines(Path file) {
    try {
      return Files.readAllLines(file);
    } catch (IOException e) {
      throw new StartException("--config: the file %s cannot be read".formatted(file), e);
    }
  }

  private static String unquoted(String value) {
    boolean quoted =
        value.length() > 1
            && (value.charAt(0) == '"' || value.charAt(0) == '\'')
            && value.charAt(0) == value.charAt(value.length() - 1);
    return quoted ? value.substring(1, value.length() - 1) : value;
  }
}
