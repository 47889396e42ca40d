package io.tradesync.internal.gap;

import io.tradesync.KeyRange;
import io.tradesync.TradeKey;
import io.tradesync.spi.EntryStatus;
import io.tradesync.spi.KeyPrint;
import io.tradesync.spi.LogEntries;
import io.tradesync.spi.LogEntry;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Holds pages of the source against the log's entries of the same stretch. A page is read before
 * the log, so what the log lacks was missing when it was asked; what the log holds besides may just
 * have arrived, and is only suspected.
 */
final class Merge {

  private static final int LOG_PAGE = 5_000;

  private final LogEntries log;

  Merge(LogEntries log) {
    this.log = log;
  }

  /**
   * Compares a page.
   *
   * @param page the source's trades in the stretch, all of them
   * @param stretch the ranges that the page covers
   * @param suspects receives, page by page, processed and failed entries that no trade of the page
   *     has the key of
   * @return the gaps among the page's trades, by key
   */
  Map<TradeKey, Gap> compare(
      List<KeyPrint> page, List<KeyRange> stretch, Consumer<List<LogEntry>> suspects) {
    Map<TradeKey, Gap> gaps = new HashMap<>();
    for (KeyPrint trade : page) {
      gaps.put(trade.key(), new Gap(GapKind.MISSING, trade.fingerprint(), 0));
    }
    Set<TradeKey> settled = new HashSet<>();
    List<KeyRange> rest = stretch;
    List<LogEntry> entries;
    do {
      entries = log.page(rest, LOG_PAGE);
      List<LogEntry> without = new ArrayList<>();
      for (LogEntry entry : entries) {
        Gap gap = gaps.get(entry.key());
        if (gap == null) {
          if (entry.status() != EntryStatus.RETRACTED) {
            without.add(entry);
          }
        } else if (entry.status() == EntryStatus.ERROR) {
          gaps.put(entry.key(), gap.as(GapKind.ERROR, entry.fingerprint()));
        } else if (entry.status() == EntryStatus.PROCESSED) {
          if (entry.fingerprint() == gap.sourceFingerprint()) {
            settled.add(entry.key());
          } else {
            gaps.put(entry.key(), gap.as(GapKind.CHANGED, entry.fingerprint()));
          }
        }
      }
      if (!without.isEmpty()) {
        suspects.accept(without);
      }
      if (!entries.isEmpty()) {
        rest = Ranges.after(rest, entries.get(entries.size() - 1).key());
      }
    } while (entries.size() == LOG_PAGE);
    gaps.keySet().removeAll(settled);
    return gaps;
  }
}
