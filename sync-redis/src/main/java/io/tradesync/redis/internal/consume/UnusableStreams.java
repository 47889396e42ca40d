package io.tradesync.redis.internal.consume;

import io.tradesync.redis.internal.client.Backoff;
import io.tradesync.redis.internal.client.Timer;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The streams that a reader cannot use at the moment, each with its reason. They are tried again
 * with growing pauses, while the reader serves its other streams. Changed by the reader's thread;
 * {@link #reasons} may be called by any thread.
 */
final class UnusableStreams {

  private static final Logger LOG = LoggerFactory.getLogger(UnusableStreams.class);

  private record Unusable(String reason, Backoff backoff, Timer retry) {}

  private final Duration maxRetryDelay;
  private final Map<String, Unusable> streams = new ConcurrentSkipListMap<>();

  UnusableStreams(Duration maxRetryDelay) {
    this.maxRetryDelay = maxRetryDelay;
  }

  void add(StreamUnusableException failure) {
    Unusable before = streams.get(failure.stream());
    if (before == null || !before.reason.equals(failure.reason())) {
      LOG.warn(
          "stream {} is down and will be tried again; other streams go on: {}",
          failure.stream(),
          failure.reason());
    }
    Backoff backoff = before == null ? new Backoff(maxRetryDelay) : before.backoff;
    streams.put(
        failure.stream(), new Unusable(failure.reason(), backoff, Timer.after(backoff.next())));
  }

  void remove(String stream) {
    if (streams.remove(stream) != null) {
      LOG.info("stream {} is up again", stream);
    }
  }

  /** Forgets the streams that no longer exist. */
  void retain(Set<String> existing) {
    streams.keySet().retainAll(existing);
  }

  /** Whether a stream is to be left out for now. */
  boolean contains(String stream) {
    Unusable unusable = streams.get(stream);
    return unusable != null && !unusable.retry.isDue();
  }

  /** The streams that are to be tried again now. */
  Set<String> due() {
    return streams.entrySet().stream()
        .filter(entry -> entry.getValue().retry.isDue())
        .map(Map.Entry::getKey)
        .collect(Collectors.toSet());
  }

  /** The time until a stream is tried again, or the limit if that is shorter. */
  Duration idleTime(Duration limit) {
    Duration idle = limit;
    for (Unusable unusable : streams.values()) {
      idle = unusable.retry.left(idle);
    }
    return idle;
  }

  /** Why each stream cannot be used. */
  Map<String, String> reasons() {
    return streams.entrySet().stream()
        .collect(Collectors.toMap(Map.Entry::getKey, entry -> entry.getValue().reason));
  }
}
