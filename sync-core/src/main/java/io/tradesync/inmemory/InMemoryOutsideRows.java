package io.tradesync.inmemory;

import static java.util.Comparator.comparing;
import static java.util.Comparator.naturalOrder;
import static java.util.Comparator.nullsFirst;

import io.tradesync.spi.OutsideRow;
import io.tradesync.spi.log.OutsideRows;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Keeps rows outside the key order in memory. Thread-safe. */
final class InMemoryOutsideRows implements OutsideRows {

  private final Set<OutsideRow> kept = new LinkedHashSet<>();

  @Override
  public synchronized void replaceAll(List<OutsideRow> rows) {
    kept.clear();
    kept.addAll(rows);
  }

  @Override
  public synchronized void add(List<OutsideRow> rows) {
    for (OutsideRow row : rows) {
      if (kept.stream().noneMatch(other -> other.idHash().equals(row.idHash()))) {
        kept.add(row);
      }
    }
  }

  @Override
  public synchronized long count() {
    return kept.size();
  }

  @Override
  public synchronized List<OutsideRow> list(int limit) {
    return kept.stream()
        .sorted(
            comparing(OutsideRow::epochSecond, nullsFirst(naturalOrder()))
                .thenComparing(OutsideRow::idHash)
                .thenComparing(OutsideRow::rowHash))
        .limit(limit)
        .toList();
  }
}
