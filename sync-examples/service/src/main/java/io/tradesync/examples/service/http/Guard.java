package io.tradesync.examples.service.http;

import io.javalin.http.Context;
import io.javalin.http.HandlerType;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Refuses calls that are not allowed. A foreign page in a browser on this machine must neither read
 * answers nor start runs. The check of the Host header refuses a foreign name that resolves to this
 * machine; the check of the Origin header refuses requests across origins.
 */
public final class Guard {

  private static final Set<String> LOOPBACK = Set.of("localhost", "127.0.0.1", "[::1]");

  private final String host;
  private final boolean loopbackOnly;
  private final byte @Nullable [] authorization;

  /**
   * Creates a guard.
   *
   * @param host the name or address under which the service listens
   * @param loopbackOnly whether only this machine can reach it
   * @param token the token that every POST must carry; null if none is needed
   */
  public Guard(String host, boolean loopbackOnly, @Nullable String token) {
    this.host = host;
    this.loopbackOnly = loopbackOnly;
    this.authorization = token == null ? null : bytes("Bearer " + token);
  }

  void check(Context call) {
    // A service that others can reach has names that it does not know, and a token.
    if (loopbackOnly && !isOwnName(call.header("Host"))) {
      throw new Problem(403, "the Host header does not name this service");
    }
    if (call.method().equals(HandlerType.POST)) {
      checkOrigin(call);
      checkToken(call);
    }
  }

  private boolean isOwnName(@Nullable String header) {
    if (header == null) {
      return false;
    }
    String name = header.replaceFirst(":[0-9]*$", "");
    return LOOPBACK.contains(name) || name.equalsIgnoreCase(host);
  }

  private static void checkOrigin(Context call) {
    String origin = call.header("Origin");
    if (origin != null && !sameAuthority(origin, call.header("Host"))) {
      throw new Problem(403, "a page of another origin must not call this service");
    }
  }

  private static boolean sameAuthority(String origin, @Nullable String host) {
    try {
      String authority = URI.create(origin).getRawAuthority();
      return authority != null && authority.equalsIgnoreCase(host);
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  private void checkToken(Context call) {
    if (authorization == null) {
      return;
    }
    String given = call.header("Authorization");
    // The comparison takes the same time for every token.
    if (given == null || !MessageDigest.isEqual(authorization, bytes(given))) {
      call.header("WWW-Authenticate", "Bearer");
      throw new Problem(401, "Authorization must be Bearer and the service's token");
    }
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
