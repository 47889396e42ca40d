package io.tradesync.examples.service.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tradesync.examples.service.settings.StartException;
import io.tradesync.examples.service.verify.Sql;
import io.tradesync.jdbc.fixture.PostgresServer;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class DemoStoreTest {

  private static final String DEMO_DATABASES =
      "SELECT datname FROM pg_database WHERE datname LIKE 'tradesync_demo_%'";

  @Test
  void aNamedStoreIsADatabaseOfItsOwnWhichIsDropped() {
    try (PostgresServer.Database users = PostgresServer.get().newDatabase()) {
      Sql named = new Sql(users.jdbcUrl());
      named.update("CREATE TABLE sync_log (theirs int)");
      List<String> before = named.texts(DEMO_DATABASES);
      try (DemoStore store = DemoStore.on(users.jdbcUrl())) {
        assertThat(store.sql().texts("SELECT to_regclass('sync_log')::text")).containsOnlyNulls();
        assertThat(store.description())
            .matches("the database tradesync_demo_\\w+, PostgreSQL [\\d.]+.* without TimescaleDB");
        assertThat(named.texts(DEMO_DATABASES)).hasSize(before.size() + 1);
      }
      assertThat(named.texts(DEMO_DATABASES)).isEqualTo(before);
      assertThat(named.texts("SELECT to_regclass('sync_log')::text")).containsExactly("sync_log");
    }
  }

  @Test
  void aServerThatDoesNotAnswerIsSaidInOneLine() {
    assertThatThrownBy(() -> DemoStore.on("jdbc:postgresql://127.0.0.1:1/x?user=u&password=secret"))
        .isInstanceOf(StartException.class)
        .hasMessageMatching("ANALYTICS_JDBC_URL: the demo cannot create a database there: .*")
        .hasMessageNotContaining("secret");
  }

  @Test
  void aStoreOnATimescaleDbIsOneAndSaysSo() {
    try (PostgresServer.Database users = PostgresServer.concurrentTimescale().newDatabase();
        DemoStore store = DemoStore.on(withTimescale(users))) {
      assertThat(store.description()).matches(".*, PostgreSQL .* with TimescaleDB \\d+\\.[\\d.]+");
    }
  }

  @Test
  @Tag("long")
  void allScenariosPassOnATimescaleDb() {
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    Report report = new Report(new PrintStream(printed, true, StandardCharsets.UTF_8));
    try (PostgresServer.Database users = PostgresServer.concurrentTimescale().newDatabase();
        Stage stage = Stage.open(Optional.of(withTimescale(users)))) {
      assertThat(stage.describeStore()).contains("with TimescaleDB");
      new Scenarios(stage, report).walk();
      assertThat(
              stage
                  .store()
                  .texts("SELECT hypertable_name::text FROM timescaledb_information.hypertables"))
          .containsExactly("analytics_trades");
    }
    assertThat(report.summary()).as(printed.toString(StandardCharsets.UTF_8)).isTrue();
    assertThat(printed.toString(StandardCharsets.UTF_8)).contains("8/8 scenarios as specified");
  }

  private static String withTimescale(PostgresServer.Database database) {
    new Sql(database.jdbcUrl()).update("CREATE EXTENSION IF NOT EXISTS timescaledb");
    return database.jdbcUrl();
  }
}
