package io.tradesync.examples.service.embedded;

/** An embedded server does not start. The message names the setting to use instead. */
public final class EmbeddedStartException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  EmbeddedStartException(String server, String settings, Throwable cause) {
    super(
        "no embedded %s can run here (%s): run as another user, or name a server by %s"
            .formatted(server, firstLine(cause), settings),
        cause);
  }

  private static String firstLine(Throwable cause) {
    return String.valueOf(cause.getMessage()).lines().findFirst().orElse("");
  }
}
