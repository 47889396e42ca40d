package io.tradesync.examples.service.http;

import io.javalin.Javalin;
import io.javalin.config.JavalinConfig;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.javalin.http.HttpResponseException;
import io.javalin.util.JavalinException;
import io.tradesync.AuditReport;
import io.tradesync.FailedBatchesException;
import io.tradesync.InvalidSettingException;
import io.tradesync.RunHandle;
import io.tradesync.RunOptions;
import io.tradesync.RunOutcome;
import io.tradesync.SideUnavailableException;
import io.tradesync.SyncAlreadyRunningException;
import io.tradesync.SyncEngine;
import io.tradesync.SyncResult;
import io.tradesync.SyncRun;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.eclipse.jetty.ee10.servlet.ServletContextRequest;
import org.eclipse.jetty.server.AbstractConnector;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.handler.GracefulHandler;
import org.eclipse.jetty.util.Callback;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The HTTP API of an engine. Thread-safe. */
public final class ApiServer implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(ApiServer.class);
  private static final long STOP_MILLIS = 5_000;
  private static final long IDLE_AT_STOP_MILLIS = 50;
  private static final int LARGEST_BODY = 65_536;
  private static final Duration BODY_TIMEOUT = Duration.ofSeconds(10);

  /** The server has 250 threads. */
  private static final int CALLS_AT_A_TIME = 150;

  private static final int MAX_EVENT_INTERVAL_MILLIS = 2_000;

  private final SyncEngine engine;
  private final RunMonitor monitor;
  private final Background background = new Background();
  private final PictureCalls pictures;
  private final Guard guard;
  private final Javalin server;
  private volatile boolean stopping;

  /**
   * Makes a server that does not listen yet.
   *
   * @param engine what it serves
   * @param monitor what listens to that engine
   * @param candles reads the candles that the store keeps
   * @param guard who may call
   */
  public ApiServer(SyncEngine engine, RunMonitor monitor, CandleReader candles, Guard guard) {
    this.engine = engine;
    this.monitor = monitor;
    this.pictures = new PictureCalls(engine, monitor.events()::ended, candles, background);
    this.guard = guard;
    this.server = Javalin.create(this::configure);
  }

  /**
   * Begins to listen.
   *
   * @param host a name or an address of this machine
   * @param port the port; 0 for any that is free
   * @throws io.javalin.util.JavalinBindException if the port cannot be had
   */
  public void start(String host, int port) {
    server.start(host, port);
    for (Connector connector : server.jettyServer().server().getConnectors()) {
      // Else each connection that a client keeps for later holds up the stop for a second.
      ((AbstractConnector) connector).setShutdownIdleTimeout(IDLE_AT_STOP_MILLIS);
    }
  }

  /**
   * The port on which the server listens.
   *
   * @return the port
   */
  public int port() {
    return server.port();
  }

  private void configure(JavalinConfig config) {
    config.startup.showJavalinBanner = false;
    config.startup.showOldJavalinVersionWarning = false;
    config.startup.startupWatcherEnabled = false;
    config.concurrency.useVirtualThreads = false;
    config.jetty.modifyServer(
        jetty -> {
          // Whoever is being answered when the server stops gets the whole answer.
          jetty.setStopTimeout(STOP_MILLIS);
          jetty.setErrorHandler(new UnreadableRequests());
          jetty.setHandler(
              // Outermost, so that no handler answers before the body is read.
              new BodyReader(
                  LARGEST_BODY,
                  BODY_TIMEOUT,
                  new GracefulHandler(new LoadLimit(CALLS_AT_A_TIME, new MethodOverrideFilter()))));
        });
    // Else Jetty replaces a token by one that it saw before and that differs in case only.
    config.jetty.modifyHttpConfiguration(http -> http.setHeaderCacheCaseSensitive(true));
    config.http.maxRequestSize = LARGEST_BODY;
    config.http.prefer405over404 = true;
    routes(config.routes);
    failures(config.routes);
  }

  private void routes(RoutesConfig routes) {
    routes.before(this::beforeAll);
    PageFiles.addTo(routes);
    routes.get("/healthz", call -> call.contentType("text/plain").result("ok\n"));
    routes.get(
        "/readyz",
        call -> {
          engine.probe();
          call.contentType("text/plain").result("ok\n");
        });
    routes.get(
        "/metrics",
        call -> call.contentType("text/plain; version=0.0.4").result(monitor.metrics().scrape()));
    routes.get("/api/sync/health", this::health);
    routes.post("/api/sync/run", this::run);
    routes.post("/api/sync/audit", this::audit);
    routes.post("/api/sync/force", this::force);
    routes.get("/api/sync/runs", this::runs);
    routes.get("/api/sync/runs/{id}", this::oneRun);
    routes.post("/api/sync/runs/{id}/cancel", this::cancel);
    new FailedTradeCalls(engine).addTo(routes);
    pictures.addTo(routes);
    routes.get("/api/sync/stats", call -> json(call, monitor.stats()));
    routes.get("/api/sync/events", this::events);
    byte[] openApi = OpenApi.document();
    routes.get("/openapi.json", call -> call.contentType("application/json").result(openApi));
  }

  private void beforeAll(Context call) {
    call.header("X-Content-Type-Options", "nosniff")
        .header("Cache-Control", "no-store")
        .header("Content-Security-Policy", PageFiles.CONTENT_SECURITY_POLICY)
        .header("Referrer-Policy", "no-referrer");
    guard.check(call);
  }

  private void health(Context call) {
    boolean refresh = QueryParameters.flag(call, "refresh");
    Optional<Answers.Health> known =
        QueryParameters.flag(call, "known") ? monitor.metrics().lastHealth() : Optional.empty();
    if (refresh && known.isPresent()) {
      background.begin("health", () -> monitor.refreshHealth(engine::health));
    }
    json(call, known.orElseGet(() -> Answers.Health.of(engine.health(), null, null)));
  }

  private void run(Context call) {
    answer(call, RunRequest.run(Json.readObject(call.bodyAsBytes())));
  }

  private void audit(Context call) {
    Json.refuseFieldsBut(Json.readObject(call.bodyAsBytes()), Set.of());
    AuditReport report = engine.audit();
    json(
        call,
        GapAnswers.Audit.of(
            report, engine.rowsOutsideKeyOrder(null, QueryParameters.LARGEST_PAGE).rows()));
  }

  private void force(Context call) {
    answer(call, RunRequest.force(Json.readObject(call.bodyAsBytes())));
  }

  private void answer(Context call, RunOptions options) {
    boolean async = QueryParameters.flag(call, "async");
    RunHandle run = engine.submit(options);
    if (async) {
      call.status(202).header("Location", guard.link("/api/sync/runs/" + run.runId()));
      json(call, new Answers.Accepted(run.runId()));
    } else {
      SyncResult result = await(run.result());
      call.status(wasCarriedOut(result) ? 200 : 503);
      json(call, Answers.Result.of(result));
    }
  }

  /**
   * A run that was ended by failed batches in a row, or by a setting of the store, reached both
   * sides; its message says what failed. So did one that was cancelled, or whose time was over.
   */
  private boolean wasCarriedOut(SyncResult result) {
    return result.outcome() == RunOutcome.COMPLETED
        || (result.outcome() == RunOutcome.CANCELLED && !stopping)
        || result.failure().filter(ApiServer::isAfterReachingBothSides).isPresent();
  }

  private static boolean isAfterReachingBothSides(Throwable failure) {
    return failure instanceof FailedBatchesException
        || (failure instanceof SideUnavailableException side && side.isSetting());
  }

  private static SyncResult await(CompletableFuture<SyncResult> result) {
    try {
      return result.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException failure) {
        throw failure;
      }
      throw new IllegalStateException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new Problem(503, "the service is stopping");
    }
  }

  private void runs(Context call) {
    int limit = QueryParameters.limit(call);
    String after = call.queryParam("after");
    json(
        call,
        Answers.Runs.of(
            after == null ? engine.runs(limit + 1) : runsBefore(after, limit + 1), limit));
  }

  private List<SyncRun> runsBefore(String runId, int limit) {
    if (engine.findRun(QueryParameters.withoutNul("after", runId)).isEmpty()) {
      throw Problem.badField("after", "after must be the id of a run, but is: " + runId);
    }
    return engine.runsBefore(runId, limit);
  }

  private void oneRun(Context call) {
    String id = call.pathParam("id");
    json(
        call,
        engine
            .findRun(id)
            .map(Answers.Run::of)
            .orElseThrow(() -> new Problem(404, "there is no run " + id)));
  }

  private void cancel(Context call) {
    Json.refuseFieldsBut(Json.readObject(call.bodyAsBytes()), Set.of());
    String id = call.pathParam("id");
    if (!engine.cancelRun(id)) {
      throw new Problem(404, "no run " + id + " is under way");
    }
    call.status(202);
    json(call, new Answers.Accepted(id));
  }

  private void events(Context call) throws IOException {
    HttpServletResponse response = call.res();
    try (RunEvents.Subscription subscription =
        monitor
            .events()
            .subscribe(QueryParameters.number(call, "interval", 0, MAX_EVENT_INTERVAL_MILLIS))
            .orElseThrow(() -> new Problem(503, "too many listen to the events already"))) {
      response.setContentType("text/event-stream");
      response.setCharacterEncoding("UTF-8");
      // A reverse proxy would hold events back until its buffer is full.
      response.setHeader("X-Accel-Buffering", "no");
      response.setHeader("Connection", "close");
      whenClientGone(call, subscription::gone);
      subscription.stream(response.getOutputStream());
    } catch (IOException e) {
      LOG.debug("a listener to the events went away");
    }
  }

  /** Calls the action once the client has closed the connection. It must send nothing more. */
  private static void whenClientGone(Context call, Runnable action) {
    ServletContextRequest.getServletContextRequest(call.req())
        .getConnectionMetaData()
        .getConnection()
        .getEndPoint()
        .fillInterested(Callback.from(action));
  }

  static void json(Context call, Object body) {
    call.contentType("application/json").result(Json.bytes(body));
  }

  private void failures(RoutesConfig routes) {
    routes.exception(Problem.class, (problem, call) -> write(call, problem));
    routes.exception(
        SyncAlreadyRunningException.class,
        (e, call) ->
            write(
                call,
                new Problem(409, String.valueOf(e.getMessage()))
                    .with("runId", e.runId())
                    .with("startedAt", e.startedAt().toString())
                    .with("startedTimestamp", e.startedAt().getEpochSecond())));
    routes.exception(
        SideUnavailableException.class,
        (e, call) ->
            write(
                call,
                new Problem(503, String.valueOf(e.getMessage())).with("side", e.side().label())));
    routes.exception(
        HttpResponseException.class,
        (e, call) -> write(call, new Problem(e.getStatus(), String.valueOf(e.getMessage()))));
    routes.exception(Exception.class, this::unexpected);
  }

  private void unexpected(Exception e, Context call) {
    if (e instanceof InvalidSettingException invalid
        && (RunRequest.CHECKED_BY_ENGINE.contains(invalid.name())
            || FailedTradeSelection.REASON.equals(invalid.name()))) {
      write(call, Problem.badField(invalid.name(), String.valueOf(invalid.getMessage())));
      return;
    }
    if (stopping) {
      LOG.debug("{} {} was ended by the stop", call.method(), call.path(), e);
      write(call, new Problem(503, "the service is stopping"));
      return;
    }
    LOG.error("{} {} failed", call.method(), call.path(), e);
    write(call, new Problem(500, "an unexpected error; the service's log says more"));
  }

  private static void write(Context call, Problem problem) {
    call.status(problem.status())
        .contentType(Problem.CONTENT_TYPE)
        .result(Json.bytes(problem.members()));
  }

  /** Cancels the runs under way, waits for the answers under way, and stops listening. */
  @Override
  public void close() {
    stopping = true;
    monitor.events().close();
    background.close();
    engine.cancel();
    try {
      server.stop();
    } catch (JavalinException e) {
      // A call did not end in time; its connection is closed.
      LOG.debug("Calls under way were cut off by the stop", e);
    }
  }
}
