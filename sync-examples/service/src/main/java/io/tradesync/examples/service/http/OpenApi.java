package io.tradesync.examples.service.http;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The OpenAPI 3.1 document of this service. */
final class OpenApi {

  private static final Map<String, Object> WHOLE = Map.of("type", "integer");
  private static final Map<String, Object> TEXT = Map.of("type", "string");
  private static final Map<String, Object> FLAG = Map.of("type", "boolean");
  private static final Map<String, Object> TIME =
      Map.of("type", List.of("integer", "string"), "description", "epoch seconds or ISO instant");
  private static final Map<String, Object> LIMITS =
      Map.of("maxTradesPerSecond", WHOLE, "maxDuration", TEXT);

  private final AnswerSchemas schemas = new AnswerSchemas();
  private final Map<String, Map<String, Object>> paths = new LinkedHashMap<>();

  private OpenApi() {}

  /** Returns the document as JSON. */
  static byte[] document() {
    return Json.bytes(new OpenApi().build());
  }

  private Map<String, Object> build() {
    get("/api/sync/health", "the state of the store", Answers.Health.class)
        .query("known", FLAG)
        .query("refresh", FLAG);
    post("/api/sync/run", "closes the gap", Answers.Result.class)
        .query("async", FLAG)
        .body(with(LIMITS, Map.of("audit", FLAG, "allowMassRetraction", FLAG)))
        .answer(202, "the run has begun", Answers.Accepted.class)
        .answer(503, "a side cannot be reached", Answers.Result.class);
    post("/api/sync/force", "writes later trades again", Answers.Result.class)
        .query("async", FLAG)
        .body(
            with(
                LIMITS,
                Map.of(
                    "fromTimestamp",
                    WHOLE,
                    "toTimestamp",
                    WHOLE,
                    "chains",
                    listOf(WHOLE),
                    "pools",
                    listOf(TEXT))),
            "fromTimestamp")
        .answer(202, "the force has begun", Answers.Accepted.class)
        .answer(503, "a side cannot be reached", Answers.Result.class);
    post("/api/sync/audit", "compares everything, changes nothing", GapAnswers.Audit.class)
        .body(Map.of());
    get("/api/sync/plan", "what a run or a force would do now", GapAnswers.PlannedWork.class)
        .query(PlanQuestion.AUDIT, FLAG)
        .query(PlanQuestion.FROM, TIME)
        .query(PlanQuestion.TO, TIME)
        .query(PlanQuestion.CHAINS, listOf(WHOLE))
        .query(PlanQuestion.POOLS, listOf(TEXT));
    get("/api/sync/runs", "past runs, the latest first", Answers.Runs.class)
        .query("after", TEXT)
        .query("limit", WHOLE);
    get("/api/sync/runs/{id}", "one run", Answers.Run.class).path("id");
    post("/api/sync/runs/{id}/cancel", "stops a run at a batch boundary", null)
        .path("id")
        .body(Map.of())
        .answer(202, "the run was asked to stop", Answers.Accepted.class);
    get("/api/sync/errors", "failed trades", FailureAnswers.Failures.class)
        .query("after", TEXT)
        .query("outsideAfter", TEXT)
        .query("limit", WHOLE);
    post("/api/sync/errors/release", "lets runs try again", Answers.Released.class)
        .body(Map.of("ref", TEXT, "fromTimestamp", WHOLE, "toTimestamp", WHOLE));
    post("/api/sync/errors/accept", "accepts failures", Answers.AcceptedFailures.class)
        .body(Map.of("ref", TEXT, "refs", listOf(TEXT), "reason", TEXT), "reason");
    get("/api/sync/timeline", "both sides over time", PictureAnswers.Times.class)
        .query("from", TIME)
        .query("to", TIME)
        .query("buckets", WHOLE)
        .query("known", FLAG)
        .query("refresh", FLAG);
    get("/api/sync/gaps", "gaps by id", PictureAnswers.Gaps.class)
        .query("from", TIME)
        .query("to", TIME)
        .query("after", TEXT)
        .query("limit", WHOLE);
    get("/api/sync/candles", "the candles of a pool", PictureAnswers.Candles.class)
        .query("chain", WHOLE)
        .query("pool", TEXT)
        .query("length", WHOLE)
        .query("from", TIME)
        .query("to", TIME)
        .query("limit", WHOLE);
    get("/api/sync/pools", "the pools that have candles", PictureAnswers.Pools.class)
        .query("after", TEXT)
        .query("limit", WHOLE);
    get("/api/sync/stats", "totals of this process", FeedAnswers.Stats.class);
    get("/api/sync/events", "progress as server-sent events", null)
        .query("interval", WHOLE)
        .other("text/event-stream");
    get("/healthz", "liveness", null).other("text/plain");
    get("/readyz", "readiness", null).other("text/plain");
    get("/metrics", "the meters, for Prometheus", null).other("text/plain");
    get("/openapi.json", "this document", null).other("application/json", Map.of("type", "object"));
    get("/", "the page", null).other("text/html");

    Map<String, Object> components = new LinkedHashMap<>(schemas.all());
    components.put("Problem", problem());
    return document(components);
  }

