package io.tradesync.examples.service;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tradesync.examples.service.embedded.SampleData;
import io.tradesync.examples.service.serve.SyncService;
import io.tradesync.examples.service.settings.DeclaredSettings;
import io.tradesync.examples.service.settings.Settings;
import io.tradesync.examples.service.verify.Sql;
import io.tradesync.jdbc.fixture.PostgresServer;
import io.tradesync.redis.fixture.RedisServer;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** The commands, on real databases; what each prints, and its exit code. */
class CommandLineTest {

  private final StringWriter output = new StringWriter();
  private final StringWriter errors = new StringWriter();
  @TempDir Path directory;
  private PostgresServer.Database ponder;
  private PostgresServer.Database analytics;
  private Path config;

  @BeforeEach
  void prepare() throws Exception {
    ponder = PostgresServer.get().newDatabase();
    analytics = PostgresServer.get().newDatabase();
    SampleData.createTables(ponder.jdbcUrl());
    SampleData.addTrades(ponder.jdbcUrl());
    config = directory.resolve("tradesync.conf");
    writeConfig(ponder.jdbcUrl(), analytics.jdbcUrl());
  }

  private void writeConfig(String source, String store) throws Exception {
    Files.writeString(
        config,
        """
        # both databases
        PONDER_JDBC_URL=%s

        ANALYTICS_JDBC_URL = "%s"
        SYNC_BATCH_SIZE=5
        """
            .formatted(source, store));
  }

  @AfterEach
  void drop() {
    ponder.close();
    analytics.close();
  }

  private int execute(String... arguments) {
    output.getBuffer().setLength(0);
    errors.getBuffer().setLength(0);
    CommandLine main = Main.commandLine();
    main.setOut(new PrintWriter(output));
    main.setErr(new PrintWriter(errors));
    return main.execute(arguments);
  }

  private int direct(String... arguments) {
    List<String> all = new ArrayList<>(List.of(arguments));
    all.addAll(List.of("--config", config.toString()));
    return execute(all.toArray(String[]::new));
  }

  @Test
  void aGapIsShownAndClosedWithoutAService() {
    assertThat(direct("health")).isEqualTo(1);
    assertThat(output.toString())
        .startsWith("unhealthy: 12 trades missed, ")
        .contains("gaps: missing 12, error 0, changed 0, orphaned 0");

    assertThat(direct("audit")).isEqualTo(1);
    assertThat(output.toString()).contains("missing: 12 trades");

    assertThat(direct("run")).as(errors.toString()).isZero();
    assertThat(output.toString())
        .contains("Batch 3/3: Processed 12/12 trades (100%)")
        .contains("Sync completed: 12/12 trades processed in ");

    assertThat(direct("health")).isZero();
    assertThat(output.toString()).startsWith("healthy: 0 trades missed, not behind");
    assertThat(direct("audit")).isZero();
    assertThat(direct("force", "--from", "1970-01-01T00:00:00Z")).isZero();
    assertThat(output.toString()).contains("Sync completed: 12/12 trades processed");
    String none =
        "force --from 0 --to 1 --chain 1 --chain 2 --pool a --max-rate 9 --max-duration PT1H";
    assertThat(direct(none.split(" "))).isZero();
    assertThat(output.toString()).contains("Sync completed: 0/0 trades processed");
    assertThat(direct("run", "--max-duration", "PT0.000000001S")).isEqualTo(1);
    assertThat(output.toString()).contains("maxDuration PT0.000000001S reached");
    assertThat(direct("runs", "--limit", "4")).isZero();
    assertThat(output.toString().lines()).hasSize(5);
    assertThat(output.toString()).contains("force completed 12/12, 0 errors");
    String cursor = output.toString().strip().replaceFirst("(?s).*--after ", "");
    assertThat(direct("runs", "--after", cursor)).isZero();
    assertThat(output.toString()).contains("run completed 12/12").doesNotContain("force");
    assertThat(direct("errors")).isZero();
    assertThat(output.toString()).startsWith("no failed trades");
    assertThat(direct("watch", "--until-healthy")).isZero();
    assertThat(output.toString()).startsWith("healthy, not behind, gaps: missing 0");
  }

