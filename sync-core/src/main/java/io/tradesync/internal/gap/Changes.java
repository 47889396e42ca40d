package io.tradesync.internal.gap;

import io.tradesync.Trade;
import io.tradesync.TradeKey;
import io.tradesync.spi.Fingerprint;
import io.tradesync.spi.TradeSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Tells changed trades from those that only seemed so. */
final class Changes {

  private Changes() {}

  /**
   * Reads changed trades again, now that the log was read: what was read before may be older than
   * what the log holds. Takes out of the gaps what the log turns out to hold as it is, and what has
   * left its key.
   *
   * @return the trades as they are now
   */
  static Map<TradeKey, Trade> confirm(TradeSource source, Map<TradeKey, Gap> gaps) {
    List<String> ids =
        gaps.entrySet().stream()
            .filter(entry -> entry.getValue().kind() == GapKind.CHANGED)
            .map(entry -> entry.getKey().id())
            .toList();
    if (ids.isEmpty()) {
      return Map.of();
    }
    Map<TradeKey, Trade> now = new HashMap<>();
    source.byIds(ids).forEach(trade -> now.put(trade.key(), trade));
    gaps.entrySet()
        .removeIf(
            entry -> {
              Gap gap = entry.getValue();
              Trade trade = now.get(entry.getKey());
              return gap.kind() == GapKind.CHANGED
                  && (trade == null || Fingerprint.of(trade) == gap.logFingerprint());
            });
    return now;
  }
}
