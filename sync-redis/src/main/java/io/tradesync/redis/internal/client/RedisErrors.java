package io.tradesync.redis.internal.client;

import io.lettuce.core.RedisCommandExecutionException;
import io.tradesync.InvalidSettingException;
import io.tradesync.TradesyncException;
import java.util.Locale;
import java.util.concurrent.CancellationException;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Says what errors of Redis mean. No message holds a user name or a password. */
public final class RedisErrors {

  /** The code of a Redis that has no memory left. */
  public static final String FULL = "OOM";

  // Redis repeats the arguments of a command that it does not know, also those of an AUTH.
  private static final String ARGUMENTS = ", with args";

  // From 7.2 on Redis names the user who lacks a right.
  private static final Pattern NAMED_USER = Pattern.compile("User .* has no permissions");

  private RedisErrors() {}

  /** The first word of an error that Redis answered; empty if Redis did not answer. */
  public static String code(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof RedisCommandExecutionException && cause.getMessage() != null) {
        return cause.getMessage().split(" ", 2)[0];
      }
    }
    return "";
  }

  /** The error for a stream's key under which Redis keeps something else. */
  public static InvalidSettingException notAStream(String stream) {
    return new InvalidSettingException(
        "stream",
        stream,
        "must be the key of a Redis stream, and Redis keeps something else there (name another key,"
            + " or move that away)");
  }

  /** Why one stream cannot be used; null if the error is not about that stream alone. */
  public static @Nullable String streamReason(String stream, RuntimeException failure) {
    return switch (code(failure)) {
      case "WRONGTYPE" -> String.valueOf(notAStream(stream).getMessage());
      case "NOPERM" -> "this user lacks a right on the stream (" + reason(failure) + ")";
      default -> null;
    };
  }

  /** Turns an exception of Lettuce into one of this library. */
  static TradesyncException translate(RuntimeException failure, String address) {
    String rule = brokenRule(failure);
    return rule != null
        ? new InvalidSettingException("redisUri", address, rule + " (" + reason(failure) + ")")
        : new TradesyncException(
            "Redis at " + address + ": " + reason(failure),
            showsArguments(failure) ? null : failure);
  }

  private static @Nullable String brokenRule(Throwable failure) {
    return switch (code(failure)) {
      case "WRONGPASS", "NOAUTH" -> "must carry a user and a password that Redis accepts";
      case "NOPERM" -> "must carry a user who may use streams and consumer groups";
      default ->
          reason(failure).toLowerCase(Locale.ROOT).contains("db index is out of range")
              ? "must name a database that Redis has"
              : null;
    };
  }

  private static String reason(Throwable failure) {
    Throwable root = failure;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    if (root instanceof CancellationException) {
      return "the connection was lost";
    }
    String message = root.getMessage();
    if (message == null) {
      return root.getClass().getSimpleName();
    }
    String line = message.lines().findFirst().orElse("").split(ARGUMENTS, 2)[0];
    return NAMED_USER.matcher(line).replaceFirst("this user has no permissions");
  }

  private static boolean showsArguments(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause.getMessage() != null && cause.getMessage().contains(ARGUMENTS)) {
        return true;
      }
    }
    return false;
  }
}