  private Map<String, Object> document(Map<String, Object> components) {
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("openapi", "3.1.0");
    document.put(
        "info",
        Map.of(
            "title",
            "tradesync",
            "version",
            "1",
            "description",
            "Fields are added after those that are here; none is taken away."));
    document.put("paths", paths);
    document.put(
        "components",
        Map.of(
            "schemas",
            components,
            "securitySchemes",
            Map.of("token", Map.of("type", "http", "scheme", "bearer"))));
    return document;
  }

  private Operation get(String path, String summary, @Nullable Class<?> answer) {
    return operation("get", path, summary, answer);
  }

  private Operation post(String path, String summary, @Nullable Class<?> answer) {
    Operation operation = operation("post", path, summary, answer);
    // Only a service that has a token asks for it.
    operation.parts.put("security", List.of(Map.of(), Map.of("token", List.of())));
    return operation;
  }

  private Operation operation(
      String method, String path, String summary, @Nullable Class<?> answer) {
    Operation operation = new Operation(summary);
    paths.computeIfAbsent(path, any -> new LinkedHashMap<>()).put(method, operation.parts);
    return answer == null ? operation : operation.answer(200, summary, answer);
  }

  /** One call. */
  private final class Operation {

    private final Map<String, Object> parts = new LinkedHashMap<>();
    private final List<Object> parameters = new ArrayList<>();
    private final Map<String, Object> responses = new LinkedHashMap<>();

    Operation(String summary) {
      parts.put("summary", summary);
      parts.put("parameters", parameters);
      parts.put("responses", responses);
      responses.put("default", response("what was wrong", Problem.CONTENT_TYPE, ref("Problem")));
    }

    Operation query(String name, Map<String, Object> schema) {
      parameters.add(Map.of("name", name, "in", "query", "schema", schema));
      return this;
    }

    Operation path(String name) {
      parameters.add(Map.of("name", name, "in", "path", "required", true, "schema", TEXT));
      return this;
    }

    Operation body(Map<String, Object> fields, String... required) {
      Map<String, Object> schema =
          Map.of(
              "type",
              "object",
              "properties",
              fields,
              "required",
              List.of(required),
              "additionalProperties",
              false);
      parts.put("requestBody", Map.of("content", content("application/json", schema)));
      return this;
    }

    Operation answer(int status, String meaning, Class<?> answer) {
      Map<String, Object> content =
          new LinkedHashMap<>(content("application/json", schemas.refTo(answer)));
      if (status >= 400) {
        content.putAll(content(Problem.CONTENT_TYPE, ref("Problem")));
      }
      responses.put(String.valueOf(status), Map.of("description", meaning, "content", content));
      return this;
    }

    Operation other(String contentType) {
      return other(contentType, TEXT);
    }

    Operation other(String contentType, Map<String, Object> schema) {
      responses.put("200", response("as said", contentType, schema));
      return this;
    }
  }

  private static Map<String, Object> response(
      String meaning, String contentType, Map<String, Object> schema) {
    return Map.of("description", meaning, "content", content(contentType, schema));
  }

  private static Map<String, Object> content(String type, Map<String, Object> schema) {
    return Map.of(type, Map.of("schema", schema));
  }

  private static Map<String, Object> ref(String schema) {
    return Map.of("$ref", "#/components/schemas/" + schema);
  }

  private static Map<String, Object> listOf(Map<String, Object> items) {
    return Map.of("type", "array", "items", items);
  }

  private static Map<String, Object> with(Map<String, Object> fields, Map<String, Object> more) {
    Map<String, Object> all = new LinkedHashMap<>(more);
    all.putAll(fields);
    return all;
  }

  /** RFC 9457, with the members that this service adds. */
  private static Map<String, Object> problem() {
    return Map.of(
        "type",
        "object",
        "properties",
        Map.of(
            "type", TEXT,
            "title", TEXT,
            "status", WHOLE,
            "detail", TEXT,
            "field", TEXT,
            "runId", TEXT,
            "startedAt", TEXT,
            "startedTimestamp", WHOLE,
            "side", TEXT),
        "required",
        List.of("type", "title", "status", "detail"),
        "additionalProperties",
        false);
  }
}
