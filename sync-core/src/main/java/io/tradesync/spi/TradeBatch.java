package io.tradesync.spi;

import java.util.List;
import java.util.Objects;

/**
 * The changes that a sink carries out in one call.
 *
 * @param service the service whose log the changes belong to
 * @param idempotencyKey names exactly these changes: made of the service and of the id and the
 *     revision of each change. It serves receivers that discard an exact repeat of a request. It
 *     must not be used to count trades, because after a crash the same changes come in other
 *     batches: use {@link TradeChange#revision()} for that. Empty if the sink uses no revisions
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
