package io.tradesync.redis.internal.loss;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Counts the losses of each kind since the consumer was created. Thread-safe. */
public final class LossCounters {

  private final Map<LossKind, Long> counts = new ConcurrentHashMap<>();

  void add(LossKind kind) {
    counts.merge(kind, 1L, Long::sum);
  }

  /** The number of losses of every kind, by the kind's name in lower case. */
  public Map<String, Long> byKind() {
    Map<String, Long> byKind = new LinkedHashMap<>();
    for (LossKind kind : LossKind.values()) {
      byKind.put(kind.name().toLowerCase(Locale.ROOT), counts.getOrDefault(kind, 0L));
    }
    return byKind;
  }
}
