package io.tradesync.redis.internal.consume;

import io.tradesync.redis.LossKind;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/** What a consumer did so far. Thread-safe. */
public final class FeedCounters {
  public final AtomicLong consumed = new AtomicLong();
  public final AtomicLong malformed = new AtomicLong();
  public final AtomicLong deadLetters = new AtomicLong();
  public final AtomicLong trimmed = new AtomicLong();
  public final AtomicLong unanswered = new AtomicLong();
  public final AtomicLong claimed = new AtomicLong();

  /** Kinds that did not occur are not there. */
  public final Map<LossKind, Long> losses = new ConcurrentHashMap<>();
}
