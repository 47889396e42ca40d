package io.tradesync.spi;

import io.tradesync.Keyed;
import io.tradesync.TradeKey;
import java.util.Objects;

/**
 * A row that a sink holds, without its content.
 *
 * @param key where the row is; no trade of the source need have such a key
 * @param fingerprint the fingerprint of the content that the row really has
 * @param sound whether every value that follows from others is right, such as the volume
 */
public record HeldTrade(TradeKey key, long fingerprint, boolean sound) implements Keyed {

  public HeldTrade {
    Objects.requireNonNull(key, "key");
  }
}
