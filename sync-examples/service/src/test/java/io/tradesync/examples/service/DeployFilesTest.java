package io.tradesync.examples.service;

import static org.assertj.core.api.Assertions.assertThat;

import io.tradesync.examples.service.settings.DeclaredSettings;
import io.tradesync.examples.service.settings.Setting;
import io.tradesync.examples.service.settings.Settings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What the files in {@code deploy} name is there: settings, the jar, its command, the port, paths.
 */
class DeployFilesTest {

  private static final Pattern NAME = Pattern.compile("\\b(?:SYNC|PONDER|ANALYTICS|REDIS)_[A-Z_]+");

  private static String file(String name) throws Exception {
    return Files.readString(Path.of("deploy", name));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"Dockerfile", "kubernetes.yaml", "kubernetes-secret.yaml", "tradesync.service"})
  void everySettingThatAFileNamesIsDeclared(String name) throws Exception {
    Set<String> named =
        NAME.matcher(file(name))
            .results()
            .map(match -> match.group())
            .collect(Collectors.toCollection(TreeSet::new));

    assertThat(DeclaredSettings.ALL).extracting(Setting::name).containsAll(named);
  }

  @Test
  void theManifestsProbeWhatTheServiceAnswersOnItsPort() throws Exception {
    String manifests = file("kubernetes.yaml");

    assertThat(manifests)
        .contains("path: /healthz", "path: /readyz", "startupProbe:", "secretRef:", "limits:")
        .contains("containerPort: " + Settings.from(name -> null).httpPort());
    assertThat(manifests).doesNotContain("\t");
    assertThat(manifests.lines().filter(line -> !line.isBlank() && !line.strip().startsWith("#")))
        .allMatch(line -> line.equals("---") || line.matches(" *(?:- )?[A-Za-z]+:.*"));
  }

  /** The image holds no embedded servers, so all three must be named. */
  @Test
  void theSecretHoldsSettingsThatAServiceStartsWith() throws Exception {
    String secret = file("kubernetes-secret.yaml");
    Map<String, String> values =
        Pattern.compile("^  ([A-Z_]+): \"(.*)\"$", Pattern.MULTILINE)
            .matcher(secret)
            .results()
            .collect(Collectors.toMap(row -> row.group(1), row -> row.group(2)));
    values.put("SYNC_HTTP_HOST", "0.0.0.0");

    Settings settings = Settings.from(values::get);

    assertThat(settings.ponderJdbcUrl()).isNotNull();
    assertThat(settings.analyticsJdbcUrl()).isNotNull();
    assertThat(settings.redisUrl()).isNotNull();
    assertThat(secret).contains("  name: tradesync\n");
    assertThat(file("kubernetes.yaml")).contains("secretRef:\n                name: tradesync\n");
  }

  @Test
  void theImageAndTheUnitStartTheService() throws Exception {
    assertThat(file("Dockerfile"))
        .contains("COPY tradesync.jar ", "USER 10001", "CMD [\"serve\"]")
        .contains("EXPOSE " + Settings.from(name -> null).httpPort())
        .contains("\"-XX:+UseSerialGC\", \"-Xms96m\",");
    List<String> unit = file("tradesync.service").lines().toList();
    assertThat(unit).contains("[Unit]", "[Service]", "[Install]", "SuccessExitStatus=143");
    assertThat(unit).anyMatch(line -> line.startsWith("ExecStart=") && line.endsWith(" serve"));
    // What is measured in docs/PERFORMANCE.md, with these options.
    assertThat(unit).anyMatch(line -> line.contains(" -XX:+UseSerialGC -Xms96m "));
    assertThat(unit)
        .allMatch(
            line -> line.isEmpty() || line.startsWith("#") || line.matches("\\[\\w+]|\\w+=.*"));
  }
}
