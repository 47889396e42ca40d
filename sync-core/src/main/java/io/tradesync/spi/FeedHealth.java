package io.tradesync.spi;

import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The state of a live feed at one moment. All counts begin at zero when the feed is created.
 *
 * @param name says which feed this is, in log lines and answers
 * @param reason why the feed, or one of its channels, does not deliver, without secrets; null if
 *     everything delivers
 * @param paused whether the feed is paused
 * @param channels the channels that the feed listens to, each with its own state; empty as long as
 *     the feed does not know them
 * @param backlog what is not delivered yet, as the feed last saw it
 * @param counters what the feed has counted, by name, in a fixed order; which names there are
 *     depends on the kind of feed
 * @param losses how often data of a channel were lost, or may have been, by kind; the feed has
 *     requested a run for each loss
 */
public record FeedHealth(
    String name,
    @Nullable String reason,
    boolean paused,
    List<Channel> channels,
    Backlog backlog,
    Map<String, Long> counters,
    Map<String, Long> losses) {

  /** Copies the collections; the maps keep their order. */
  public FeedHealth {
    channels = List.copyOf(channels);
    counters = Collections.unmodifiableMap(new LinkedHashMap<>(counters));
    losses = Collections.unmodifiableMap(new LinkedHashMap<>(losses));
  }

  /**
   * A channel of a feed: a stream, or a channel of notifications.
   *
   * @param name the channel's name on its server
   * @param reason why the channel does not deliver, without secrets; null if it does
   */
  public record Channel(String name, @Nullable String reason) {

    /** Whether the channel delivers. */
    public boolean up() {
      return reason == null;
    }
  }

  /**
   * What a feed has not delivered yet.
   *
   * @param lag messages that no consumer of the feed's group has read yet; null if not known
   * @param pending messages that a consumer of the group has read and not acknowledged; null if not
   *     known
   * @param oldestPending the age of the oldest pending message; null if there is none or it is not
   *     known
   * @param asOf when the feed saw this; null if it does not tell
   */
  public record Backlog(
      @Nullable Long lag,
      @Nullable Long pending,
      @Nullable Duration oldestPending,
      @Nullable Instant asOf) {

    /** The backlog of a feed whose channels do not tell. */
    public static final Backlog UNKNOWN = new Backlog(null, null, null, null);
  }

  /** Whether the feed and all its channels deliver. */
  public boolean up() {
    return reason == null;
  }

  /**
   * Returns one of the counters.
   *
   * @throws IllegalArgumentException if this kind of feed has no such counter
   */
  public long counter(String counter) {
    Long count = counters.get(counter);
    if (count == null) {
      throw new IllegalArgumentException(
          "the counters are " + counters.keySet() + ", there is no " + counter);
    }
    return count;
  }

  /** The number of losses of all kinds. */
  public long totalLosses() {
    return losses.values().stream().mapToLong(Long::longValue).sum();
  }
}
