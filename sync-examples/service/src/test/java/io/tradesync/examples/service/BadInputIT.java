package io.tradesync.examples.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lettuce.core.RedisClient;
import io.tradesync.examples.service.embedded.EmbeddedServers;
import io.tradesync.examples.service.embedded.SampleData;
import io.tradesync.examples.service.verify.Sql;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What the packaged jar says when it is told something that cannot be: exit code 2, and one line
 * that names the setting. The store stays as it was.
 */
class BadInputIT {

  private static final AtomicInteger DATABASES = new AtomicInteger();

  @TempDir static Path directory;
  private static EmbeddedServers servers;
  private final Map<String, String> environment = new HashMap<>();
  private String password;
  private Sql source;
  private Sql store;

  @BeforeAll
  static void startServers() {
    servers = new EmbeddedServers();
  }

  @AfterAll
  static void stopServers() {
    servers.close();
  }

  @BeforeEach
  void nameGoodServers() {
    int number = DATABASES.incrementAndGet();
    String sourceUrl = servers.postgresUrl("source_" + number);
    String storeUrl = servers.postgresUrl("store_" + number);
    password = sourceUrl.replaceFirst(".*password=", "");
    SampleData.createTables(sourceUrl);
    source = new Sql(sourceUrl);
    store = new Sql(storeUrl);
    environment.put("PONDER_JDBC_URL", sourceUrl);
    environment.put("ANALYTICS_JDBC_URL", storeUrl);
    environment.put("REDIS_URL", servers.redisUrl());
    environment.put("SYNC_HTTP_PORT", "0");
  }

  private String assertRefused(String setting) throws Exception {
    Path temporary = Files.createTempDirectory(directory, "tmp");
    try (JarProcess serve = JarProcess.start(directory, temporary, environment, "serve")) {
      assertThat(serve.exitCode()).as(serve.output() + serve.errors()).isEqualTo(2);
      assertThat(serve.output()).isEmpty();
      assertThat(serve.errors().lines()).hasSize(1);
      assertThat(serve.errors()).contains(setting).doesNotContain(password);
      assertThat(temporary).isEmptyDirectory();
      return serve.errors();
    }
  }

  private void assertStoreUntouched() {
    assertThat(
            store.texts(
                "SELECT table_name FROM information_schema.tables"
                    + " WHERE table_schema NOT IN ('pg_catalog', 'information_schema')"))
        .isEmpty();
  }

  private String with(String setting, String pattern, String replacement) {
    String good = environment.get(setting);
    String bad = good.replaceFirst(pattern, replacement);
    assertThat(bad).isNotEqualTo(good);
    return bad;
  }

  private void change(String setting, String pattern, String replacement) {
    environment.put(setting, with(setting, pattern, replacement));
  }

  @ParameterizedTest
  @CsvSource({
    "SYNC_BATCH_SIZE, 0",
    "SYNC_HTTP_PORT, 70000",
    "SYNC_AUTO_INTERVAL, hourly",
    "PONDER_JDBC_URL, postgres://me:hunter2@localhost/db",
    "REDIS_URL, localhost",
  })
  void aValueThatMakesNoSense(String setting, String value) throws Exception {
    environment.put(setting, value);

    assertThat(assertRefused(setting))
        .startsWith(setting)
        .contains("must")
        .doesNotContain("hunter2");
  }

  @ParameterizedTest
  @CsvSource({"PONDER_JDBC_URL", "ANALYTICS_JDBC_URL"})
  void aServerThatIsNotThere(String setting) throws Exception {
    change(setting, "127.0.0.1:\\d+", "127.0.0.1:1");

    assertThat(assertRefused(setting)).contains("Connection", "refused", "check host and port");
    if (setting.equals("PONDER_JDBC_URL")) {
      assertStoreUntouched();
    }
  }

  @ParameterizedTest
  @CsvSource({"PONDER_JDBC_URL", "ANALYTICS_JDBC_URL"})
  void aWrongPassword(String setting) throws Exception {
    change(setting, "password=\\w+", "password=hunter2");

    assertThat(assertRefused(setting))
        .contains("check user and password")
        .doesNotContain("hunter2");
  }

