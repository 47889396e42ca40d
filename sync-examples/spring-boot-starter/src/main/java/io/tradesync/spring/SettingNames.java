package io.tradesync.spring;

import io.tradesync.InvalidSettingException;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;

/** Names the property in an error of a part, which names the setting of its builder. */
final class SettingNames {

  /** The groups of properties; a part's setting has the name of one of the group's. */
  enum Group {
    SOURCE("source"),
    STORE("store"),
    SINK("sink"),
    SCOPE("scope"),
    ENGINE("engine"),
    REDIS("redis"),
    NOTIFICATIONS("notifications");

    private final String word;

    Group(String word) {
      this.word = word;
    }
  }

  /** What parts name in another way when they are prepared. */
  private static final Map<String, String> OTHERS =
      Map.of(
          "log schema", "store.schema",
          "log dataSource", "store.url",
          "sink schema", "sink.schema",
          "redisUri", "redis.url",
          "interval", "auto-interval",
          "scope", "scope.last");

  private final String prefix;

  SettingNames(String prefix) {
    this.prefix = prefix;
  }

  <T> T in(Group group, Supplier<T> part) {
    try {
      return part.get();
    } catch (InvalidSettingException e) {
      throw named(e, group);
    }
  }

  private InvalidSettingException named(InvalidSettingException e, Group group) {
    if (e.name().startsWith(TradesyncProperties.PREFIX + ".")) {
      return e;
    }
    String property = prefix + OTHERS.getOrDefault(e.name(), group.word + "." + kebab(e.name()));
    String message = String.valueOf(e.getMessage());
    String end = ", but is: " + e.value();
    String rule =
        message.startsWith(e.name() + " ") && message.endsWith(end)
            ? message.substring(e.name().length() + 1, message.length() - end.length())
            : "cannot be used";
    InvalidSettingException named = new InvalidSettingException(property, e.value(), rule);
    named.initCause(e);
    return named;
  }

  private static String kebab(String camelCase) {
    return camelCase.replaceAll("([a-z0-9])([A-Z])", "$1-$2").toLowerCase(Locale.ROOT);
  }
}
