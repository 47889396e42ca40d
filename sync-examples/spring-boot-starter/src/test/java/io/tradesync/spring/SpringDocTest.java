package io.tradesync.spring;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.springframework.boot.json.JsonParserFactory;

/** The documentation shows the properties as their metadata say, and an application that runs. */
class SpringDocTest {

  private static final Path ROOT = Path.of("").toAbsolutePath().resolve("../..").normalize();

  @SuppressWarnings("unchecked")
  private static List<Map<String, Object>> properties() throws IOException {
    try (InputStream metadata =
        SpringDocTest.class.getResourceAsStream("/META-INF/spring-configuration-metadata.json")) {
      String json = new String(metadata.readAllBytes(), StandardCharsets.UTF_8);
      return (List<Map<String, Object>>)
          JsonParserFactory.getJsonParser().parseMap(json).get("properties");
    }
  }

  private static List<String> rows() throws IOException {
    List<String> rows = new ArrayList<>(List.of("| property | default | |", "| --- | --- | --- |"));
    for (Map<String, Object> property : properties()) {
      String name = (String) property.get("name");
      if (name.startsWith("tradesync.")) {
        Object value = property.get("defaultValue");
        assertThat(property.get("description")).as(name).asString().isNotBlank();
        rows.add(
            "| `%s` | %s | %s |"
                .formatted(
                    name,
                    value == null ? "" : "`" + text(value) + "`",
                    property.get("description")));
      }
    }
    return rows;
  }

  private static String text(Object value) {
    return value instanceof List<?> values
        ? String.join(",", values.stream().map(String::valueOf).toList())
        : String.valueOf(value);
  }

  @Test
  void itsTableIsThatOfTheMetadata() throws IOException {
    String page = Files.readString(ROOT.resolve("docs/SPRING.md"));
    assertThat(page).contains(String.join("\n", rows()));
  }

  private static List<String> blocks(Path page, String language) throws IOException {
    return Pattern.compile("(?ms)^```" + language + "\\n(.*?)^```$")
        .matcher(Files.readString(page))
        .results()
        .map(block -> block.group(1))
        .toList();
  }

  /** The snippets in Java are parts of the application, whose tests start it. */
  @Test
  void itsSnippetsAreOfTheApplication() throws IOException {
    Path sources = ROOT.resolve("sync-examples/spring-boot-app/src/main/java");
    StringBuilder application = new StringBuilder();
    try (Stream<Path> files = Files.walk(sources)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        application.append(Files.readString(file));
      }
    }
    assertThat(blocks(ROOT.resolve("docs/SPRING.md"), "java"))
        .hasSizeGreaterThan(1)
        .allSatisfy(block -> assertThat(application).contains(block));
  }

  /** Of one engine, or of one of several. */
  @Test
  void everyPropertyOfASnippetExists() throws IOException {
    Set<String> known =
        properties().stream()
            .map(property -> (String) property.get("name"))
            .collect(Collectors.toSet());
    List<String> named = new ArrayList<>();
    for (String page : List.of("SPRING.md", "GETTING-STARTED.md")) {
      for (String block : blocks(ROOT.resolve("docs").resolve(page), "properties")) {
        block.lines().map(line -> line.replaceFirst("=.*", "")).forEach(named::add);
      }
    }
    named.removeIf(name -> name.startsWith("management."));
    assertThat(named)
        .hasSizeGreaterThan(9)
        .allSatisfy(
            name ->
                assertThat(known)
                    .contains(name.replaceFirst("^tradesync\\.engines\\.\\w+\\.", "tradesync.")));
  }

  /** TenLinesTest starts this application with these lines. */
  @Test
  void theApplicationOfGettingStartedIsTheOneThatIsTested() throws IOException {
    Path tests = ROOT.resolve("sync-examples/spring-boot-app/src/test");
    String lines = Files.readString(tests.resolve("resources/ten-lines.properties"));
    String program = Files.readString(tests.resolve("java/example/FirstService.java"));
    String started = Files.readString(ROOT.resolve("docs/GETTING-STARTED.md"));

    assertThat(started).contains("```java\n" + program + "```");
    assertThat(started).contains("```properties\n" + lines + "```");
    assertThat(Files.readString(ROOT.resolve("docs/SPRING.md")))
        .contains("```properties\n" + lines + "```");
  }
}
