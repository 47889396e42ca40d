package io.tradesync.inmemory;

import static java.util.Comparator.comparing;
import static java.util.stream.Collectors.toSet;

import io.tradesync.spi.OutsideRow;
import io.tradesync.spi.log.OutsideRows;
import java.time.Clock;
import java.time.Instant;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Keeps rows outside the key order in memory. Thread-safe. */
final class InMemoryOutsideRows implements OutsideRows {

  private static final Comparator<OutsideRow.Ref> BY_NAME =
      comparing(OutsideRow.Ref::idHash).thenComparing(OutsideRow.Ref::rowHash);

  private final Map<OutsideRow.Ref, OutsideRow> kept = new LinkedHashMap<>();

  private final Clock clock;
  private @Nullable Instant replacedAt;

  InMemoryOutsideRows(Clock clock) {
    this.clock = clock;
  }

  @Override
  public synchronized void replaceAll(List<OutsideRow> rows) {
    replacedAt = clock.instant();
    kept.keySet().retainAll(rows.stream().map(OutsideRow::ref).collect(toSet()));
    rows.forEach(row -> kept.putIfAbsent(row.ref(), row));
  }

  @Override
  public synchronized void add(List<OutsideRow> rows) {
    for (OutsideRow row : rows) {
      if (kept.keySet().stream().noneMatch(other -> other.idHash().equals(row.idHash()))) {
        kept.put(row.ref(), row);
      }
    }
  }

  @Override
  public synchronized Known known() {
    return new Known(kept.size(), accepted().size(), replacedAt);
  }

  @Override
  public synchronized List<OutsideRow> list(OutsideRow.@Nullable Ref after, int limit) {
    return kept.values().stream()
        .filter(row -> after == null || BY_NAME.compare(row.ref(), after) > 0)
        .sorted(comparing(OutsideRow::ref, BY_NAME))
        .limit(limit)
        .toList();
  }

  @Override
  public synchronized long accept(List<OutsideRow.Ref> rows, String reason) {
    Set<OutsideRow.Ref> known = known(rows);
    known.forEach(ref -> kept.computeIfPresent(ref, (same, row) -> row.withAccepted(reason)));
    return known.size();
  }

  @Override
  public synchronized long release(List<OutsideRow.Ref> rows) {
    Set<OutsideRow.Ref> known = known(rows);
    known.retainAll(accepted());
    known.forEach(ref -> kept.computeIfPresent(ref, (same, row) -> row.withAccepted(null)));
    return known.size();
  }

  private Set<OutsideRow.Ref> known(List<OutsideRow.Ref> rows) {
    return rows.stream().filter(kept::containsKey).collect(toSet());
  }

  @Override
  public synchronized Set<OutsideRow.Ref> accepted() {
    return kept.values().stream()
        .filter(row -> row.accepted() != null)
        .map(OutsideRow::ref)
        .collect(toSet());
  }
}
