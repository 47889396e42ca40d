package io.tradesync.examples.service.http;

import io.javalin.http.Context;
import io.javalin.http.HandlerType;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Refuses calls that are not allowed. A foreign page in a browser on this machine must neither read
 * answers nor start runs. The check of the Host header refuses a foreign name that resolves to this
 * machine; the check of the Origin header refuses requests across origins.
 */
public final class Guard {

  private static final Set<String> LOOPBACK = Set.of("localhost", "127.0.0.1", "[::1]");

  private static final Pattern BEARER = Pattern.compile("(?i:bearer) +(\\S+)");

  private final String host;
  private final boolean loopbackOnly;
  private final byte @Nullable [] token;
  private final @Nullable URI publicUrl;

  /**
   * Creates a guard.
   *
   * @param host the name or address under which the service listens
   * @param loopbackOnly whether only this machine can reach it
   * @param token the token that every POST must carry; null if none is needed
   * @param publicUrl the URL by which browsers reach the service through a reverse proxy, without a
   *     slash at its end; null if there is no proxy
   */
  public Guard(String host, boolean loopbackOnly, @Nullable String token, @Nullable URI publicUrl) {
    this.host = host;
    this.loopbackOnly = loopbackOnly;
    this.token = token == null ? null : bytes(token);
    this.publicUrl = publicUrl;
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

  /** Returns the path of this service as a link: behind a proxy it is the public URL. */
  String link(String path) {
    return publicUrl == null ? path : publicUrl + path;
  }

  private boolean isOwnName(@Nullable String header) {
    if (header == null) {
      return false;
    }
    String name = header.replaceFirst(":[0-9]*$", "");
    return LOOPBACK.contains(name.toLowerCase(Locale.ROOT))
        || name.equalsIgnoreCase(host)
        || (publicUrl != null && header.equalsIgnoreCase(publicUrl.getRawAuthority()));
  }

  private void checkOrigin(Context call) {
    String origin = call.header("Origin");
    if (origin != null && !isPublic(origin) && !sameAuthority(origin, call.header("Host"))) {
      throw new Problem(403, "a page of another origin must not call this service");
    }
  }

  private boolean isPublic(String origin) {
    return publicUrl != null
        && origin.equalsIgnoreCase(publicUrl.getScheme() + "://" + publicUrl.getRawAuthority());
  }

  private boolean sameAuthority(String origin, @Nullable String hostHeader) {
    try {
      URI page = URI.create(origin);
      String authority = page.getRawAuthority();
      return authority != null
          && authority.equalsIgnoreCase(hostHeader)
          // A page of the public name must also have the public scheme.
          && (publicUrl == null || !authority.equalsIgnoreCase(publicUrl.getRawAuthority()));
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  private void checkToken(Context call) {
    if (token == null) {
      return;
    }
    String given = call.header("Authorization");
    Matcher bearer = BEARER.matcher(given == null ? "" : given);
    // The comparison takes the same time for every token.
    if (!bearer.matches() || !MessageDigest.isEqual(token, bytes(bearer.group(1)))) {
      call.header("WWW-Authenticate", "Bearer");
      throw new Problem(401, "Authorization must be Bearer and the service's token");
    }
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
