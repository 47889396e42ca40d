package io.tradesync.examples.service.command;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Starts a run and follows it to its end. It does not wait for one long answer, which a reverse
 * proxy would cut off.
 */
final class RunFollower {

  private static final List<String> FIELDS =
      List.of("success", "message", "processed", "errors", "total", "runId");

  private static final long POLL_MILLIS = 500;

  private final ApiClient api;
  private final Progress progress;

  RunFollower(ApiClient api, Progress progress) {
    this.api = api;
    this.progress = progress;
  }

  /** Returns the result, with the fields of a synchronous answer. */
  JsonNode run(String path, Map<String, ?> body) {
    try (Stream<String> lines = api.events()) {
      Iterator<String> events = lines.iterator();
      // The first line arrives once the service listens for this command.
      if (events.hasNext()) {
        events.next();
      }
      String runId = api.post(path + "?async=true", body).path("runId").asText();
      String event = "";
      while (events.hasNext()) {
        String line = events.next();
        if (line.startsWith("event: ")) {
          event = line.substring("event: ".length());
        } else if (line.startsWith("data: ")) {
          JsonNode data = ApiClient.read(line.substring("data: ".length()));
          if (data.path("runId").asText().equals(runId)) {
            if (event.equals("ended")) {
              return data;
            }
            if (event.equals("progress")) {
              progress.show(data);
            }
          }
        }
      }
      return fromHistory(runId);
    } finally {
      progress.end();
    }
  }

  /** The events ended too early, so the run history says what became of the run. */
  private JsonNode fromHistory(String runId) {
    JsonNode run = api.get("/api/sync/runs/" + runId);
    while (run.path("outcome").asText().equals("running")) {
      pause(POLL_MILLIS);
      run = api.get("/api/sync/runs/" + runId);
    }
    boolean healthy =
        run.path("outcome").asText().equals("completed")
            && api.get("/api/sync/health").path("isHealthy").asBoolean();
    ObjectNode result = run.deepCopy();
    return result.put("success", healthy).retain(FIELDS);
  }

  static void pause(long millis) {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CommandFailure(ExitCode.GAP, "interrupted", null);
    }
  }
}