  @Test
  void scriptsGetTheAnswersOfTheApi() throws Exception {
    assertThat(direct("run", "--json")).isZero();
    assertThat(output.toString())
        .startsWith(
            "{\"success\":true,\"message\":\"Sync completed: 12/12 trades processed\","
                + "\"processed\":12,\"errors\":0,\"total\":12,\"duration\":");
    assertThat(output.toString().lines()).hasSize(1);
    assertThat(direct("health", "--json")).isZero();
    assertThat(output.toString()).startsWith("{\"status\":\"healthy\",\"isHealthy\":true,");
    assertJson("plan", "gaps", "writes", "batches", "ranges");
    assertJson("audit", "runId", "gaps", "ranges");
    assertJson("force --from 0", "success", "processed", "runId");
    assertJson("watch --until-healthy", "status", "missedTrades");
    assertJson("runs", "runs");
    assertJson("errors", "errors", "outsideKeyOrder");
    assertJson("release --all", "released");
    assertJson("accept --ref 5:a --reason seen", "accepted");
    assertJson("config check", "settings", "answering");
    new Sql(analytics.jdbcUrl())
        .update(
            "UPDATE sync_lease SET run_id = 'other', expires_at = now() + interval '1 hour'"
                + " WHERE kind = 'run'");
    assertJson("cancel other", "runId");
  }

  /** The answer is one line, an object with these fields. */
  private void assertJson(String command, String... fields) throws Exception {
    assertThat(direct((command + " --json").split(" "))).as(errors.toString()).isZero();
    assertThat(output.toString().lines()).hasSize(1);
    JsonNode answer = new ObjectMapper().readTree(output.toString());
    assertThat(List.of(fields)).as(command).allMatch(answer::has);
  }

  @Test
  void aServiceIsAskedByItsUrl() throws Exception {
    Map<String, String> settings = new HashMap<>();
    settings.put("PONDER_JDBC_URL", ponder.jdbcUrl());
    settings.put("ANALYTICS_JDBC_URL", analytics.jdbcUrl());
    settings.put("REDIS_URL", RedisServer.get().uri());
    settings.put("SYNC_STREAM", "cli-" + UUID.randomUUID());
    settings.put("SYNC_HTTP_PORT", "0");
    settings.put("SYNC_API_TOKEN", "a-secret-token");
    Path token = Files.writeString(directory.resolve("token"), "a-secret-token\n");
    String url;
    try (SyncService service =
        SyncService.start(Settings.from(settings::get), SyncService.Options.DEFAULT)) {
      url = service.url();

      assertThat(execute("health", "--url", url)).isEqualTo(1);
      assertThat(execute("run", "--url", url)).isEqualTo(2);
      assertThat(errors.toString()).contains("Authorization");
      assertThat(execute("run", "--url", url + "/", "--token-file", token.toString()))
          .as(errors.toString())
          .isZero();
      assertThat(output.toString()).contains("12/12 trades processed");
      assertThat(execute("health", "--url", url)).isZero();
    }
    assertThat(execute("health", "--url", url)).isEqualTo(3);
    assertThat(errors.toString().strip()).isEqualTo("the service on " + url + " cannot be reached");
  }

  @Test
  void aPlanIsShownAndWhatIsNotThereIsNotCancelled() {
    assertThat(direct("plan")).isEqualTo(1);
    assertThat(output.toString()).startsWith("a run would write 12 trades in 3 batches");
    assertThat(direct("plan", "--from", "0", "--pool", "none")).isEqualTo(1);
    assertThat(output.toString()).startsWith("a force would write 0 trades in 0 batches");
    assertThat(direct("run")).isZero();
    assertThat(direct("plan", "--audit")).isZero();
    assertThat(direct("plan", "--from", "1970-01-01T00:00:00Z")).isZero();
    assertThat(output.toString()).startsWith("a force would write 12 trades in 3 batches");
    assertThat(direct("plan", "--to", "5")).isEqualTo(2);
    assertThat(errors.toString()).contains("toTimestamp", "a force has it");
    assertThat(direct("cancel", "no such run")).isEqualTo(2);
    assertThat(errors.toString().strip()).isEqualTo("no run no such run is under way");
    assertThat(direct("release", "--all")).isZero();
    assertThat(output.toString()).startsWith("0 trades");
    assertThat(direct("release", "--from", "0", "--to", "2030-01-01T00:00:00Z")).isZero();
    assertThat(direct("release", "--ref", "5:a")).isZero();
    assertThat(direct("release")).isEqualTo(2);
    assertThat(direct("release", "--all", "--ref", "5:a")).isEqualTo(2);
    assertThat(direct("accept", "--ref", "5:a", "--ref", "6:b", "--reason", "seen")).isZero();
    assertThat(output.toString()).contains("0 failures are accepted");
    assertThat(direct("accept", "--ref", "5:a")).isEqualTo(2);
    assertThat(direct("accept", "--ref", "a", "--reason", "seen")).isEqualTo(2);
  }

