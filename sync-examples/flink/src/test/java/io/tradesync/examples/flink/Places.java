package io.tradesync.examples.flink;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Places of the work at which a test holds the workers, which may be other processes: files of a
 * directory say who has reached a place, and whether it is closed.
 */
record Places(String directory) implements Serializable {

  static final String COMPARE = "compare";
  static final String READ = "read";
  static final String WRITE = "write";
  static final String WRITTEN = "written";
  static final String ENDED = "ended";

  private static final long PAUSE_MILLIS = 5;

  /** Says that this worker is here, and waits while the place is closed. */
  void reach(String place) throws InterruptedException {
    Path closed = file("closed", place);
    if (!Files.exists(closed)) {
      return;
    }
    tell(place);
    while (Files.exists(closed)) {
      Thread.sleep(PAUSE_MILLIS);
    }
  }

  /** Says that this worker is here, if anybody wants to know. */
  void pass(String place) {
    if (Files.exists(file("closed", place))) {
      tell(place);
    }
  }

  private void tell(String place) {
    create(file("at", place, ProcessHandle.current().pid(), Thread.currentThread().getId()));
  }

  void shut(String place) {
    create(file("closed", place));
  }

  void open(String place) {
    try {
      Files.deleteIfExists(file("closed", place));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  void awaitWorkers(String place, int count) {
    await().atMost(Duration.ofSeconds(60)).until(() -> arrivals(place) >= count);
  }

  private long arrivals(String place) {
    return names("at-" + place + "-").count();
  }

  /** The processes of which a worker has reached a place. */
  Set<Long> processesAt(String place) {
    return names("at-" + place + "-")
        .map(name -> Long.parseLong(name.split("-")[2]))
        .collect(Collectors.toSet());
  }

  private Stream<String> names(String start) {
    try (Stream<Path> files = Files.list(Path.of(directory))) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.startsWith(start))
          .toList()
          .stream();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Path file(Object... name) {
    return Path.of(
        directory, Stream.of(name).map(String::valueOf).collect(Collectors.joining("-")));
  }

  private static void create(Path file) {
    try {
      Files.writeString(file, "");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
