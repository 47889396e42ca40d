package io.tradesync.redis.internal.consume;

import io.tradesync.redis.internal.loss.LossKind;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/** Counts what a consumer has done since it was created. Thread-safe. */
public final class FeedCounters {

  final AtomicLong consumed = new AtomicLong();
  final AtomicLong malformed = new AtomicLong();
  final AtomicLong deadLetters = new AtomicLong();
  final AtomicLong trimmed = new AtomicLong();
  final AtomicLong unanswered = new AtomicLong();
  final AtomicLong claimed = new AtomicLong();
  private final Map<LossKind, Long> losses = new ConcurrentHashMap<>();

  public void lost(LossKind kind) {
    losses.merge(kind, 1L, Long::sum);
  }

  /** All counts but those of losses, by the names under which they are published. */
  public Map<String, Long> counts() {
    Map<String, Long> counts = new LinkedHashMap<>();
    counts.put("consumed", consumed.get());
    counts.put("malformed", malformed.get());
    counts.put("deadLetters", deadLetters.get());
    counts.put("trimmed", trimmed.get());
    counts.put("unanswered", unanswered.get());
    counts.put("claimed", claimed.get());
    return counts;
  }

  /** The number of losses of each kind. */
  public Map<String, Long> losses() {
    Map<String, Long> counts = new LinkedHashMap<>();
    for (LossKind kind : LossKind.values()) {
      counts.put(kind.name().toLowerCase(Locale.ROOT), losses.getOrDefault(kind, 0L));
    }
    return counts;
  }
}
