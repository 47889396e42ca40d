package io.tradesync.internal.rows;

import io.tradesync.Keyed;
import io.tradesync.Trade;
import io.tradesync.TradeKey;
import io.tradesync.spi.KeyFingerprint;
import io.tradesync.spi.SourcePage;
import io.tradesync.spi.UnreadableRow;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A row of the source's answer.
 *
 * @param hash the trade's fingerprint, or the hash of an unreadable row
 * @param trade the trade; null if only its fingerprint was read, or if the row is unreadable
 * @param unreadable why the row is no trade; null if it is one
 */
public record SourceRow(
    TradeKey key, long hash, @Nullable Trade trade, @Nullable UnreadableRow unreadable)
    implements Keyed {

  /** Returns all rows of an answer, in key order. */
  public static List<SourceRow> all(SourcePage<?> answer) {
    List<SourceRow> rows = new ArrayList<>(answer.rows().size() + answer.unreadable().size());
    for (Keyed row : answer.all()) {
      rows.add(of(row));
    }
    return rows;
  }

  private static SourceRow of(Keyed row) {
    if (row instanceof Trade trade) {
      return new SourceRow(trade.key(), trade.fingerprint(), trade, null);
    }
    if (row instanceof KeyFingerprint trade) {
      return new SourceRow(trade.key(), trade.fingerprint(), null, null);
    }
    UnreadableRow unreadable = (UnreadableRow) row;
    return new SourceRow(unreadable.key(), unreadable.rowHash(), null, unreadable);
  }

  /** Groups the rows of an answer by id; those of an id are in key order. */
  public static Map<String, List<SourceRow>> byId(SourcePage<Trade> answer) {
    Map<String, List<SourceRow>> byId = new HashMap<>();
    for (SourceRow row : all(answer)) {
      byId.computeIfAbsent(row.key.id(), id -> new ArrayList<>(1)).add(row);
    }
    return byId;
  }

  /** Returns those of some rows that are at a key. */
  public static List<SourceRow> at(TradeKey key, List<SourceRow> rows) {
    return rows.size() == 1 && rows.get(0).key.equals(key)
        ? rows
        : rows.stream().filter(row -> row.key.equals(key)).toList();
  }
}
