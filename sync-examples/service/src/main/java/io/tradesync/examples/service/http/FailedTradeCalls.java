package io.tradesync.examples.service.http;

import static io.tradesync.examples.service.http.ApiServer.json;

import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.tradesync.SyncEngine;
import io.tradesync.TradeKey;
import io.tradesync.spi.OutsideRow;
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
    String outsideAfter = call.queryParam("outsideAfter");
    if (after != null && outsideAfter != null) {
      throw Problem.badField("outsideAfter", "outsideAfter cannot be used together with after");
    }
    TradeKey from = after == null ? TradeKey.MIN : FailureAnswers.key("after", after);
    OutsideRow.Ref outsideFrom = outsideAfter == null ? null : outsideRow(outsideAfter);
    json(
        call,
        FailureAnswers.Failures.of(
            outsideAfter == null ? engine.failedTrades(from, limit + 1) : List.of(),
            limit,
            after == null ? engine.rowsOutsideKeyOrder(outsideFrom, limit + 1) : null));
  }

  private static OutsideRow.Ref outsideRow(String ref) {
    return FailureAnswers.outside("outsideAfter", ref)
        .orElseThrow(
            () ->
                Problem.badField(
                    "outsideAfter", "outsideAfter must be what an answer gave, but is: " + ref));
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
