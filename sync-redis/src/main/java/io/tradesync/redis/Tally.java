package io.tradesync.redis;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/** What a consumer did so far. Thread-safe. */
final class Tally {
  final AtomicLong consumed = new AtomicLong();
  final AtomicLong malformed = new AtomicLong();
  final AtomicLong deadLetters = new AtomicLong();
  final AtomicLong trimmed = new AtomicLong();
  final AtomicLong unanswered = new AtomicLong();
  final AtomicLong claimed = new AtomicLong();

  /** Kinds that did not occur are not there. */
  final Map<LossKind, Long> losses = new ConcurrentHashMap<>();
}
