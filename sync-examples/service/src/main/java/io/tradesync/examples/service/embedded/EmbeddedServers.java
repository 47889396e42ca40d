package io.tradesync.examples.service.embedded;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * The servers that this process started for itself, at most one of a kind, in a directory of their
 * own. They end with it, however it ends. Not thread-safe.
 */
public final class EmbeddedServers implements AutoCloseable {

  private final Deque<AutoCloseable> open = new ArrayDeque<>();
  private @Nullable EmbeddedDirectory directory;
  private @Nullable EmbeddedPostgresServer postgres;
  private @Nullable EmbeddedRedisServer redis;

  /**
   * The URL of a database on the embedded PostgreSQL, which is started if need be.
   *
   * @param database the database; made if it is not there
   * @return a JDBC URL with user and password
   */
  public String postgresUrl(String database) {
    EmbeddedPostgresServer server = postgres;
    if (server == null) {
      server = keep(EmbeddedPostgresServer.start(directory().path()));
      postgres = server;
    }
    return server.database(database);
  }

  /**
   * The URL of the embedded Redis, which is started if need be.
   *
   * @return a Redis URL with a password
   */
  public String redisUrl() {
    EmbeddedRedisServer server = redis;
    if (server == null) {
      server = keep(EmbeddedRedisServer.start(directory().path()));
      redis = server;
    }
    return server.url();
  }

  private EmbeddedDirectory directory() {
    EmbeddedDirectory known = directory;
    if (known == null) {
      known = keep(EmbeddedDirectory.open());
      directory = known;
    }
    return known;
  }

  private <C extends AutoCloseable> C keep(C closeable) {
    open.push(closeable);
    return closeable;
  }

  /** A port that is free just now. */
  static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  /** Stops the servers and removes their files. */
  @Override
  public void close() {
    while (!open.isEmpty()) {
      try {
        open.pop().close();
      } catch (Exception e) {
        // The watchdog, or the next start, removes what this left.
      }
    }
  }
}
