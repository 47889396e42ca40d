package io.tradesync.internal.live;

import io.tradesync.Trade;
import io.tradesync.TradeKey;
import io.tradesync.spi.OutsideRow;
import io.tradesync.spi.log.OutsideRows;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The trades of one delivery that have no place in the key order. Used by one thread. */
final class OutsideTrades {

  private final Map<TradeKey, OutsideRow> rows = new LinkedHashMap<>();

  /** Takes a trade if its key is not storable; returns whether it did. */
  boolean take(Trade trade) {
    boolean taken = !trade.key().isStorable();
    if (taken) {
      rows.put(trade.key(), row(trade));
    }
    return taken;
  }

  private static OutsideRow row(Trade trade) {
    boolean isSecond = new TradeKey(trade.epochSecond(), "x").isStorable();
    return new OutsideRow(
        trade.id(),
        sha256(trade.id()),
        isSecond ? trade.epochSecond() : null,
        isSecond ? "id" : "timestamp",
        isSecond
            ? "id is over " + TradeKey.MAX_ID_BYTES + " bytes long"
            : "timestamp " + trade.epochSecond() + " is not within 100,000,000,000 s of 1970",
        trade.fingerprint());
  }

  private static String sha256(String id) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      return HexFormat.of().formatHex(digest.digest(id.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  /** Records the trades, and returns their keys. */
  List<TradeKey> record(OutsideRows kept) {
    if (!rows.isEmpty()) {
      kept.add(List.copyOf(rows.values()));
    }
    return List.copyOf(rows.keySet());
  }
}
