package io.tradesync.examples.howto.docs;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** A page of the documentation. */
record Page(Path file, String text) {

  private static final Path DOCS = Path.of("").toAbsolutePath().resolve("../../docs").normalize();

  static Page named(String name) {
    return of(DOCS.resolve(name));
  }

  private static Page of(Path file) {
    try {
      return new Page(file, Files.readString(file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** All pages, that of the root included. */
  static List<Page> all() throws IOException {
    try (Stream<Path> files = Files.list(DOCS)) {
      return Stream.concat(files, Stream.of(DOCS.resolveSibling("README.md")))
          .filter(file -> file.toString().endsWith(".md"))
          .sorted()
          .map(Page::of)
          .toList();
    }
  }

  /** Returns the snippets of a language, in their order. */
  List<String> snippets(String language) {
    return Pattern.compile("^```" + language + "\\n(.*?)^```$", Pattern.MULTILINE | Pattern.DOTALL)
        .matcher(text)
        .results()
        .map(match -> match.group(1))
        .toList();
  }

  /** Returns what is below a heading, to the next one of the same rank. */
  String section(String heading) {
    int start = text.indexOf("\n## " + heading + "\n");
    if (start < 0) {
      throw new IllegalArgumentException(file + " has no section " + heading);
    }
    int end = text.indexOf("\n## ", start + 1);
    return end < 0 ? text.substring(start) : text.substring(start, end);
  }

  @Override
  public String toString() {
    return file.getFileName().toString();
  }
}
