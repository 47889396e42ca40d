package io.tradesync.examples.service.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tradesync.examples.service.http.DocumentedClient;
import io.tradesync.examples.service.serve.SyncService;
import io.tradesync.examples.service.settings.Settings;
import io.tradesync.jdbc.fixture.PrivatePostgres;
import io.tradesync.redis.fixture.RedisServer;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A service whose databases, and then whose Redis too, go away and come back. */
class GoneDatabasesTest {

  private static final Duration IN_TIME = Duration.ofSeconds(5);
  private static final Duration RECOVERY = Duration.ofSeconds(60);

  @Test
  void theServiceSaysSoGoesOnAndRecoversByItself() throws Exception {
    outages(1, 1);
  }

  @Tag("long")
  @Test
  void theServiceOutlivesTenOutages() throws Exception {
    outages(10, 3);
  }

  private void outages(int count, int asks) throws Exception {
    try (PrivatePostgres postgres = PrivatePostgres.start();
        RedisServer redis = RedisServer.startPrivate();
        SourceAndStore sides =
            SourceAndStore.at(postgres.newDatabase("ponder"), postgres.newDatabase("analytics"));
        SyncService service = start(sides, redis)) {
      Duration slowest = Duration.ZERO;
      for (int done = 0; done < count; done++) {
        sides.addTrades(100);
        await().atMost(RECOVERY).until(() -> isHealthy(service));
        postgres.crash();
        if (done % 2 == 1) {
          redis.stop();
        }

        for (int asked = 0; asked < asks; asked++) {
          long began = System.nanoTime();
          HttpResponse<String> health = get(service, "/api/sync/health");
          Duration took = Duration.ofNanos(System.nanoTime() - began);
          slowest = took.compareTo(slowest) > 0 ? took : slowest;
          assertThat(health.statusCode()).isEqualTo(503);
          assertThat(health.headers().firstValue("Content-Type"))
              .hasValue("application/problem+json");
          assertThat(health.body())
              .containsPattern("\"side\":\"(source|store)\"")
              .doesNotContain("password");
        }
        assertThat(slowest).isLessThan(IN_TIME);
        assertThat(get(service, "/healthz").statusCode()).isEqualTo(200);
        assertThat(get(service, "/api/sync/runs").statusCode()).isEqualTo(503);

        postgres.startAgain();
        if (done % 2 == 1) {
          redis.start();
        }
        sides.addTrades(100);
        await().atMost(RECOVERY).until(() -> isHealthy(service));
        sides.assertEqual();
      }
      // An audit that the outage killed is closed by nobody but a later one; a run may be under
      // way.
      service.close();
      await().untilAsserted(sides::assertRunHistoryExplainsTheLog);
      System.out.printf(
          "%d outages; health answered in at most %d ms%n", count, slowest.toMillis());
    }
  }

  private static SyncService start(SourceAndStore sides, RedisServer redis) {
    Map<String, String> settings =
        Map.of(
            "PONDER_JDBC_URL", sides.ponderUrl(),
            "ANALYTICS_JDBC_URL", sides.storeUrl(),
            "REDIS_URL", redis.uri(),
            "SYNC_HTTP_PORT", "0",
            "SYNC_AUTO_INTERVAL", "PT1S");
    return SyncService.start(Settings.from(settings::get), SyncService.Options.DEFAULT);
  }

  private boolean isHealthy(SyncService service) throws Exception {
    return get(service, "/api/sync/health").body().startsWith("{\"status\":\"healthy\"");
  }

  private HttpResponse<String> get(SyncService service, String path) throws Exception {
    HttpRequest request = HttpRequest.newBuilder(URI.create(service.url() + path)).build();
    return DocumentedClient.send(request);
  }
}
