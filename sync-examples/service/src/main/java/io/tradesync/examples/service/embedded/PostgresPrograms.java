package io.tradesync.examples.service.embedded;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.tukaani.xz.XZInputStream;

/** The programs of a PostgreSQL server, unpacked from the jar file by file, in little memory. */
final class PostgresPrograms {

  private static final int OWNER_MAY_EXECUTE = 0100;

  private final Path directory;
  private final boolean root;

  private PostgresPrograms(Path directory) throws IOException {
    this.directory = directory;
    this.root = Objects.equals(Files.getAttribute(directory, "unix:uid"), 0);
  }

  static PostgresPrograms unpack(Path directory) throws IOException {
    Files.createDirectory(directory);
    String archive = "postgres-%s-%s.txz".formatted(system(), machine());
    try (InputStream in = PostgresPrograms.class.getResourceAsStream("/" + archive)) {
      if (in == null) {
        throw new IOException("there is no " + archive);
      }
      unpack(new TarArchiveInputStream(new XZInputStream(in)), directory);
    }
    return new PostgresPrograms(directory);
  }

  private static void unpack(TarArchiveInputStream tar, Path directory) throws IOException {
    for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
      Path file = directory.resolve(entry.getName());
      if (entry.isDirectory()) {
        Files.createDirectories(file);
        continue;
      }
      Files.createDirectories(Objects.requireNonNull(file.getParent()));
      if (entry.isSymbolicLink()) {
        Files.createSymbolicLink(file, Path.of(entry.getLinkName()));
      } else {
        Files.copy(tar, file);
        if ((entry.getMode() & OWNER_MAY_EXECUTE) != 0 && !file.toFile().setExecutable(true)) {
          throw new IOException("cannot make " + file + " executable");
        }
      }
    }
  }

  private static String system() {
    return System.getProperty("os.name").toLowerCase(Locale.ROOT).contains("mac")
        ? "darwin"
        : "linux";
  }

  private static String machine() {
    return System.getProperty("os.arch").equals("aarch64") ? "arm_64" : "x86_64";
  }

  /** Runs a program to its end. If it fails, the message is the last line of its output. */
  void run(String program, String... arguments) throws IOException {
    List<String> command = new ArrayList<>();
    if (root) {
      // PostgreSQL refuses to run as root, but runs in a user namespace of its own.
      command.addAll(List.of("unshare", "--user"));
    }
    command.add(directory.resolve("bin").resolve(program).toString());
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    // Variables such as PGDATA are meant for a server of the user.
    builder.environment().keySet().removeIf(name -> name.startsWith("PG"));
    Process process = builder.start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    try {
      if (process.waitFor() != 0) {
        throw new IOException(program + ": " + lastLine(said));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(program + " was interrupted", e);
    }
  }

  private static String lastLine(String text) {
    return text.lines().filter(line -> !line.isBlank()).reduce("", (first, second) -> second);
  }
}
