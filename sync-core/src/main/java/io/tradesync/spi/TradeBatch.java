package io.tradesync.spi;

import java.util.List;
import java.util.Objects;

/**
 * The changes that a sink carries out in one call.
 *
 * @param service the service whose log the changes belong to
 * @param idempotencyKey the same text for the same changes, however often they are tried. A forced
 *     batch has another key in each run, because the same content is then meant to be written again
 * @param forced whether trades are written again although the log holds them as processed
 * @param changes at least one, in key order, each key once; unmodifiable
 */
public record TradeBatch(
    String service, String idempotencyKey, boolean forced, List<TradeChange> changes) {

  public TradeBatch {
    Objects.requireNonNull(service, "service");
    Objects.requireNonNull(idempotencyKey, "idempotencyKey");
    changes = List.copyOf(changes);
  }
}
