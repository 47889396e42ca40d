package io.tradesync.examples.howto.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each Java snippet of the documentation compiles. */
class SnippetsTest {

  /** That page is of an application of Spring, which has tests of its own. */
  private static final String ANOTHER_CLASS_PATH = "SPRING.md";

  /** So are snippets of other pages that use Spring; see SpringDocTest. */
  private static final String SPRING = "import org.springframework.";

  private static final Pattern WHOLE_FILE =
      Pattern.compile("^(?:import|package) ", Pattern.MULTILINE);
  private static final Pattern TYPE =
      Pattern.compile(
          "^(?:final |public |abstract )*(?:class|record|interface) ", Pattern.MULTILINE);

  private static final String IMPORTS =
      Stream.of(
              "com.zaxxer.hikari",
              "io.lettuce.core",
              "io.micrometer.core.instrument",
              "io.tradesync",
              "io.tradesync.jdbc",
              "io.tradesync.micrometer",
              "io.tradesync.redis",
              "io.tradesync.spi",
              "io.tradesync.spi.log",
              "io.tradesync.testkit",
              "java.sql",
              "java.time",
              "java.util",
              "javax.sql")
          .map("import %s.*;\n"::formatted)
          .collect(Collectors.joining());

  /** What a snippet may use without a declaration of its own. */
  private static final Map<String, String> VARIABLES =
      Map.of(
          "ponder", "DataSource",
          "analytics", "DataSource",
          "engine", "SyncEngine",
          "source", "TradeSource",
          "log", "SyncLog",
          "sink", "AnalyticsSink",
          "consumer", "LiveConsumer",
          "registry", "MeterRegistry");

  @TempDir Path directory;

  @Test
  void eachJavaSnippetCompiles() throws IOException {
    Map<String, String> sources = new LinkedHashMap<>();
    for (Page page : Page.all()) {
      if (!page.toString().equals(ANOTHER_CLASS_PATH)) {
        List<String> snippets = page.snippets("java");
        for (int i = 0; i < snippets.size(); i++) {
          if (snippets.get(i).contains(SPRING)) {
            continue;
          }
          String name =
              page.toString().replaceAll("\\W", "_").toLowerCase(java.util.Locale.ROOT) + i;
          sources.put(nameOf(snippets.get(i), name), source(name, snippets.get(i)));
        }
      }
    }

    assertThat(sources).hasSizeGreaterThan(9);
    assertThat(Compiled.into(directory, sources)).isEmpty();
  }

  private static String nameOf(String snippet, String name) {
    return WHOLE_FILE.matcher(snippet).find()
        ? snippet.replaceFirst("(?s).*public class (\\w+).*", "$1")
        : name + "/Snippet";
  }

  private static String source(String name, String snippet) {
    if (WHOLE_FILE.matcher(snippet).find()) {
      return snippet;
    }
    String start = "package %s;\n%s".formatted(name, IMPORTS);
    if (TYPE.matcher(snippet).find()) {
      return start + snippet.replaceAll("(?m)^(class \\w+Test extends)", "abstract $1");
    }
    String body = snippet.strip();
    boolean expression = !body.endsWith(";") && !body.endsWith("}") && !body.contains("; //");
    return start
        + "class Snippet {\n  Object of("
        + VARIABLES.entrySet().stream()
            .filter(variable -> !declares(snippet, variable.getKey()))
            .map(variable -> variable.getValue() + " " + variable.getKey())
            .collect(Collectors.joining(", "))
        + ") throws Exception {\n"
        + (expression ? "return " + body + ";" : "if (true) {" + body + "\n} return null;")
        + "\n}}";
  }

  private static boolean declares(String snippet, String variable) {
    return Pattern.compile("\\b[A-Z]\\w+ " + variable + " =").matcher(snippet).find();
  }
}
