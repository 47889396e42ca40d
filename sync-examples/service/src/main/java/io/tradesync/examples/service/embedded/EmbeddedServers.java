package io.tradesync.examples.service.embedded;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * The embedded servers of this process, at most one of each kind. They start when they are first
 * asked for, and they end with the process, even if it is killed. Not thread-safe.
 */
public final class EmbeddedServers implements AutoCloseable {

  /** The jar that holds the programs of the servers; the other one works without it. */
  public static final String JAR = "tradesync-embedded.jar";

  private static final String CLASS_OF_JAR = "/redis/embedded/RedisExecProvider.class";

  private final Deque<AutoCloseable> open = new ArrayDeque<>();
  private @Nullable EmbeddedDirectory directory;
  private @Nullable EmbeddedPostgresServer postgres;
  private @Nullable EmbeddedRedisServer redis;

  /**
   * Returns whether {@link #JAR} is beside the jar of this class, or its content on the class path.
   */
  public static boolean areAvailable() {
    return EmbeddedServers.class.getResource(CLASS_OF_JAR) != null;
  }

  /**
   * Returns the JDBC URL of a database on the embedded PostgreSQL, with user and password. Creates
   * the database if it does not exist.
   */
  public String postgresUrl(String database) {
    EmbeddedPostgresServer server = postgres;
    if (server == null) {
      server = keep(EmbeddedPostgresServer.start(directory().path()));
      postgres = server;
    }
    return server.database(database);
  }

  /** Returns the URL of the embedded Redis, with its password. */
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

  /** Returns a port that is free at this moment. */
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
        // The watchdog or the next start removes the rest.
      }
    }
  }
}
