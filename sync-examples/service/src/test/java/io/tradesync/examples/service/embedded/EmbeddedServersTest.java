package io.tradesync.examples.service.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lettuce.core.RedisClient;
import io.tradesync.examples.service.verify.Sql;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class EmbeddedServersTest {

  private static EmbeddedServers servers;

  @BeforeAll
  static void start() {
    servers = new EmbeddedServers();
  }

  @AfterAll
  static void stop() {
    servers.close();
    servers.close();
  }

  @Test
  void eachDatabaseIsMadeOnce() {
    String url = servers.postgresUrl("one");
    new Sql(url).update("CREATE TABLE t AS SELECT 7 AS n");

    assertThat(servers.postgresUrl("one")).isEqualTo(url);
    assertThat(new Sql(servers.postgresUrl("one")).number("SELECT n FROM t")).isEqualTo(7);
    assertThat(
            new Sql(servers.postgresUrl("two"))
                .number("SELECT count(*) FROM pg_class WHERE relname = 't'"))
        .isZero();
  }

  @Test
  void anyTextCanBeStored() {
    assertThat(new Sql(servers.postgresUrl("one")).texts("SELECT ?", "ünï ☃ 'x'"))
        .containsExactly("ünï ☃ 'x'");
  }

  @Test
  void postgresAsksForThePassword() {
    String wrong = servers.postgresUrl("one").replaceFirst("password=.*", "password=wrong");

    assertThatThrownBy(() -> new Sql(wrong).number("SELECT 1"))
        .hasRootCauseMessage("FATAL: password authentication failed for user \"postgres\"");
  }

  @Test
  void redisAsksForThePassword() {
    String wrong = servers.redisUrl().replaceFirst(":\\w+@", ":wrong@");

    assertThat(ping(servers.redisUrl())).isEqualTo("PONG");
    assertThatThrownBy(() -> ping(wrong)).hasStackTraceContaining("WRONGPASS");
  }

  @Test
  void sampleDataLooksLikePonders() {
    String url = servers.postgresUrl("sample");
    SampleData.createTables(url);
    SampleData.addTrades(url);

    assertThat(
            new Sql(url)
                .number(
                    "SELECT count(*) FROM order_book_trades t JOIN pools p"
                        + " ON p.order_book = t.pool_id AND p.chain_id = t.chain_id"))
        .isEqualTo(12);
  }

  @Test
  void startsOfOthersLeaveServersAlone() throws Exception {
    String redis = servers.redisUrl();
    try (EmbeddedServers second = new EmbeddedServers()) {
      second.redisUrl();

      Process other =
          new ProcessBuilder(
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  "-Djava.io.tmpdir=" + System.getProperty("java.io.tmpdir"),
                  "-cp",
                  System.getProperty(
                      "surefire.test.class.path", System.getProperty("java.class.path")),
                  OtherProcess.class.getName())
              .inheritIO()
              .start();

      assertThat(other.waitFor()).isZero();
      assertThat(ping(redis)).isEqualTo("PONG");
      assertThat(ping(second.redisUrl())).isEqualTo("PONG");
    }
    assertThat(ping(redis)).isEqualTo("PONG");
  }

  private static String ping(String url) {
    RedisClient client = RedisClient.create(url);
    try (var connection = client.connect()) {
      return connection.sync().ping();
    } finally {
      client.shutdown();
    }
  }

  /** Starts and stops servers of its own, and removes what it takes for left over. */
  static final class OtherProcess {
    public static void main(String[] args) {
      try (EmbeddedServers servers = new EmbeddedServers()) {
        servers.redisUrl();
      }
    }
  }
}
