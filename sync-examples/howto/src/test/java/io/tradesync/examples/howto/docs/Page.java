package io.tradesync.examples.howto.docs;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** A page of the documentation. */
record Page(Path file, String text) {

  static final Path ROOT = Path.of("").toAbsolutePath().resolve("../..").normalize();

  private static final Path DOCS = ROOT.resolve("docs");

  private static final Pattern BLOCK =
      Pattern.compile("^( *)```(\\S*)\\n(.*?)^\\1```$", Pattern.MULTILINE | Pattern.DOTALL);

  /** A fenced block; its language is empty if none is said. */
  record Block(String page, String language, String text) {}

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

  /** All pages, those of the root and of the examples included. */
  static List<Page> all() throws IOException {
    try (Stream<Path> docs = Files.list(DOCS);
        Stream<Path> root = Files.list(ROOT);
        Stream<Path> examples = Files.find(ROOT.resolve("sync-examples"), 2, Page::isReadme)) {
      return Stream.of(docs, root, examples)
          .flatMap(files -> files)
          .filter(file -> file.toString().endsWith(".md"))
          .sorted()
          .map(Page::of)
          .toList();
    }
  }

  private static boolean isReadme(Path file, BasicFileAttributes attributes) {
    return attributes.isRegularFile() && file.endsWith("README.md");
  }

  /** Returns the fenced blocks, in their order. */
  List<Block> blocks() {
    return BLOCK
        .matcher(text)
        .results()
        .map(
            match ->
                new Block(
                    toString(),
                    match.group(2),
                    match.group(3).replaceAll("(?m)^" + match.group(1), "")))
        .toList();
  }

  /** Returns the snippets of a language, in their order. */
  List<String> snippets(String language) {
    return blocks().stream()
        .filter(block -> block.language().equals(language))
        .map(Block::text)
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
    return ROOT.relativize(file).toString().replace('\\', '/').replaceFirst("^docs/", "");
  }
}
