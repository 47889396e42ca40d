package io.tradesync.examples.service.rules;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** The sources of all modules, found from the directory of this one. */
final class SourceTree {

  static final Path ROOT = Path.of("../..").toAbsolutePath().normalize();

  private static final List<String> MODULES =
      List.of(
          "sync-core",
          "sync-core/testkit",
          "sync-jdbc",
          "sync-redis",
          "sync-examples/howto",
          "sync-examples/service",
          "sync-examples/benchmarks");

  private SourceTree() {}

  /**
   * One Java file of main code.
   *
   * @param module the module's directory, from the root
   * @param path the file, from the directory of the module's sources
   * @param text the content
   */
  record SourceFile(String module, Path path, String text) {

    /** The name of the package, with dots. */
    String packageName() {
      return path.getParent().toString().replace('/', '.');
    }

    boolean isPackageInfo() {
      return path.endsWith("package-info.java");
    }

    @Override
    public String toString() {
      return module + "/" + path;
    }
  }

  /** Returns the Java files of main code of all modules. */
  static List<SourceFile> mainFiles() {
    return MODULES.stream().flatMap(SourceTree::mainFiles).toList();
  }

  private static Stream<SourceFile> mainFiles(String module) {
    Path sources = ROOT.resolve(module).resolve("src/main/java");
    try (Stream<Path> files = Files.walk(sources)) {
      return files
          .filter(file -> file.toString().endsWith(".java"))
          .sorted()
          .map(file -> new SourceFile(module, sources.relativize(file), read(file)))
          .toList()
          .stream();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
