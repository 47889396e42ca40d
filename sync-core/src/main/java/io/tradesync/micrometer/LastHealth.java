package io.tradesync.micrometer;

import io.tradesync.GapCounts;
import io.tradesync.GapKind;
import io.tradesync.SyncHealth;
import java.util.EnumMap;
import java.util.Map;
import java.util.function.LongSupplier;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/** The health that was computed last, and since when each kind of gap was there. Thread-safe. */
final class LastHealth {

  private static final double NANOS_A_SECOND = 1e9;

  private final LongSupplier nanoTime;
  private final Map<GapKind, Long> gapSince = new EnumMap<>(GapKind.class);
  private @Nullable SyncHealth health;
  private long computedAt;

  /** Takes a clock that is never set. */
  LastHealth(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
  }

  synchronized void computed(SyncHealth computed) {
    health = computed;
    computedAt = nanoTime.getAsLong();
    for (GapKind kind : GapKind.values()) {
      if (count(kind, computed.gaps()) == 0) {
        gapSince.remove(kind);
      } else {
        gapSince.putIfAbsent(kind, computedAt);
      }
    }
  }

  /** Returns a figure of the last health; NaN before the first. */
  synchronized double value(ToDoubleFunction<SyncHealth> figure) {
    return health == null ? Double.NaN : figure.applyAsDouble(health);
  }

  /** Returns the seconds since the last health; NaN before the first. */
  synchronized double age() {
    return health == null ? Double.NaN : secondsSince(computedAt);
  }

  /** Returns since how many seconds each health saw a gap of a kind; 0 if the last one saw none. */
  synchronized double gapAge(GapKind kind) {
    Long since = gapSince.get(kind);
    return health == null ? Double.NaN : since == null ? 0 : secondsSince(since);
  }

  private double secondsSince(long nanos) {
    return (nanoTime.getAsLong() - nanos) / NANOS_A_SECOND;
  }

  static long count(GapKind kind, GapCounts counts) {
    return switch (kind) {
      case MISSING -> counts.missing();
      case ERROR -> counts.error();
      case CHANGED -> counts.changed();
      case ORPHANED -> counts.orphaned();
    };
  }
}
