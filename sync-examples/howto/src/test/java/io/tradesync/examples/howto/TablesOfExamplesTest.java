package io.tradesync.examples.howto;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Each example is small, has a main method, is run by a test, and is found from the READMEs. */
class TablesOfExamplesTest {

  private static final Path ROOT = Path.of("").toAbsolutePath().resolve("../..").normalize();
  private static final Path EXAMPLES =
      Path.of("src/main/java/io/tradesync/examples/howto").toAbsolutePath();
  private static final int MAX_LINES = 79;
  private static final Pattern LINK = Pattern.compile("\\]\\(([^)#:]+)\\)");

  static List<Path> examples() throws IOException {
    return examplesIn(EXAMPLES);
  }

  /** A container starts them, so they have no main method. */
  static List<Path> frameworkExamples() throws IOException {
    return examplesIn(EXAMPLES.resolve("framework"));
  }

  private static List<Path> examplesIn(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files
          .filter(file -> Files.isRegularFile(file) && !file.endsWith("package-info.java"))
          .sorted()
          .toList();
    }
  }

  @Test
  void thereAreAtLeastTen() throws IOException {
    assertThat(examples()).hasSizeGreaterThanOrEqualTo(10);
  }

  @ParameterizedTest
  @MethodSource("examples")
  void anExampleIsSmallAndHasAMain(Path file) throws Exception {
    Class<?> type = Class.forName("io.tradesync.examples.howto." + name(file));

    assertThat(Files.readAllLines(file)).hasSizeLessThanOrEqualTo(MAX_LINES);
    int modifiers = type.getMethod("main", String[].class).getModifiers();
    assertThat(Modifier.isStatic(modifiers)).isTrue();
  }

  @ParameterizedTest
  @MethodSource("examples")
  void anExampleIsInTheTableAndRunByATest(Path file) throws IOException {
    String tests =
        Files.readString(Path.of("src/test/java/io/tradesync/examples/howto/HowtoTest.java"));

    assertThat(links(ROOT.resolve("sync-examples/README.md"))).contains(file);
    assertThat(tests).containsPattern("\\b" + name(file) + "(\\.|::)main\\b");
  }

  @ParameterizedTest
  @MethodSource("frameworkExamples")
  void anExampleForAContainerIsSmallInTheTableAndRunByATest(Path file) throws IOException {
    String tests =
        Files.readString(
            Path.of("src/test/java/io/tradesync/examples/howto/framework/FrameworkTest.java"));

    assertThat(Files.readAllLines(file)).hasSizeLessThanOrEqualTo(MAX_LINES);
    assertThat(links(ROOT.resolve("sync-examples/README.md"))).contains(file);
    assertThat(tests).contains(name(file));
  }

  @ParameterizedTest
  @ValueSource(strings = {"README.md", "sync-examples/README.md"})
  void eachLinkLeadsToAFile(String page) throws IOException {
    assertThat(links(ROOT.resolve(page)))
        .hasSizeGreaterThan(10)
        .allSatisfy(target -> assertThat(target).exists());
  }

  private static List<Path> links(Path page) throws IOException {
    return LINK.matcher(Files.readString(page))
        .results()
        .map((MatchResult link) -> page.resolveSibling(link.group(1)).normalize())
        .toList();
  }

  private static String name(Path file) {
    return file.getFileName().toString().replace(".java", "");
  }
}
