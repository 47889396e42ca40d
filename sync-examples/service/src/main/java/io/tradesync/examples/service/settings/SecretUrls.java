package io.tradesync.examples.service.settings;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads URLs that may contain a password. A parser can take a part of a wrong URL, such as an
 * unencoded password, for the host or the database. So a URL is shown, and a host is trusted, only
 * if there is one way to read the URL.
 */
public final class SecretUrls {

  /** The text for a URL that is not shown. */
  public static final String NOT_SHOWN = "(not shown)";

  private static final String HOST = "(?:[A-Za-z0-9._-]+|\\[[0-9A-Fa-f:.%]+])(?::[0-9]{1,5})?";
  private static final String HOSTS = HOST + "(?:," + HOST + ")*";

  // No sign of a user in front of a host may occur anywhere: the driver knows no such user.
  private static final Pattern JDBC =
      Pattern.compile("(jdbc:postgresql://" + HOSTS + "/[A-Za-z0-9_-]*)(?:\\?[^@]*)?");

  private static final Pattern REDIS =
      Pattern.compile(
          "rediss?(?:-sentinel)?://(?:[^/?#@\\s]*@)?"
              + HOSTS
              + "(?:/[0-9]{1,9})?/?(?:\\?[A-Za-z0-9=&._-]*)?(?:#[A-Za-z0-9._-]+)?");

  private SecretUrls() {}

  /** Returns the part of a JDBC URL that holds no secret; empty if that is not certain. */
  public static Optional<String> withoutParameters(String jdbcUrl) {
    Matcher matcher = JDBC.matcher(jdbcUrl);
    return matcher.matches() ? Optional.of(matcher.group(1)) : Optional.empty();
  }

  /** Returns whether there is one way only to read a URL of Redis. */
  static boolean isCertainRedisUrl(String url) {
    return REDIS.matcher(url).matches();
  }
}