  @ParameterizedTest
  @CsvSource({"PONDER_JDBC_URL", "ANALYTICS_JDBC_URL"})
  void aDatabaseThatIsNotThere(String setting) throws Exception {
    change(setting, "/s\\w+_\\d+", "/nowhere");

    assertThat(assertRefused(setting)).contains("nowhere", "create the database");
  }

  @Test
  void aMissingSchema() throws Exception {
    environment.put("PONDER_SCHEMA", "nowhere");

    assertThat(assertRefused("PONDER_SCHEMA")).contains("nowhere");
    assertStoreUntouched();
  }

  @Test
  void aMissingTable() throws Exception {
    source.update("DROP TABLE order_book_trades");

    assertThat(assertRefused("PONDER_JDBC_URL")).contains("order_book_trades");
    assertStoreUntouched();
  }

  @Test
  void aMissingColumn() throws Exception {
    source.update("ALTER TABLE order_book_trades DROP COLUMN side");

    assertThat(assertRefused("PONDER_JDBC_URL")).contains("side");
    assertStoreUntouched();
  }

  @Test
  void aMissingExtraColumn() throws Exception {
    environment.put("SYNC_EXTRA_COLUMNS", "fee");

    assertThat(assertRefused("SYNC_EXTRA_COLUMNS")).contains("fee");
    assertStoreUntouched();
  }

  @Test
  void aColumnOfTheWrongType() throws Exception {
    source.update("ALTER TABLE order_book_trades ALTER COLUMN price TYPE text");

    assertThat(assertRefused("PONDER_JDBC_URL")).contains("price");
    assertStoreUntouched();
  }

  @Test
  void noPermissionToReadTheSource() throws Exception {
    source.update("CREATE ROLE nobody_reads LOGIN PASSWORD 'x'");
    change("PONDER_JDBC_URL", "user=.*", "user=nobody_reads&password=x");

    assertThat(assertRefused("PONDER_JDBC_URL")).contains("order_book_trades");
    assertStoreUntouched();
  }

  @Test
  void noPermissionToMakeTablesInTheStore() throws Exception {
    store.update("CREATE ROLE nobody_makes LOGIN PASSWORD 'x'");
    change("ANALYTICS_JDBC_URL", "user=.*", "user=nobody_makes&password=x");

    assertRefused("ANALYTICS_JDBC_URL");
    assertStoreUntouched();
  }

  @Test
  void aStreamThatIsNoneDoesNotStopTheService() throws Exception {
    RedisClient client = RedisClient.create(servers.redisUrl());
    try (var connection = client.connect()) {
      connection.sync().set("no_stream", "text");
    } finally {
      client.shutdown();
    }
    environment.put("SYNC_STREAM", "no_stream");

    Path temporary = Files.createTempDirectory(directory, "tmp");
    try (JarProcess serve = JarProcess.start(directory, temporary, environment, "serve")) {
      await()
          .atMost(Duration.ofMinutes(1))
          .until(
              () ->
                  serve.output().contains("answers on http://")
                      && serve.errors().contains("no_stream"));
    }
  }

  @Test
  void aPasswordThatRedisRefuses() throws Exception {
    change("REDIS_URL", ":\\w+@", ":hunter2@");

    assertThat(assertRefused("REDIS_URL")).doesNotContain("hunter2");
  }

  @Test
  void aPortInUse() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
      environment.put("SYNC_HTTP_PORT", String.valueOf(taken.getLocalPort()));

      assertThat(assertRefused("SYNC_HTTP_PORT")).contains(String.valueOf(taken.getLocalPort()));
    }
  }

  @Test
  void aHostForOthersWithoutAToken() throws IOException, Exception {
    environment.put("SYNC_HTTP_HOST", "0.0.0.0");

    assertThat(assertRefused("SYNC_HTTP_HOST")).contains("SYNC_API_TOKEN");
    assertStoreUntouched();
  }
}
