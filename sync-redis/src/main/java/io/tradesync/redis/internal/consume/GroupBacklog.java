package io.tradesync.redis.internal.consume;

import io.tradesync.spi.FeedHealth;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What a group has not finished, over some streams.
 *
 * @param pending the number of entries that were delivered and not acknowledged
 * @param oldestPendingMillis when the oldest of them was added; null if there is none
 * @param lag the number of entries that were not delivered yet; null if Redis does not know it
 * @param seenAtMillis when Redis was asked, by this machine's clock; of several streams, the first
 */
record GroupBacklog(
    long pending, @Nullable Long oldestPendingMillis, @Nullable Long lag, long seenAtMillis) {

  static final GroupBacklog NONE = new GroupBacklog(0, null, 0L, Long.MAX_VALUE);

  GroupBacklog plus(GroupBacklog other) {
    return new GroupBacklog(
        pending + other.pending,
        oldestPendingMillis == null || other.oldestPendingMillis == null
            ? oldestPendingMillis == null ? other.oldestPendingMillis : oldestPendingMillis
            : Long.valueOf(Math.min(oldestPendingMillis, other.oldestPendingMillis)),
        lag == null || other.lag == null ? null : Long.valueOf(lag + other.lag),
        Math.min(seenAtMillis, other.seenAtMillis));
  }

  FeedHealth.Backlog asOf(long nowMillis) {
    return new FeedHealth.Backlog(
        lag,
        pending,
        oldestPendingMillis == null
            ? null
            : Duration.ofMillis(Math.max(0, nowMillis - oldestPendingMillis)),
        seenAtMillis == Long.MAX_VALUE ? null : Instant.ofEpochMilli(seenAtMillis));
  }
}
