package io.tradesync.examples.service.http;

import static io.tradesync.examples.service.http.ApiServer.json;

import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.tradesync.KeyRange;
import io.tradesync.SyncEngine;
import io.tradesync.TradeKey;

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
            engine.failedTrades(from, limit),
            limit,
            after == null ? engine.rowsOutsideKeyOrder(limit) : null));
  }

  private void release(Context call) {
    KeyRange range = FailedTradeSelection.read(Json.readObject(call.bodyAsBytes()));
    json(call, new Answers.Released(engine.releaseParked(range)));
  }

  private void accept(Context call) {
    FailedTradeSelection.Acceptance accepted =
        FailedTradeSelection.readAcceptance(Json.readObject(call.bodyAsBytes()));
    json(
        call,
        new Answers.AcceptedFailures(engine.acceptFailures(accepted.keys(), accepted.reason())));
  }
}
