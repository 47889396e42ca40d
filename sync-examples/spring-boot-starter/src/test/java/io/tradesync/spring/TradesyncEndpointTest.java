package io.tradesync.spring;

import static org.assertj.core.api.Assertions.assertThat;

import io.tradesync.RunHandle;
import io.tradesync.RunOptions;
import io.tradesync.Side;
import io.tradesync.SideUnavailableException;
import io.tradesync.SyncAlreadyRunningException;
import io.tradesync.SyncEngine;
import io.tradesync.inmemory.InMemorySyncLog;
import io.tradesync.inmemory.InMemoryTradeSource;
import io.tradesync.spi.AnalyticsSink;
import io.tradesync.spi.BadTradesException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.springframework.boot.actuate.endpoint.web.WebEndpointResponse;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.http.ProblemDetail;

class TradesyncEndpointTest {

  private static ApplicationContextRunner application(AnalyticsSink sink) {
    return new ApplicationContextRunner()
        .withConfiguration(
            AutoConfigurations.of(
                TradesyncAutoConfiguration.class, TradesyncActuatorConfiguration.class))
        .withBean(InMemoryTradeSource.class, () -> InMemoryBeans.sourceOf(3))
        .withBean(InMemorySyncLog.class, InMemorySyncLog::new)
        .withBean(AnalyticsSink.class, () -> sink)
        .withPropertyValues(
            "tradesync.engine.park-after=1", "management.endpoints.web.exposure.include=*");
  }

  @SuppressWarnings("unchecked")
  private static Map<String, Object> body(WebEndpointResponse<Object> answer, int status) {
    assertThat(answer.getStatus()).isEqualTo(status);
    return (Map<String, Object>) answer.getBody();
  }

  @Test
  void itIsThereOnlyIfItIsExposed() {
    application(batch -> {})
        .withPropertyValues("management.endpoints.web.exposure.include=health")
        .run(context -> assertThat(context).doesNotHaveBean(TradesyncEndpoint.class));
  }

  @Test
  void showsHealthRunsAndErrorsAndBeginsRuns() {
    AnalyticsSink sink =
        batch -> {
          if (batch.changes().stream().anyMatch(change -> change.key().id().equals("trade_1"))) {
            throw new BadTradesException(Map.of(InMemoryBeans.trade(1).key(), "does not fit"));
          }
        };
    application(sink)
        .run(
            context -> {
              TradesyncEndpoint endpoint = context.getBean(TradesyncEndpoint.class);
              assertThat(body(endpoint.read("health", null, null), 200))
                  .containsEntry("missedTrades", 3L);

              String runId = (String) body(endpoint.write("run", null, null), 200).get("runId");
              org.awaitility.Awaitility.await()
                  .atMost(Duration.ofMinutes(1))
                  .until(
                      () ->
                          context.getBean(SyncEngine.class).findRun(runId).orElseThrow().endedAt()
                              != null);
              assertThat((List<Map<String, Object>>) endpoint.read("runs", null, null).getBody())
                  .first()
                  .satisfies(
                      run ->
                          assertThat(run)
                              .containsEntry("runId", runId)
                              .containsEntry("outcome", "completed")
                              .containsEntry("errors", 1L));
              assertThat((List<Map<String, Object>>) endpoint.read("errors", null, 1).getBody())
                  .singleElement()
                  .satisfies(
                      failed ->
                          assertThat(failed)
                              .containsEntry("id", "trade_1")
                              .containsEntry("parked", true));
              assertThat(body(endpoint.write("release", null, null), 200))
                  .containsEntry("released", 1L);
              assertThat(endpoint.all()).containsOnlyKeys("tradesync");
            });
  }

  @Test
  void refusesWhatItDoesNotKnow() {
    application(batch -> {})
        .run(
            context -> {
              TradesyncEndpoint endpoint = context.getBean(TradesyncEndpoint.class);
              assertThat(body(endpoint.read("rums", null, null), 404).get("detail"))
                  .isEqualTo("there is health, runs and errors, but no rums");
              assertThat(body(endpoint.write("stop", null, null), 404)).containsKey("detail");
              assertThat(body(endpoint.read("runs", null, 0), 400).get("detail"))
                  .isEqualTo("limit must be from 1 to 1000, but is: 0");
              assertThat(body(endpoint.read("runs", "orders", null), 400).get("detail"))
                  .isEqualTo("engine must be one of [], but is: orders");
            });
  }

  @Test
  void aSecondRunIsAnsweredWithTheFirst() {
    CountDownLatch goOn = new CountDownLatch(1);
    application(batch -> goOn.await())
        .run(
            context -> {
              RunHandle first = context.getBean(SyncEngine.class).submit(RunOptions.DEFAULT);
              TradesyncEndpoint endpoint = context.getBean(TradesyncEndpoint.class);
              assertThat(body(endpoint.write("run", null, null), 409))
                  .containsEntry("runId", first.runId());
              goOn.countDown();
              assertThat(first.result().join().processed()).isEqualTo(3);
            });
  }

  @Test
  void controllersAnswerInTheSameWay() {
    TradesyncProblems problems = new TradesyncProblems();
    ProblemDetail running =
        problems.alreadyRunning(new SyncAlreadyRunningException("run-1", Instant.EPOCH));
    assertThat(running.getStatus()).isEqualTo(409);
    assertThat(running.getProperties()).containsEntry("runId", "run-1");
    ProblemDetail gone =
        problems.unavailable(SideUnavailableException.unreachable(Side.SOURCE, "refused", null));
    assertThat(gone.getStatus()).isEqualTo(503);
    assertThat(gone.getProperties()).containsEntry("side", "source");
    assertThat(gone.getDetail()).isEqualTo("the source is not available: refused");
  }
}
