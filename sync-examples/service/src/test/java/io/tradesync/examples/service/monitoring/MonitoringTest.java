package io.tradesync.examples.service.monitoring;

import static java.util.stream.Collectors.toCollection;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class MonitoringTest {

  private static final Path DOCS = Path.of("../../docs");
  private static final Path RULES = DOCS.resolve("monitoring/alerts.yml");
  private static final Path PROMTOOL = Path.of("/usr/bin/promtool");
  private static final Pattern METER = Pattern.compile("\\btradesync_\\w+");
  private static final Pattern ROW =
      Pattern.compile("^\\| `(tradesync\\.[a-z.]+)` \\| ([a-z, ]+?) \\|(.*?)\\| .+ \\|$");

  private record Alert(String name, String expression, String severity, String runbook) {}

  @Test
  void theDocumentListsEachMeterWithItsTypeAndTags() throws Exception {
    TreeMap<String, String> listed = new TreeMap<>();
    for (String line : Files.readAllLines(DOCS.resolve("METRICS.md"))) {
      Matcher row = ROW.matcher(line);
      if (row.matches()) {
        // The names of the tags are in backticks; what follows a colon are values.
        Set<String> tags = new TreeSet<>();
        Matcher tag = Pattern.compile("`(\\w+)`").matcher(row.group(3));
        while (tag.find()) {
          tags.add(tag.group(1));
        }
        listed.put(row.group(1), row.group(2) + " " + tags);
      }
    }

    assertThat(listed).isEqualTo(Meters.described());
  }

  @Test
  void alertsUseMetersThatThereAreAndHaveARunbook() throws Exception {
    List<Alert> alerts = alerts();
    Set<String> meters = Meters.prometheusNames();
    Set<String> sections =
        Files.readAllLines(DOCS.resolve("OPERATIONS.md")).stream()
            .filter(line -> line.startsWith("## "))
            .map(line -> line.substring(3))
            .collect(toCollection(TreeSet::new));

    assertThat(alerts).hasSizeGreaterThan(10);
    assertThat(alerts)
        .allSatisfy(
            alert -> {
              assertThat(metersOf(alert.expression())).isNotEmpty().isSubsetOf(meters);
              assertThat(alert.severity()).isIn("critical", "warning", "info");
              assertThat(alert.runbook())
                  .isEqualTo("docs/OPERATIONS.md#" + alert.name().toLowerCase(Locale.ROOT));
            });
    assertThat(alerts.stream().map(Alert::name).toList())
        .doesNotHaveDuplicates()
        .containsExactlyInAnyOrderElementsOf(sections);
  }

  @Test
  void eachRunbookSaysWhatItMeansWhatToLookAtAndWhatToDo() throws Exception {
    String[] sections = Files.readString(DOCS.resolve("OPERATIONS.md")).split("(?m)^## ");

    assertThat(List.of(sections).subList(1, sections.length))
        .allSatisfy(
            section ->
                assertThat(section)
                    .containsSubsequence("\nMeans: ", "\nLook at: ", "\nDo: ")
                    .hasSizeGreaterThan(150));
  }

  @Test
  void promtoolFindsNoFault() throws Exception {
    assumeTrue(Files.isExecutable(PROMTOOL), "no promtool is installed");

    Process check =
        new ProcessBuilder(PROMTOOL.toString(), "check", "rules", RULES.toString())
            .redirectErrorStream(true)
            .start();
    String output = new String(check.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

    assertThat(check.waitFor()).as(output).isZero();
    assertThat(output).contains("SUCCESS: " + alerts().size() + " rules found");
  }

  @Test
  void theDashboardUsesMetersThatThereAre() throws Exception {
    JsonNode dashboard =
        new ObjectMapper().readTree(DOCS.resolve("monitoring/dashboard.json").toFile());
    Set<String> meters = Meters.prometheusNames();
    Set<Integer> ids = new HashSet<>();
    Set<String> shown = new TreeSet<>();
    for (JsonNode panel : dashboard.path("panels")) {
      assertThat(ids.add(panel.path("id").intValue())).isTrue();
      assertThat(panel.path("title").asText()).isNotBlank();
      assertThat(panel.path("gridPos").path("x").intValue())
          .isBetween(0, 24 - panel.path("gridPos").path("w").intValue());
      assertThat(panel.path("targets")).isNotEmpty();
      for (JsonNode target : panel.path("targets")) {
        Set<String> used = metersOf(target.path("expr").asText());
        assertThat(used).as(target.toString()).isNotEmpty().isSubsetOf(meters);
        shown.addAll(used);
      }
    }
    assertThat(shown).hasSizeGreaterThan(15);
    assertThat(dashboard.path("title").asText()).isEqualTo("tradesync");
    assertThat(dashboard.path("templating").path("list"))
        .extracting(variable -> variable.path("name").asText())
        .contains("datasource", "instance");
  }

  private static Set<String> metersOf(String expression) {
    Set<String> meters = new TreeSet<>();
    Matcher matcher = METER.matcher(expression);
    while (matcher.find()) {
      meters.add(matcher.group());
    }
    return meters;
  }

  /** Reads the rules, each of whose values is one line. */
  private static List<Alert> alerts() throws Exception {
    List<Alert> alerts = new ArrayList<>();
    String[] rules = Files.readString(RULES).split("(?m)^ +- alert: ");
    for (String rule : List.of(rules).subList(1, rules.length)) {
      alerts.add(
          new Alert(
              rule.lines().findFirst().orElseThrow(),
              value(rule, "expr"),
              value(rule, "severity"),
              value(rule, "runbook")));
    }
    return alerts;
  }

  private static String value(String rule, String name) {
    Matcher matcher = Pattern.compile("(?m)^ +" + name + ": (.+)$").matcher(rule);
    assertThat(matcher.find()).as(name + " of " + rule).isTrue();
    return matcher.group(1);
  }
}
