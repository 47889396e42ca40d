package io.tradesync.internal.compare;

import io.tradesync.GapKind;
import io.tradesync.Trade;
import io.tradesync.TradeKey;
import io.tradesync.internal.rows.RowProblem;
import io.tradesync.internal.rows.SourceRow;
import io.tradesync.spi.SourcePage;
import io.tradesync.spi.TradeSource;
import io.tradesync.spi.log.EntryStatus;
import io.tradesync.spi.log.HandOut;
import io.tradesync.spi.log.LogEntry;
import io.tradesync.spi.log.TradeFailure;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Finds the gaps among rows and entries that were listed. The source was read before the log, so a
 * trade that the log lacks is certainly missing. An entry that differs, or that the source lacks,
 * may have been written in between: it is a gap only if the source, asked again by id, confirms it.
 * So is a row that contradicts another one of its answer.
 */
public final class GapFinder {

  private final TradeSource source;
  private final TradeKey keptBelow;
  private final NavigableMap<TradeKey, Gap> gaps = new TreeMap<>();
  private final Map<TradeKey, @Nullable LogEntry> suspects = new TreeMap<>();

  private final Set<TradeKey> perhapsInSink = new HashSet<>();

  private GapFinder(TradeSource source, TradeKey keptBelow) {
    this.source = source;
    this.keptBelow = keptBelow;
  }

  /**
   * Finds the gaps of some ranges.
   *
   * @param rows all rows of the source in the ranges, in key order
   * @param entries all entries of the log in the ranges, read later
   * @param handOuts what is perhaps in the sink in the ranges, read last; a gap in any case
   * @param keptBelow the key below which processed trades that vanished are kept
   */
  public static NavigableMap<TradeKey, Gap> find(
      TradeSource source,
      List<SourceRow> rows,
      List<LogEntry> entries,
      List<HandOut> handOuts,
      TradeKey keptBelow) {
    GapFinder finder = new GapFinder(source, keptBelow);
    handOuts.forEach(handOut -> finder.perhapsInSink.add(handOut.key()));
    finder.compare(rows, entries);
    finder.suspectHandOuts();
    finder.confirm();
    return finder.gaps;
  }

  private void compare(List<SourceRow> rows, List<LogEntry> entries) {
    Map<TradeKey, LogEntry> byKey = new HashMap<>();
    for (LogEntry entry : entries) {
      if (entry.status() != EntryStatus.RETRACTED) {
        byKey.put(entry.key(), entry);
      }
    }
    Set<String> ids = new HashSet<>();
    Set<String> contested = new HashSet<>();
    int next;
    for (int from = 0; from < rows.size(); from = next) {
      TradeKey key = rows.get(from).key();
      next = from + 1;
      while (next < rows.size() && rows.get(next).key().equals(key)) {
        next++;
      }
      if (!ids.add(key.id())) {
        contested.add(key.id());
      }
      compare(rows.subList(from, next), byKey.remove(key));
    }
    byKey.forEach(suspects::put);
    if (!contested.isEmpty()) {
      rows.stream()
          .map(SourceRow::key)
          .filter(key -> contested.contains(key.id()))
          .forEach(key -> suspects.putIfAbsent(key, entry(key, entries)));
    }
  }

  private static @Nullable LogEntry entry(TradeKey key, List<LogEntry> entries) {
    return entries.stream()
        .filter(entry -> entry.key().equals(key) && entry.status() != EntryStatus.RETRACTED)
        .findFirst()
        .orElse(null);
  }

  private void compare(List<SourceRow> here, @Nullable LogEntry entry) {
    SourceRow row = here.get(0);
    boolean isTrade = here.size() == 1 && row.unreadable() == null;
    if (!isTrade) {
      RowProblem problem = RowProblem.find(here, here).orElseThrow();
      Gap gap = Gap.of(problem, entry);
      if (entry == null || gap.known()) {
        put(gap);
      } else {
        suspects.put(row.key(), entry);
      }
    } else if (entry == null) {
      put(Gap.of(GapKind.MISSING, row.key(), row.trade(), null, row.hash()));
    } else if (entry.status() == EntryStatus.ERROR && !isUnreadable(entry)) {
      put(Gap.of(GapKind.ERROR, row.key(), row.trade(), entry, row.hash()));
    } else if (entry.isError()
        || entry.fingerprint() != row.hash()
        || perhapsInSink.contains(row.key())) {
      suspects.put(row.key(), entry);
    }
  }

