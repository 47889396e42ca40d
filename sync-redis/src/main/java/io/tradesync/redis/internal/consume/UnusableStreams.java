package io.tradesync.redis.internal.consume;

import io.tradesync.redis.internal.client.Backoff;
import io.tradesync.redis.internal.client.Timer;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The streams that a reader cannot use at the moment, each with its reason. They are tried again
 * with growing pauses, while the reader serves its other streams. Changed by the reader's thread;
 * {@link #reasons} may be called by any thread.
 */
final class UnusableStreams {

  private static final Logger LOG = LoggerFactory.getLogger(UnusableStreams.class);

  /**
   * What is known of a stream that could not be used.
   *
   * @param reason why it cannot be used; null if it can be used again
   * @param backoff the pauses between two attempts; goes on if the stream fails again soon
   * @param timer says when to try the stream again, or, if it can be used, when to forget this
   */
  private record Unusable(@Nullable String reason, Backoff backoff, Timer timer) {
    boolean isDown() {
      return reason != null;
    }
  }

  private final Duration maxRetryDelay;
  private final Map<String, Unusable> streams = new ConcurrentSkipListMap<>();

  UnusableStreams(Duration maxRetryDelay) {
    this.maxRetryDelay = maxRetryDelay;
  }

  void add(StreamUnusableException failure) {
    Unusable before = streams.get(failure.stream());
    if (before == null || !failure.reason().equals(before.reason)) {
      LOG.warn(
          "stream {} is down and will be tried again; other streams go on: {}",
          failure.stream(),
          failure.reason());
    }
    Backoff backoff =
        before != null && (before.isDown() || !before.timer.isDue())
            ? before.backoff
            : new Backoff(maxRetryDelay);
    streams.put(
        failure.stream(), new Unusable(failure.reason(), backoff, Timer.after(backoff.next())));
  }

  /** A stream can be used again. If it fails again soon, its pauses go on growing. */
  void remove(String stream) {
    Unusable before = streams.get(stream);
    if (before != null && before.isDown()) {
      LOG.info("stream {} is up again", stream);
      streams.put(
          stream, new Unusable(null, before.backoff, Timer.after(maxRetryDelay.multipliedBy(2))));
    }
  }

  /** Forgets the streams that no longer exist. */
  void retain(Set<String> existing) {
    streams.keySet().retainAll(existing);
  }

  /** Whether a stream is to be left out for now. */
  boolean contains(String stream) {
    Unusable unusable = streams.get(stream);
    return unusable != null && unusable.isDown() && !unusable.timer.isDue();
  }

  /** The streams that are to be tried again now. */
  Set<String> due() {
    return streams.entrySet().stream()
        .filter(entry -> entry.getValue().isDown() && entry.getValue().timer.isDue())
        .map(Map.Entry::getKey)
        .collect(Collectors.toSet());
  }

  /** The time until a stream is tried again, or the limit if that is shorter. */
  Duration idleTime(Duration limit) {
    Duration idle = limit;
    for (Unusable unusable : streams.values()) {
      idle = unusable.isDown() ? unusable.timer.left(idle) : idle;
    }
    return idle;
  }

  /** Why each stream cannot be used. */
  Map<String, String> reasons() {
    Map<String, String> reasons = new TreeMap<>();
    streams.forEach(
        (stream, unusable) -> {
          if (unusable.reason != null) {
            reasons.put(stream, unusable.reason);
          }
        });
    return reasons;
  }
}
