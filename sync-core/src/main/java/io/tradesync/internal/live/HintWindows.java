package io.tradesync.internal.live;

import io.tradesync.KeyRange;
import io.tradesync.TradeKey;
import io.tradesync.spi.Hint;
import io.tradesync.spi.log.LogEntries;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;

/** Says which ranges of the source to read for hints. Thread-safe. */
final class HintWindows {

  private final LogEntries entries;
  private final long overlapSeconds;

  /** Takes how far around a hinted second the source is read. */
  HintWindows(LogEntries entries, long overlapSeconds) {
    this.entries = entries;
    this.overlapSeconds = overlapSeconds;
  }

  /**
   * Returns a window around each hinted second, and one from the newest processed trade on if a
   * hint has no time.
   *
   * @return windows within the scope, in key order; they may overlap
   */
  List<KeyRange> around(Collection<Hint> hints, KeyRange scope) {
    List<KeyRange> windows = new ArrayList<>();
    hints.stream()
        .map(Hint::epochSecond)
        .filter(Objects::nonNull)
        .distinct()
        .forEach(second -> windows.add(around(second)));
    if (hints.stream().anyMatch(hint -> hint.epochSecond() == null)) {
      windows.add(sinceNewest(scope));
    }
    return windows.stream()
        .map(scope::intersect)
        .filter(window -> !window.isEmpty())
        .sorted(Comparator.comparing(KeyRange::after))
        .toList();
  }

  private KeyRange around(long second) {
    return KeyRange.seconds(second - overlapSeconds, second + overlapSeconds + 1);
  }

  private KeyRange sinceNewest(KeyRange scope) {
    return entries
        .lastProcessed(scope)
        .map(TradeKey::epochSecond)
        .map(newest -> KeyRange.from(newest - overlapSeconds))
        .orElse(scope);
  }
}
