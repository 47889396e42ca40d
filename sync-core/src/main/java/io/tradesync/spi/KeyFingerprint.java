package io.tradesync.spi;

import io.tradesync.Fingerprint;
import io.tradesync.Keyed;
import io.tradesync.Trade;
import io.tradesync.TradeKey;

/**
 * A trade of the source without its content.
 *
 * @param key the trade
 * @param fingerprint the hash of its content, see {@link Fingerprint}
 */
public record KeyFingerprint(TradeKey key, long fingerprint) implements Keyed {

  /**
   * Takes the key and the fingerprint of a trade.
   *
   * @param trade the trade
   * @return both
   */
  public static KeyFingerprint of(Trade trade) {
    return new KeyFingerprint(trade.key(), trade.fingerprint());
  }
}
