package io.tradesync.examples.service.embedded;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import redis.embedded.RedisExecProvider;
import redis.embedded.util.Architecture;
import redis.embedded.util.OS;
import redis.embedded.util.OSDetector;

/** An embedded Redis, protected by a random password. */
final class EmbeddedRedisServer implements AutoCloseable {

  private final Path pid;
  private final String url;

  private EmbeddedRedisServer(Path pid, String url) {
    this.pid = pid;
    this.url = url;
  }

  static EmbeddedRedisServer start(Path directory) {
    try {
      Path program = unpack(directory);
      int port = EmbeddedServers.freePort();
      String password = EmbeddedPostgresServer.newPassword();
      Path pid = directory.resolve("redis.pid");
      Path log = directory.resolve("redis.log");
      Path configuration = directory.resolve("redis.conf");
      Files.writeString(
          configuration,
          """
          bind 127.0.0.1
          port %s
          requirepass %s
          dir "%s"
          pidfile "%s"
          logfile "%s"
          save ""
          daemonize yes
          """
              .formatted(port, password, directory, pid, log));
      Process launcher =
          new ProcessBuilder(program.toString(), configuration.toString())
              .redirectErrorStream(true)
              .start();
      String said = new String(launcher.getInputStream().readAllBytes(), UTF_8).strip();
      if (launcher.waitFor() != 0) {
        throw new IOException(said);
      }
      if (!EmbeddedDirectory.becomesTrue(() -> isReady(log))) {
        throw new IOException(Files.exists(log) ? lastLine(log) : "it is not ready in time");
      }
      return new EmbeddedRedisServer(pid, "redis://:" + password + "@127.0.0.1:" + port);
    } catch (IOException | RuntimeException e) {
      throw new EmbeddedStartException("Redis", "REDIS_URL", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new EmbeddedStartException("Redis", "REDIS_URL", e);
    }
  }

  // The library would unpack it to a directory that a killed process leaves behind.
  private static Path unpack(Path directory) throws IOException {
    String system = OSDetector.getOS() == OS.MAC_OS_X ? "darwin" : "linux";
    String machine = OSDetector.getArchitecture() == Architecture.arm64 ? "arm64" : "amd64";
    String name = "redis-server-" + RedisExecProvider.redisVersion + "-" + system + "-" + machine;
    Path program = directory.resolve("redis-server");
    try (InputStream in = RedisExecProvider.class.getResourceAsStream("/" + name)) {
      if (in == null) {
        throw new IOException("there is no " + name);
      }
      Files.copy(in, program);
    }
    if (!program.toFile().setExecutable(true)) {
      throw new IOException("cannot make " + program + " executable");
    }
    return program;
  }

  private static boolean isReady(Path log) {
    try {
      return Files.exists(log) && Files.readString(log).contains("eady to accept connections");
    } catch (IOException e) {
      return false;
    }
  }

  private static String lastLine(Path log) throws IOException {
    return Files.readString(log).lines().reduce("", (first, second) -> second);
  }

  String url() {
    return url;
  }

  @Override
  public void close() throws IOException {
    Optional<ProcessHandle> process =
        ProcessHandle.of(Long.parseLong(Files.readString(pid).strip()));
    process.ifPresent(ProcessHandle::destroy);
    // Redis removes the file when it ends. Its process may stay as a zombie without a parent.
    if (!EmbeddedDirectory.becomesTrue(() -> Files.notExists(pid))) {
      process.ifPresent(ProcessHandle::destroyForcibly);
    }
  }
}
