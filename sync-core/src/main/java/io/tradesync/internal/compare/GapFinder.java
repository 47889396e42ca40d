package io.tradesync.internal.compare;

import io.tradesync.GapKind;
import io.tradesync.Trade;
import io.tradesync.TradeKey;
import io.tradesync.spi.KeyFingerprint;
import io.tradesync.spi.TradeSource;
import io.tradesync.spi.log.EntryStatus;
import io.tradesync.spi.log.LogEntry;
import io.tradesync.spi.log.TradeFailure;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Finds the gaps among trades and entries that were listed. The source was read before the log, so
 * a trade that the log lacks is certainly missing. An entry that differs, or that the source lacks,
 * may have been written in between: it is a gap only if the source, asked again by id, confirms it.
 */
public final class GapFinder {

  private GapFinder() {}

  /**
   * Finds the gaps of some ranges.
   *
   * @param trades all trades of the source in the ranges
   * @param entries all entries of the log in the ranges, read later
   */
  public static NavigableMap<TradeKey, Gap> find(
      TradeSource source, List<KeyFingerprint> trades, List<LogEntry> entries) {
    Map<TradeKey, LogEntry> byKey = new HashMap<>();
    for (LogEntry entry : entries) {
      if (entry.status() != EntryStatus.RETRACTED) {
        byKey.put(entry.key(), entry);
      }
    }
    NavigableMap<TradeKey, Gap> gaps = new TreeMap<>();
    List<LogEntry> suspects = new ArrayList<>();
    for (KeyFingerprint trade : trades) {
      LogEntry entry = byKey.remove(trade.key());
      if (entry == null) {
        put(gaps, new Gap(GapKind.MISSING, trade.key(), null, false, false));
      } else if (entry.status() == EntryStatus.ERROR) {
        boolean parked = entry.isParked(trade.fingerprint());
        put(gaps, new Gap(GapKind.ERROR, trade.key(), null, false, parked));
      } else if (entry.fingerprint() != trade.fingerprint()) {
        suspects.add(entry);
      }
    }
    suspects.addAll(byKey.values());
    if (!suspects.isEmpty()) {
      confirm(source, suspects, gaps);
    }
    return gaps;
  }

  private static void confirm(
      TradeSource source, List<LogEntry> suspects, SortedMap<TradeKey, Gap> gaps) {
    Map<String, Trade> now = new HashMap<>();
    source
        .byIds(suspects.stream().map(entry -> entry.key().id()).distinct().toList())
        .rows()
        .forEach(trade -> now.put(trade.id(), trade));
    for (LogEntry entry : suspects) {
      Trade trade = now.get(entry.key().id());
      boolean processed = entry.status() == EntryStatus.PROCESSED;
      if (trade == null || !trade.key().equals(entry.key())) {
        boolean parked = entry.isParked(TradeFailure.RETRACTION);
        put(gaps, new Gap(GapKind.ORPHANED, entry.key(), trade, processed, parked));
      } else if (!processed) {
        boolean parked = entry.isParked(trade.fingerprint());
        put(gaps, new Gap(GapKind.ERROR, entry.key(), trade, false, parked));
      } else if (trade.fingerprint() != entry.fingerprint()) {
        boolean parked = entry.isParked(trade.fingerprint());
        put(gaps, new Gap(GapKind.CHANGED, entry.key(), trade, true, parked));
      }
    }
  }

  private static void put(SortedMap<TradeKey, Gap> gaps, Gap gap) {
    gaps.put(gap.key(), gap);
  }
}
