package io.tradesync.internal.compare;

import io.tradesync.GapKind;
import io.tradesync.Trade;
import io.tradesync.TradeKey;
import io.tradesync.internal.rows.RowProblem;
import io.tradesync.internal.rows.RowsById;
import io.tradesync.internal.rows.SourceRow;
import io.tradesync.internal.rows.TextSize;
import io.tradesync.spi.SourcePage;
import io.tradesync.spi.TradeSource;
import io.tradesync.spi.log.EntryStatus;
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
  private final boolean needsTrades;
  private long textKept;
  private final NavigableMap<TradeKey, Gap> gaps = new TreeMap<>();
  private final Map<TradeKey, @Nullable LogEntry> suspects = new TreeMap<>();

  private final Set<TradeKey> perhapsInSink = new HashSet<>();

  private GapFinder(TradeSource source, TradeKey keptBelow, boolean needsTrades) {
    this.source = source;
    this.keptBelow = keptBelow;
    this.needsTrades = needsTrades;
  }

  /**
   * Finds the gaps of a part of both sides; those that the source confirmed are without trades.
   *
   * @param keptBelow the key below which processed trades that vanished are kept
   */
  static NavigableMap<TradeKey, Gap> find(
      TradeSource source, TwoSidedReader.Page part, TradeKey keptBelow) {
    GapFinder finder = new GapFinder(source, keptBelow, false);
    finder.find(part);
    return finder.gaps;
  }

  /**
   * As {@link #find}, of a part that was read with its trades. Each gap whose trade is to be
   * written has it, as the source answered last.
   *
   * @return empty if trades with too much text changed since the part was read; a smaller part has
   *     fewer
   */
  public static Optional<NavigableMap<TradeKey, Gap>> findWithTrades(
      TradeSource source, TwoSidedReader.Page part, TradeKey keptBelow) {
    GapFinder finder = new GapFinder(source, keptBelow, true);
    finder.find(part);
    return finder.isTooLarge() ? Optional.empty() : Optional.of(finder.gaps);
  }

  private void find(TwoSidedReader.Page part) {
    part.handOuts().forEach(handOut -> perhapsInSink.add(handOut.key()));
    compare(part.rows(), part.entries());
    suspectHandOuts();
    confirm(part.rows());
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
      put(Gap.of(GapKind.MISSING, row.key(), row, null, row.hash()));
    } else if (entry.status() == EntryStatus.ERROR && !isUnreadable(entry)) {
      put(Gap.of(GapKind.ERROR, row.key(), row, entry, row.hash()));
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

  private void confirm(List<SourceRow> read) {
    if (suspects.isEmpty()) {
      return;
    }
    Map<TradeKey, SourceRow> readByKey = new HashMap<>();
    read.stream()
        .filter(row -> suspects.containsKey(row.key()))
        .forEach(row -> readByKey.put(row.key(), row));
    Map<String, List<SourceRow>> now = new HashMap<>();
    Set<String> outsideKeyOrder = new HashSet<>();
    for (SourcePage<Trade> answer :
        RowsById.of(source, suspects.keySet().stream().map(TradeKey::id).toList())) {
      outsideKeyOrder.addAll(answer.idsOutsideKeyOrder());
      SourceRow.byId(answer)
          .forEach(
              (id, rows) -> now.put(id, rows.stream().map(row -> kept(row, readByKey)).toList()));
    }
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
          } else if (entry != null && !outsideKeyOrder.contains(key.id())) {
            gone(entry, ofId);
          }
        });
  }

  // What the part was read with is held anyway. Of the rest only what is written is kept.
  private SourceRow kept(SourceRow row, Map<TradeKey, SourceRow> readByKey) {
    SourceRow read = readByKey.get(row.key());
    if (row.trade() == null) {
      return row;
    }
    if (read != null && read.unreadable() == null && read.hash() == row.hash()) {
      return read;
    }
    if (needsTrades && suspects.containsKey(row.key())) {
      textKept += TextSize.of(row.trade());
      if (!isTooLarge()) {
        return row;
      }
    }
    return new SourceRow(row.key(), row.hash(), null, null);
  }

  // One trade is never too large, since no smaller part has less.
  private boolean isTooLarge() {
    return suspects.size() > 1 && textKept > TextSize.MAX;
  }

  private void confirmed(SourceRow row, @Nullable LogEntry entry) {
    if (entry == null) {
      put(Gap.of(GapKind.MISSING, row.key(), row, null, row.hash()));
    } else if (entry.status() == EntryStatus.ERROR) {
      put(Gap.of(GapKind.ERROR, row.key(), row, entry, row.hash()));
    } else if (entry.fingerprint() != row.hash() || perhapsInSink.contains(row.key())) {
      put(Gap.of(GapKind.CHANGED, row.key(), row, entry, row.hash()));
    } else if (entry.isError()) {
      // The source is back at what was processed; the claim settles the failure.
      put(Gap.of(GapKind.ERROR, row.key(), row, entry, row.hash()));
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
    } else if (elsewhere.isEmpty() || (moved != null && moved.unreadable() == null)) {
      put(Gap.of(GapKind.ORPHANED, entry.key(), moved, entry, TradeFailure.RETRACTION));
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
