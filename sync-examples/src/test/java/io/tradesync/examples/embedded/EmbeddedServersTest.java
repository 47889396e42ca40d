package io.tradesync.examples.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lettuce.core.RedisClient;
import io.tradesync.examples.verify.Sql;
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
    RedisClient right = RedisClient.create(servers.redisUrl());
    RedisClient wrong = RedisClient.create(servers.redisUrl().replaceFirst(":\\w+@", ":wrong@"));
    try (var connection = right.connect()) {
      assertThat(connection.sync().ping()).isEqualTo("PONG");
      assertThatThrownBy(wrong::connect).hasStackTraceContaining("WRONGPASS");
    } finally {
      right.shutdown();
      wrong.shutdown();
    }
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
}
