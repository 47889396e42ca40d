package io.tradesync.examples.service.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.contentOf;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tradesync.inmemory.InMemorySink;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The document that the service serves; its answers are held against it by every test. */
class OpenApiTest {

  private static final Path SOURCES =
      Path.of("src/main/java/io/tradesync/examples/service/http").toAbsolutePath();
  private static final Path TESTS =
      Path.of("src/test/java/io/tradesync/examples/service").toAbsolutePath();
  private static final Pattern ROUTE = Pattern.compile("routes\\.(get|post)\\(\\s*\"([^\"]+)\"");

  @Test
  void everyCallIsInTheDocument() throws Exception {
    TreeSet<String> routes = new TreeSet<>();
    try (Stream<Path> files = Files.list(SOURCES)) {
      for (Path file : files.toList()) {
        Matcher route = ROUTE.matcher(Files.readString(file));
        while (route.find()) {
          routes.add(route.group(1) + " " + route.group(2));
        }
      }
    }
    TreeSet<String> documented = new TreeSet<>();
    DocumentedAnswers.paths()
        .properties()
        .forEach(
            path ->
                path.getValue()
                    .fieldNames()
                    .forEachRemaining(method -> documented.add(method + " " + path.getKey())));
    // The page is added with its other files.
    routes.add("get /");

    assertThat(documented).isEqualTo(routes);
  }

  @Test
  void everyTestCallsThroughTheClientThatHoldsCallsAgainstTheDocument() throws Exception {
    try (Stream<Path> files = Files.walk(TESTS)) {
      assertThat(files.filter(file -> file.toString().endsWith(".java")))
          .filteredOn(file -> contentOf(file.toFile()).contains("HttpClient.new"))
          .extracting(file -> file.getFileName().toString())
          // A browser is driven by HTTP, and limits are tested without the service.
          .containsExactlyInAnyOrder(
              "DocumentedClient.java", "Browser.java", "LoadLimitTest.java", "OpenApiTest.java");
    }
  }

  @Test
  void theDocumentIsServed() throws Exception {
    try (ServedEngine served = new ServedEngine(ServedEngine.source(3), new InMemorySink())) {
      JsonNode document = new ObjectMapper().readTree(served.get("/openapi.json").body());
      assertThat(document.path("openapi").asText()).isEqualTo("3.1.0");
      assertThat(document.at("/components/schemas/Health/properties").fieldNames())
          .toIterable()
          .startsWith("status", "isHealthy", "lagMinutes", "lastPonderTimestamp")
          .contains("asOf")
          .endsWith(
              "lastPonderTime",
              "lastAnalyticsTime",
              "retainedSinceTime",
              "asOfTimestamp",
              "storeDiffersAsOfTimestamp",
              "outsideKeyOrderAsOfTimestamp");
    }
  }

  /** Each time of each answer is there as epoch seconds and as an ISO instant. */
  @Test
  void everyTimeIsAnsweredInBothForms() {
    int times = 0;
    for (Map.Entry<String, JsonNode> schema : DocumentedAnswers.schemas().properties()) {
      List<String> seconds = new ArrayList<>();
      List<String> instants = new ArrayList<>();
      schema
          .getValue()
          .path("properties")
          .fieldNames()
          .forEachRemaining(
              name -> {
                if (name.matches("(?i).*timestamp|through|retainedSince")) {
                  seconds.add(name);
                } else if (name.matches("(?i).*time|.*At|at|asOf|.*AsOf|since|healthySince")) {
                  instants.add(name);
                }
              });
      assertThat(seconds).as(schema.getKey() + ": " + instants).hasSameSizeAs(instants);
      times += seconds.size();
    }
    assertThat(times).isGreaterThan(25);
  }

  @Test
  void anAnswerThatDiffersIsNoticed() {
    JsonNode schema =
        DocumentedAnswers.paths()
            .at("/~1api~1sync~1runs~1{id}/get/responses/200/content/application~1json/schema");
    String run =
        """
        {"runId":"r","kind":"run","outcome":"completed","startedAt":"2025-08-05T13:20:00Z",
        "endedAt":null,"host":"h","processed":1,"errors":0,"total":1,"fromTimestamp":null,
        "message":null,"startedTimestamp":1754400000,"endedTimestamp":null,"fromTime":null%s}\
        """;

    assertThat(DocumentedAnswers.errors(schema, run.formatted(""))).isEmpty();
    assertThat(DocumentedAnswers.errors(schema, run.formatted(",\"more\":1"))).hasSize(1);
    assertThat(DocumentedAnswers.errors(schema, run.formatted("").replace("1,", "\"1\",")))
        .isNotEmpty();
    assertThat(DocumentedAnswers.errors(schema, "{}")).isNotEmpty();
  }
}