  private static boolean isUnreadable(LogEntry entry) {
    return entry.failure() != null && entry.failure().isUnreadable();
  }

  /** What is perhaps in the sink, and neither side has, is a suspect as if it was processed. */
  private void suspectHandOuts() {
    for (TradeKey key : perhapsInSink) {
      if (!gaps.containsKey(key) && !suspects.containsKey(key)) {
        suspects.put(key, new LogEntry(key, EntryStatus.PROCESSED, 0, null));
      }
    }
  }

  private void confirm() {
    if (suspects.isEmpty()) {
      return;
    }
    List<String> ids = suspects.keySet().stream().map(TradeKey::id).distinct().toList();
    SourcePage<Trade> answer = source.byIds(ids);
    Map<String, List<SourceRow>> now = SourceRow.byId(answer);
    suspects.forEach(
        (key, entry) -> {
          gaps.remove(key);
          List<SourceRow> ofId = now.getOrDefault(key.id(), List.of());
          List<SourceRow> here = SourceRow.at(key, ofId);
          Optional<RowProblem> problem =
              here.isEmpty() ? Optional.empty() : RowProblem.find(here, ofId);
          if (problem.isPresent()) {
            put(Gap.of(problem.get(), entry));
          } else if (!here.isEmpty()) {
            confirmed(here.get(0), entry);
          } else if (entry != null && !answer.idsOutsideKeyOrder().contains(key.id())) {
            gone(entry, ofId);
          }
        });
  }

  private void confirmed(SourceRow row, @Nullable LogEntry entry) {
    if (entry == null) {
      put(Gap.of(GapKind.MISSING, row.key(), row.trade(), null, row.hash()));
    } else if (entry.status() == EntryStatus.ERROR) {
      put(Gap.of(GapKind.ERROR, row.key(), row.trade(), entry, row.hash()));
    } else if (entry.fingerprint() != row.hash() || perhapsInSink.contains(row.key())) {
      put(Gap.of(GapKind.CHANGED, row.key(), row.trade(), entry, row.hash()));
    } else if (entry.isError()) {
      // The source is back at what was processed; the claim settles the failure.
      put(Gap.of(GapKind.ERROR, row.key(), row.trade(), entry, row.hash()));
    }
  }

  /**
   * The source has no row at an entry's key. If it has the id at another key, in a row that is no
   * trade or in several rows, the entry is kept until that is clear, and the gap is counted there.
   * So it is if the source has the id outside the key order.
   */
  private void gone(LogEntry found, List<SourceRow> elsewhere) {
    LogEntry entry =
        perhapsInSink.contains(found.key())
            ? new LogEntry(found.key(), EntryStatus.PROCESSED, found.fingerprint(), found.failure())
            : found;
    SourceRow moved = elsewhere.size() == 1 ? elsewhere.get(0) : null;
    if (elsewhere.isEmpty() && isKept(found)) {
      put(Gap.kept(found));
    } else if (elsewhere.isEmpty() || (moved != null && moved.trade() != null)) {
      put(
          Gap.of(
              GapKind.ORPHANED,
              entry.key(),
              moved == null ? null : moved.trade(),
              entry,
              TradeFailure.RETRACTION));
    }
  }

  // What is perhaps in the sink is not known well enough to be kept.
  private boolean isKept(LogEntry entry) {
    return entry.status() == EntryStatus.PROCESSED
        && entry.key().isBefore(keptBelow)
        && !perhapsInSink.contains(entry.key());
  }

  private void put(Gap gap) {
    gaps.put(gap.key(), gap);
  }
}
