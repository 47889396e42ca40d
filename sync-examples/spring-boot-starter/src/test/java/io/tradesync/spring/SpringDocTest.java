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
