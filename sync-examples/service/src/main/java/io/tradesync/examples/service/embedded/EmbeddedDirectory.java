package io.tradesync.examples.service.embedded;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.UserPrincipal;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The directory in which the embedded servers keep their programs and data. A lock on a file in it
 * proves that its owner is alive. If the owner is killed, a watchdog stops the servers and removes
 * the directory: a shell that waits for the end of a pipe from this process. If the watchdog is
 * killed too, the next start does the same.
 */
final class EmbeddedDirectory implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(EmbeddedDirectory.class);
  private static final String PREFIX = "tradesync-embedded-";
  private static final String LOCK = "lock";

  /** The directories of this process. Opening and closing a lock file again would unlock it. */
  private static final Set<Path> OWN = ConcurrentHashMap.newKeySet();

  private static final long PATIENCE_SECONDS = 10;

  private final Path path;
  private final FileChannel lock;
  private final Process watchdog;

  private EmbeddedDirectory(Path path, FileChannel lock, Process watchdog) {
    this.path = path;
    this.lock = lock;
    this.watchdog = watchdog;
  }

  static EmbeddedDirectory open() {
    try {
      Path temporary = Path.of(System.getProperty("java.io.tmpdir")).toRealPath();
      Path path = Files.createTempDirectory(temporary, PREFIX);
      OWN.add(path);
      EmbeddedDirectory directory = new EmbeddedDirectory(path, lock(path), startWatchdog(path));
      removeLeftovers(temporary, Files.getOwner(path));
      return directory;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  Path path() {
    return path;
  }

  // The file gets its name only after it is locked, so no other process removes the directory.
  private static FileChannel lock(Path directory) throws IOException {
    Path unnamed = directory.resolve("lock.new");
    FileChannel channel =
        FileChannel.open(unnamed, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    channel.lock();
    Files.move(unnamed, directory.resolve(LOCK));
    return channel;
  }

  private static Process startWatchdog(Path directory) throws IOException {
    Path script = directory.resolve("watchdog.sh");
    try (InputStream in = EmbeddedDirectory.class.getResourceAsStream("watchdog.sh")) {
      Files.copy(Objects.requireNonNull(in, "watchdog.sh"), script);
    }
    return new ProcessBuilder("sh", script.toString(), directory.toString())
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .redirectError(ProcessBuilder.Redirect.DISCARD)
        .start();
  }

  private static void removeLeftovers(Path temporary, UserPrincipal me) throws IOException {
    try (DirectoryStream<Path> directories = Files.newDirectoryStream(temporary, PREFIX + "*")) {
      for (Path directory : directories) {
        if (!OWN.contains(directory) && isOf(me, directory) && isAbandoned(directory)) {
          LOG.info("removing what an earlier start left in {}", directory);
          stopProcessesOf(directory);
          delete(directory);
        }
      }
    }
  }

  // Others can make directories here too, under any name.
  private static boolean isOf(UserPrincipal user, Path directory) {
    try {
      return Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)
          && Files.getOwner(directory, LinkOption.NOFOLLOW_LINKS).equals(user);
    } catch (IOException e) {
      return false;
    }
  }

  private static boolean isAbandoned(Path directory) {
    // Without CREATE: a directory whose lock is not there yet belongs to somebody who is starting.
    try (FileChannel channel = FileChannel.open(directory.resolve(LOCK), StandardOpenOption.WRITE);
        FileLock lock = channel.tryLock()) {
      return lock != null;
    } catch (NoSuchFileException e) {
      return isOld(directory);
    } catch (IOException e) {
      return false;
    }
  }

  private static boolean isOld(Path directory) {
    try {
      long age = System.currentTimeMillis() - Files.getLastModifiedTime(directory).toMillis();
      return age > TimeUnit.MINUTES.toMillis(5);
    } catch (IOException e) {
      return false;
    }
  }

  // The servers' programs lie in the directory itself, so a process id that was given to somebody
  // else in the meantime is not taken for one of ours.
  private static void stopProcessesOf(Path directory) {
    List<ProcessHandle> processes =
        ProcessHandle.allProcesses()
            .filter(process -> process.info().command().orElse("").startsWith(directory + "/"))
            .toList();
    processes.forEach(ProcessHandle::destroy);
    processes.stream()
        .filter(process -> !becomesTrue(() -> !process.isAlive()))
        .forEach(ProcessHandle::destroyForcibly);
  }

  /** Waits for some seconds until a condition holds. */
  static boolean becomesTrue(BooleanSupplier condition) {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    try {
      while (!condition.getAsBoolean() && System.nanoTime() < end) {
        TimeUnit.MILLISECONDS.sleep(5);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return condition.getAsBoolean();
  }

  private static void delete(Path directory) {
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    } catch (IOException | UncheckedIOException e) {
      LOG.warn("cannot remove {}: {}", directory, e.toString());
    }
  }

  /** Removes the directory, once the servers in it are stopped, and lets the watchdog go. */
  @Override
  public void close() throws IOException {
    delete(path);
    lock.close();
    OWN.remove(path);
    watchdog.getOutputStream().close();
    if (!becomesTrue(() -> !watchdog.isAlive())) {
      watchdog.destroyForcibly();
    }
  }
}
