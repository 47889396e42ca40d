package io.tradesync.examples.service.http;

import static io.tradesync.examples.service.http.ApiServer.json;

import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.tradesync.SyncEngine;
import io.tradesync.TradeKey;
import java.util.List;
import java.util.Objects;

/** The calls that list, release and accept failed trades. */
record FailedTradeCalls(SyncEngine engine) {

  void addTo(RoutesConfig routes) {
    routes.get("/api/sync/errors", this::errors);
    routes.post("/api/sync/errors/release", this::release);
    routes.post("/api/sync/errors/accept", this::accept);
  }

  private void errors(Context call) {
    int limit = QueryParameters.limit(call);
    String after = call.queryParam("after");
    TradeKey from = after == null ? TradeKey.MIN : FailureAnswers.key("after", after);
    json(
        call,
        FailureAnswers.Failures.of(
            engine.failedTrades(from, limit + 1),
            limit,
            after == null ? engine.rowsOutsideKeyOrder(limit) : null));
  }

  private void release(Context call) {
    FailedTradeSelection.Released chosen =
        FailedTradeSelection.read(Json.readObject(call.bodyAsBytes()));
    long released =
        chosen.outside() == null
            ? engine.releaseParked(Objects.requireNonNull(chosen.range()))
            : engine.releaseRowsOutsideKeyOrder(List.of(chosen.outside()));
    json(call, new Answers.Released(released));
  }

  private void accept(Context call) {
    FailedTradeSelection.Acceptance accepted =
        FailedTradeSelection.readAcceptance(Json.readObject(call.bodyAsBytes()));
    long trades = engine.acceptFailures(accepted.keys(), accepted.reason());
    long rows = engine.acceptRowsOutsideKeyOrder(accepted.outside(), accepted.reason());
    json(call, new Answers.AcceptedFailures(trades + rows));
  }
}
