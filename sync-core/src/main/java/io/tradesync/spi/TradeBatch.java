package io.tradesync.spi;

import java.util.List;
import java.util.Objects;

/**
 * What a sink is to do in one go, in key order; at least one change, and each key once.
 *
 * @param service the service whose log the changes belong to
 * @param idempotencyKey the same text for the same changes, however often they are tried; for a
 *     forced batch the run is part of it, since the same content is then meant to be written again
 * @param forced whether trades are written anew although the log holds them already
 * @param changes the changes; unmodifiable
 */
public record TradeBatch(
    String service, String idempotencyKey, boolean forced, List<TradeChange> changes) {

  /**
   * Copies the changes.
   *
   * @param service see {@link #service()}
   * @param idempotencyKey see {@link #idempotencyKey()}
   * @param forced see {@link #forced()}
   * @param changes see {@link #changes()}
   */
  public TradeBatch {
    Objects.requireNonNull(service, "service");
    Objects.requireNonNull(idempotencyKey, "idempotencyKey");
    changes = List.copyOf(changes);
  }
}
