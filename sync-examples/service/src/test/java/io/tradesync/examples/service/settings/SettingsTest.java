package io.tradesync.examples.service.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.tradesync.InvalidSettingException;
import io.tradesync.Scope;
import io.tradesync.examples.service.settings.Settings.StreamFormat;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SettingsTest {

  private static Settings settings(String... namesAndValues) {
    Map<String, String> values = new HashMap<>();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      values.put(namesAndValues[i], namesAndValues[i + 1]);
    }
    return Settings.from(values::get);
  }

  @Test
  void whatIsAbsentHasItsDefault() {
    Settings settings = settings();

    assertThat(settings.ponderJdbcUrl()).isNull();
    assertThat(settings.ponderSchema()).isEqualTo("public");
    assertThat(settings.analyticsJdbcUrl()).isNull();
    assertThat(settings.redisUrl()).isNull();
    assertThat(settings.streams()).containsExactly("trades");
    assertThat(settings.group()).isNull();
    assertThat(settings.streamFormat()).isEqualTo(StreamFormat.TRADE);
    assertThat(settings.ponderNotify()).isFalse();
    assertThat(settings.httpHost()).isEqualTo("127.0.0.1");
    assertThat(settings.httpPort()).isEqualTo(42091);
    assertThat(settings.batchSize()).isEqualTo(50);
    assertThat(settings.parallelism()).isEqualTo(4);
    assertThat(settings.autoInterval()).isNull();
    assertThat(settings.scope()).isEqualTo(Scope.all());
    assertThat(settings.extraColumns()).isEmpty();
    assertThat(settings.apiToken()).isNull();
  }

  @Test
  void everythingCanBeSet() {
    Settings settings =
        settings(
            "PONDER_JDBC_URL", "jdbc:postgresql://ponder/db?user=u&password=p",
            "PONDER_SCHEMA", "live",
            "ANALYTICS_JDBC_URL", "jdbc:postgresql://analytics/db",
            "REDIS_URL", "redis://:p@redis:6379/2",
            "SYNC_STREAM", "chain:1:trades, chain:137:trades",
            "SYNC_STREAM_FORMAT", "hint",
            "SYNC_GROUP", "prices",
            "SYNC_PONDER_NOTIFY", "true",
            "SYNC_HTTP_HOST", "0.0.0.0",
            "SYNC_HTTP_PORT", "8080",
            "SYNC_API_TOKEN", "0123456789abcdef",
            "SYNC_BATCH_SIZE", "500",
            "SYNC_PARALLELISM", "8",
            "SYNC_AUTO_INTERVAL", "PT1M",
            "SYNC_BASELINE", "2025-08-05T13:20:00Z",
            "SYNC_EXTRA_COLUMNS", "fee,maker");

    assertThat(settings.ponderJdbcUrl()).isEqualTo("jdbc:postgresql://ponder/db?user=u&password=p");
    assertThat(settings.streams()).containsExactly("chain:1:trades", "chain:137:trades");
    assertThat(settings.group()).isEqualTo("prices");
    assertThat(settings.streamFormat()).isEqualTo(StreamFormat.HINT);
    assertThat(settings.ponderNotify()).isTrue();
    assertThat(settings.httpPort()).isEqualTo(8080);
    assertThat(settings.autoInterval()).isEqualTo(Duration.ofMinutes(1));
    assertThat(settings.scope()).isEqualTo(Scope.since(Instant.ofEpochSecond(1_754_400_000L)));
    assertThat(settings.extraColumns()).containsExactly("fee", "maker");
  }

  @Test
  void aBaselineCanBeEpochSeconds() {
    assertThat(settings("SYNC_BASELINE", "1754400000").scope())
        .isEqualTo(Scope.since(Instant.ofEpochSecond(1_754_400_000L)));
  }

  @Test
  void chainsAndPoolsAreOfTheScope() {
    Scope since = Scope.since(Instant.ofEpochSecond(1_754_400_000L));
    assertThat(
            settings("SYNC_BASELINE", "1754400000", "SYNC_CHAINS", "1, 10", "SYNC_POOLS", "0xb,0xa")
                .scope())
        .isEqualTo(since.chains(1, 10).pools("0xa", "0xb"));
    assertThat(settings("SYNC_POOLS", "0xa").scope()).isEqualTo(Scope.all().pools("0xa"));
  }

  @Test
  void anEmptyValueCountsAsAbsent() {
    assertThat(settings("SYNC_HTTP_PORT", " ", "REDIS_URL", "").httpPort()).isEqualTo(42091);
  }

  @Test
  void aPropertyWinsOverTheEnvironment() {
    System.setProperty("SYNC_BATCH_SIZE", "7");
    try {
      assertThat(Settings.fromEnvironment(null).batchSize()).isEqualTo(7);
    } finally {
      System.clearProperty("SYNC_BATCH_SIZE");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "SYNC_STREAM; a,,b",
        "SYNC_STREAM; a,a",
        "SYNC_STREAM_FORMAT; json",
        "SYNC_PONDER_NOTIFY; yes",
        "SYNC_HTTP_HOST; no such host",
        "SYNC_HTTP_PORT; 65536",
        "SYNC_HTTP_PORT; http",
        "SYNC_BATCH_SIZE; 0",
        "SYNC_BATCH_SIZE; fifty",
        "SYNC_BATCH_SIZE; 2147483648",
        "SYNC_PARALLELISM; -1",
        "SYNC_AUTO_INTERVAL; 5m",
        "SYNC_AUTO_INTERVAL; PT0S",
        "SYNC_AUDIT_INTERVAL; often",
        "SYNC_ORPHAN_GRACE; -PT1M",
        "SYNC_SINK_TIMEOUT; 1 minute",
        "SYNC_CONFIRMATION; 1h",
        "SYNC_BASELINE; yesterday",
        "SYNC_BASELINE; 1754400000000",
        "SYNC_BASELINE; 99999999999999999999",
        "SYNC_CHAINS; 1,one",
        "SYNC_CHAINS; 1,1",
        "SYNC_POOLS; 0xa,,0xb",
        "SYNC_EXTRA_COLUMNS; fee,",
        "SYNC_CANDLES; view",
        "SYNC_REFRESH; a,a",
        "SYNC_COMPRESS_AFTER; PT59M",
        "SYNC_CHUNK_INTERVAL; 7 days",
        "SYNC_RETAIN_FOR; P1M",
        "SYNC_TURN_INTO_HYPERTABLE; 1",
        "SYNC_KEEP_LOG_AS_LONG_AS_TRADES; yes",
        "SYNC_HEALTH_INTERVAL; PT0S",
        "SYNC_PUBLIC_URL; sync.example.com",
        "SYNC_PUBLIC_URL; https://sync.example.com/?a=b",
      })
  void aBadValueIsRefusedByTheSettingsName(String name, String value) {
    assertThatExceptionOfType(InvalidSettingException.class)
        .isThrownBy(() -> settings(name, value))
        .withMessageStartingWith(name + " ")
        .withMessageContaining("must")
        .withMessageEndingWith("but is: " + value)
        .satisfies(e -> assertThat(e.getMessage().lines()).hasSize(1));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ' ',
      value = {
        "PONDER_JDBC_URL mysql://host/db",
        "PONDER_JDBC_URL jdbc:postgresql://host:port/db",
        "ANALYTICS_JDBC_URL postgres://me:hunter2@host/db?password=hunter2",
        "ANALYTICS_JDBC_URL me:hunter2@host/db",
        "REDIS_URL http://host",
        "REDIS_URL rediss//:hunter2@host",
        "REDIS_URL :hunter2@host",
        "REDIS_URL redis://:hun/ter2@host",
        "REDIS_URL redis://:hun?ter2@host",
        "REDIS_URL redis://:hun#ter2@host",
        "REDIS_URL redis://:hun@ter2@host",
        "REDIS_URL redis://hunter2@host@",
        "REDIS_URL redis://host&password=hunter2",
      })
  void aBadUrlIsNeverShown(String name, String value) {
    assertThatExceptionOfType(InvalidSettingException.class)
        .isThrownBy(() -> settings(name, value))
        .withMessageStartingWith(name + " must be like ")
        .withMessageEndingWith("but is: (not shown)")
        .satisfies(e -> assertThat(e.getMessage()).doesNotContain("hun", "ter2"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "redis://localhost",
        "redis://:p%2Fw%40@host:6379/3",
        "rediss://user:p&w;=@host.example:6380",
        "redis://127.0.0.1:6379?timeout=2s",
        "redis://[::1]:6379",
        "redis-sentinel://:pw@one:26379,two:26379/0#primary",
      })
  void aUrlOfRedisThatIsCertainIsTaken(String url) {
    assertThat(settings("REDIS_URL", url).redisUrl()).isEqualTo(url);
  }

  @Test
  void aBadTokenIsNeverShown() {
    assertThatExceptionOfType(InvalidSettingException.class)
        .isThrownBy(() -> settings("SYNC_API_TOKEN", "hunter2"))
        .withMessageNotContaining("hunter2");
    assertThat(settings("SYNC_API_TOKEN", "hunter2hunter2").toString()).doesNotContain("hunter2");
  }

  @ParameterizedTest
  @ValueSource(strings = {"0.0.0.0", "::", "192.0.2.1"})
  void whoCanBeReachedByOthersNeedsAToken(String host) {
    assertThatExceptionOfType(InvalidSettingException.class)
        .isThrownBy(() -> settings("SYNC_HTTP_HOST", host))
        .withMessageStartingWith("SYNC_HTTP_HOST ")
        .withMessageContaining("SYNC_API_TOKEN");
    assertThat(settings("SYNC_HTTP_HOST", host, "SYNC_API_TOKEN", "12345678").httpHost())
        .isEqualTo(host);
  }

  @ParameterizedTest
  @ValueSource(strings = {"127.0.0.1", "::1", "localhost"})
  void thisMachineAloneNeedsNone(String host) {
    assertThat(settings("SYNC_HTTP_HOST", host).httpHost()).isEqualTo(host);
  }
}