  @Test
  void aRunOfAnotherProcessIsCancelled() {
    assertThat(direct("run")).isZero();
    Sql store = new Sql(analytics.jdbcUrl());
    store.update(
        "UPDATE sync_lease SET run_id = 'other', expires_at = now() + interval '1 hour'"
            + " WHERE kind = 'run'");

    assertThat(direct("cancel", "other")).isZero();
    assertThat(output.toString()).startsWith("run other was asked to stop");
    assertThat(store.texts("SELECT cancel_requested::text FROM sync_lease WHERE kind = 'run'"))
        .containsExactly("true");
  }

  @Test
  void anotherRunUnderWayIsExitCode4() {
    assertThat(direct("run")).isZero();
    new Sql(analytics.jdbcUrl())
        .update(
            "UPDATE sync_lease SET run_id = 'other', expires_at = now() + interval '1 hour'"
                + " WHERE kind = 'run'");

    assertThat(direct("run")).isEqualTo(4);
    assertThat(errors.toString()).contains("other");
    assertThat(direct("force", "--from", "0")).isEqualTo(4);
    assertThat(direct("plan")).isZero();
    assertThat(direct("run", "--json")).isEqualTo(4);
    assertThat(output.toString()).contains("\"status\":409", "\"runId\":\"other\"");
  }

  @Test
  void aRunThatLeavesAFailedTradeIsExitCode1() {
    new Sql(analytics.jdbcUrl()).update("SELECT 1");
    assertThat(direct("health")).isEqualTo(1);
    new Sql(analytics.jdbcUrl())
        .update("ALTER TABLE analytics_trades ADD CHECK (trade_timestamp % 2 = 2) NOT VALID");

    assertThat(direct("run")).isEqualTo(1);
    assertThat(output.toString()).contains("Sync completed with errors: 0/12");
    assertThat(direct("errors", "--limit", "5")).isZero();
    assertThat(output.toString().lines()).hasSize(6);
    String cursor = output.toString().strip().replaceFirst("(?s).*--after ", "");
    assertThat(direct("errors", "--after", cursor)).isZero();
    assertThat(output.toString().lines()).hasSize(7);
  }

  @Test
  void rowsOutsideTheKeyOrderAreListedPageByPageAcceptedAndReleased() {
    Sql source = new Sql(ponder.jdbcUrl());
    source.update(
        "INSERT INTO order_book_trades (id, chain_id, pool_id)"
            + " SELECT 'odd-' || n, 1, 'pool' FROM generate_series(1, 3) n");
    assertThat(direct("run")).isZero();
    assertThat(direct("health")).isEqualTo(1);

    assertThat(direct("errors", "--limit", "2", "--json")).isZero();
    List<String> refs = refs();
    assertThat(direct("errors", "--limit", "2")).isZero();
    assertThat(output.toString().lines()).hasSize(3);
    assertThat(output.toString())
        .contains("(outside the key order, as of 20")
        .endsWith("--outside-after " + refs.get(1) + System.lineSeparator());
    assertThat(direct("errors", "--outside-after", refs.get(1), "--json")).isZero();
    refs.addAll(refs());
    assertThat(refs).hasSize(3).doesNotHaveDuplicates();

    assertThat(
            direct(
                "accept",
                "--ref",
                refs.get(0),
                "--ref",
                refs.get(1),
                "--ref",
                refs.get(2),
                "--reason",
                "seen"))
        .isZero();
    assertThat(output.toString()).startsWith("3 failures are accepted");
    assertThat(direct("health")).isZero();
    assertThat(direct("release", "--ref", refs.get(1))).isZero();
    assertThat(direct("health")).isEqualTo(1);
    assertThat(direct("errors", "--outside-after", "nothing")).isEqualTo(2);
  }

