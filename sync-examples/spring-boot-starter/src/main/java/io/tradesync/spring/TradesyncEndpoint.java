package io.tradesync.spring;

import io.tradesync.KeyRange;
import io.tradesync.RunOptions;
import io.tradesync.SideUnavailableException;
import io.tradesync.SyncAlreadyRunningException;
import io.tradesync.SyncEngine;
import io.tradesync.TradeKey;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.Selector;
import org.springframework.boot.actuate.endpoint.annotation.WriteOperation;
import org.springframework.boot.actuate.endpoint.web.WebEndpointResponse;
import org.springframework.boot.actuate.endpoint.web.annotation.WebEndpoint;
import org.springframework.lang.Nullable;
import org.springframework.util.MimeType;

/**
 * The actuator's endpoint {@code tradesync}. {@code GET /actuator/tradesync} shows the health of
 * each engine, {@code …/health}, {@code …/runs} and {@code …/errors} more of one; {@code POST
 * …/run} begins a run, {@code …/release} lets the next run try parked trades again. With several
 * engines, the parameter {@code engine} names one. Thread-safe.
 */
@WebEndpoint(id = "tradesync")
public final class TradesyncEndpoint {

  private static final int DEFAULT_LIMIT = 20;
  private static final int MAX_LIMIT = 1_000;

  private static final MimeType PROBLEM = new MimeType("application", "problem+json");

  private final List<RunningEngine> engines;

  TradesyncEndpoint(List<RunningEngine> engines) {
    this.engines = List.copyOf(engines);
  }

  /** Shows the health of each engine. */
  @ReadOperation
  public Map<String, Object> all() {
    Map<String, Object> shown = new LinkedHashMap<>();
    for (RunningEngine engine : engines) {
      EngineStatus status = EngineStatus.of(engine);
      Map<String, Object> fields = new LinkedHashMap<>();
      fields.put("status", status.code());
      fields.putAll(status.details());
      shown.put(engine.name().isEmpty() ? "tradesync" : engine.name(), fields);
    }
    return shown;
  }

  /**
   * Shows one thing of an engine.
   *
   * @param what {@code health}, which is computed now, {@code runs} or {@code errors}
   * @param engine the engine's name; null if there is only one
   * @param limit how many runs or errors at most, 1 to 1,000; null for 20
   */
  @ReadOperation
  public WebEndpointResponse<Object> read(
      @Selector String what, @Nullable String engine, @Nullable Integer limit) {
    int rows = limit == null ? DEFAULT_LIMIT : limit;
    if (rows < 1 || rows > MAX_LIMIT) {
      return problem(400, "limit must be from 1 to " + MAX_LIMIT + ", but is: " + limit, Map.of());
    }
    return switch (what) {
      case "health" -> with(engine, found -> Shown.health(found.health()));
      case "runs" -> with(engine, found -> found.runs(rows).stream().map(Shown::run).toList());
      case "errors" ->
          with(
              engine,
              found -> found.failedTrades(TradeKey.MIN, rows).stream().map(Shown::failed).toList());
      default -> problem(404, "there is health, runs and errors, but no " + what, Map.of());
    };
  }

  /**
   * Begins something.
   *
   * @param action {@code run}, whose answer is the run's id, or {@code release}
   * @param engine the engine's name; null if there is only one
   * @param compareAll for a run, whether everything is compared first
   */
  @WriteOperation
  public WebEndpointResponse<Object> write(
      @Selector String action, @Nullable String engine, @Nullable Boolean compareAll) {
    return switch (action) {
      case "run" -> {
        RunOptions options = RunOptions.DEFAULT.compareAll(Boolean.TRUE.equals(compareAll));
        yield with(engine, found -> Map.of("runId", found.submit(options).runId()));
      }
      case "release" ->
          with(engine, found -> Map.of("released", found.releaseParked(KeyRange.all())));
      default -> problem(404, "there is run and release, but no " + action, Map.of());
    };
  }

  private WebEndpointResponse<Object> with(
      @Nullable String name, Function<SyncEngine, Object> answer) {
    List<RunningEngine> named =
        engines.stream().filter(engine -> name == null || engine.name().equals(name)).toList();
    if (named.size() != 1) {
      return problem(
          400,
          "engine must be one of "
              + engines.stream().map(RunningEngine::name).toList()
              + ", but is: "
              + name,
          Map.of());
    }
    try {
      return new WebEndpointResponse<>(answer.apply(named.get(0).engine()));
    } catch (SyncAlreadyRunningException e) {
      return problem(
          409,
          String.valueOf(e.getMessage()),
          Map.of("runId", e.runId(), "startedAt", e.startedAt().toString()));
    } catch (SideUnavailableException e) {
      return problem(503, String.valueOf(e.getMessage()), Map.of("side", e.side().label()));
    }
  }

  private static WebEndpointResponse<Object> problem(
      int status, String detail, Map<String, Object> members) {
    Map<String, Object> problem = new LinkedHashMap<>();
    problem.put("type", "about:blank");
    problem.put("status", status);
    problem.put("detail", detail);
    problem.putAll(members);
    return new WebEndpointResponse<>(problem, status, PROBLEM);
  }
}
