package io.tradesync.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import redis.embedded.RedisServer;

/**
 * An empty Redis server for a test, which needs no installation. It listens on a free port of the
 * loopback address, and keeps port and data when it is stopped and started again. It ends with the
 * JVM if it is not closed before.
 *
 * <p>The server is that of {@code org.signal:embedded-redis}, which must be on the class path of
 * the tests; the kit does not bring it along.
 *
 * <p>Thread-safe.
 */
public final class EmbeddedRedis implements AutoCloseable {

  private static final int PORT_ATTEMPTS = 5;

  private final RedisServer server;
  private final Path directory;

  private EmbeddedRedis(RedisServer server, Path directory) {
    this.server = server;
    this.directory = directory;
  }

  /**
   * Starts a server, and returns when it answers.
   *
   * @throws IllegalStateException if embedded-redis is not on the class path
   * @throws RuntimeException if the server does not start
   */
  public static EmbeddedRedis start() {
    OptionalLibrary.EMBEDDED_REDIS.require();
    for (int attempt = 1; ; attempt++) {
      EmbeddedRedis redis = create();
      try {
        redis.server.start();
        Runtime.getRuntime().addShutdownHook(new Thread(redis::close, "embedded-redis-stop"));
        return redis;
      } catch (RuntimeException e) {
        redis.close();
        // Another process may have taken the port since it was found free.
        if (attempt == PORT_ATTEMPTS) {
          throw e;
        }
      }
    }
  }

  private static EmbeddedRedis create() {
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Path directory = Files.createTempDirectory("tradesync-testkit-redis");
      RedisServer server =
          RedisServer.builder()
              .port(free.getLocalPort())
              .setting("bind 127.0.0.1")
              .setting("dir \"" + directory + "\"")
              // An append-only file keeps every write over a restart; snapshots add nothing.
              .setting("appendonly yes")
              .setting("save \"\"")
              .build();
      return new EmbeddedRedis(server, directory);
    } catch (IOException e) {
      throw new UncheckedIOException("The embedded Redis cannot be prepared", e);
    }
  }

  /** Returns the URL of the server, such as {@code redis://127.0.0.1:40001}. */
  public String url() {
    return "redis://127.0.0.1:" + server.ports().get(0);
  }

  /** Stops the server as a shutdown does; connections to it break. */
  public synchronized void stop() {
    server.stop();
  }

  /** Starts the server again after {@link #stop()}, and returns when it answers. */
  public synchronized void startAgain() {
    server.start();
  }

  /** Stops the server and removes its data. Closing it again changes nothing. */
  @Override
  public synchronized void close() {
    server.stop();
    if (Files.exists(directory)) {
      try (Stream<Path> files = Files.walk(directory)) {
        List<Path> deepestFirst = files.sorted(Comparator.reverseOrder()).toList();
        for (Path file : deepestFirst) {
          boolean ignored = Files.deleteIfExists(file);
        }
      } catch (IOException e) {
        throw new UncheckedIOException("The data of the embedded Redis cannot be removed", e);
      }
    }
  }
}
