package io.tradesync.redis.internal.consume;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/** Counts what a consumer has done since it was created. Thread-safe. */
final class FeedCounters {

  final AtomicLong consumed = new AtomicLong();
  final AtomicLong malformed = new AtomicLong();
  final AtomicLong deadLetters = new AtomicLong();
  final AtomicLong trimmed = new AtomicLong();
  final AtomicLong unanswered = new AtomicLong();
  final AtomicLong claimed = new AtomicLong();

  /** Each consumer of another service that was seen in the group of a stream. */
  final Set<String> foreign = ConcurrentHashMap.newKeySet();

  /** The counts, by the names under which health shows them. */
  Map<String, Long> byName() {
    Map<String, Long> byName = new LinkedHashMap<>();
    byName.put("consumed", consumed.get());
    byName.put("malformed", malformed.get());
    byName.put("deadLetters", deadLetters.get());
    byName.put("trimmed", trimmed.get());
    byName.put("unanswered", unanswered.get());
    byName.put("claimed", claimed.get());
    byName.put("foreignConsumers", (long) foreign.size());
    return byName;
  }
}