  private List<String> refs() {
    return Pattern.compile("\"ref\":\"(sha256:[^\"]*)\"")
        .matcher(output.toString())
        .results()
        .map(found -> found.group(1))
        .collect(Collectors.toList());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "health",
        "plan --from 0",
        "run",
        "audit",
        "force --from 0",
        "watch",
        "runs",
        "errors",
        "release --all",
        "accept --ref 5:a --reason seen",
        "cancel some-run",
      })
  void aDatabaseThatIsGoneIsExitCode3(String command) throws Exception {
    writeConfig(ponder.jdbcUrl(), analytics.jdbcUrl().replaceFirst(":\\d+/", ":1/"));

    assertThat(direct(command.split(" "))).isEqualTo(3);
    assertThat(errors.toString().lines()).hasSize(1);
    assertThat(errors.toString()).startsWith("ANALYTICS_JDBC_URL cannot be used");
    assertThat(output.toString()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "health, PONDER_JDBC_URL is not set: name both databases",
    "helth, Unmatched argument",
    "run --max, Unknown option",
    "force, Missing required option",
    "force --from tomorrow, must be epoch seconds or an ISO instant",
    "force --from 1 --max-rate fast, Invalid value for option '--max-rate'",
    "run --max-duration 10m, Invalid value for option '--max-duration'",
    "health --url localhost, --url must be like",
    "health --config nowhere.conf, cannot be read",
    "config check --config nowhere.conf, cannot be read",
  })
  void wrongUseIsExitCode2(String arguments, String message) {
    assertThat(execute(arguments.split(" "))).isEqualTo(2);
    assertThat(errors.toString()).contains(message);
  }

  @ParameterizedTest
  @CsvSource({
    "SYNC_BATCH_SIZ=5, line 1 of FILE names no setting: SYNC_BATCH_SIZ",
    "hunter2, 'line 1 of FILE must be NAME=value, and is not shown'",
    "SYNC_BATCH_SIZE=many, SYNC_BATCH_SIZE must be a whole number",
  })
  void aBadSettingsFileIsExitCode2(String line, String message) throws Exception {
    Files.writeString(config, line);

    for (String command : List.of("health", "serve")) {
      assertThat(direct(command)).isEqualTo(2);
      assertThat(errors.toString())
          .startsWith(message.replace("FILE", config.toString()))
          .doesNotContain("hunter2");
    }
  }

  @Test
  void theSettingsAreCheckedAndNoSecretIsShown() throws Exception {
    String password = ponder.jdbcUrl().replaceFirst(".*password=", "").replaceFirst("&.*", "");

    assertThat(direct("config", "check")).as(errors.toString()).isZero();
    assertThat(output.toString())
        .contains("PONDER_JDBC_URL = (set, not shown)", "SYNC_BATCH_SIZE = 5")
        .contains("SYNC_AUDIT_INTERVAL = PT10M (default)", "ANALYTICS_JDBC_URL answers")
        .doesNotContain("password=" + password);

    assertThat(direct("config", "check", "--json")).isZero();
    assertThat(output.toString())
        .contains("\"SYNC_BATCH_SIZE\":\"5\"", "\"PONDER_JDBC_URL\":\"(set, not shown)\"")
        .contains("\"answering\":[\"PONDER_JDBC_URL\",\"ANALYTICS_JDBC_URL\"]")
        .doesNotContain("password=" + password);

    writeConfig(ponder.jdbcUrl().replaceFirst(":\\d+/", ":1/"), analytics.jdbcUrl());
    assertThat(direct("config", "check")).isEqualTo(3);
    assertThat(direct("config", "check", "--json")).isEqualTo(3);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "serve",
        "health",
        "plan",
        "run",
        "audit",
        "force",
        "watch",
        "runs",
        "errors",
        "release",
        "accept",
        "cancel",
        "config check",
      })
  void helpNamesEverySetting(String command) {
    assertThat(execute((command + " --help").split(" "))).isZero();
    assertThat(DeclaredSettings.ALL)
        .allSatisfy(
            setting -> assertThat(output.toString()).contains("  " + setting.name() + " ("));
  }

  @Test
  void aCompletionScriptIsGenerated() {
    assertThat(execute("generate-completion")).isZero();
    assertThat(output.toString()).contains("complete", "tradesync", "--token-file");
  }
}
