package io.tradesync.redis.internal.consume;

import io.lettuce.core.XClaimArgs;
import java.util.Collection;

/**
 * Tells Redis which entries are done, and which this consumer still works on. Used by one thread.
 */
final class Acknowledger {

  private final ConsumerGroup group;

  Acknowledger(ConsumerGroup group) {
    this.group = group;
  }

  void acknowledge(Collection<StreamEntry> entries) {
    StreamEntry.idsByStream(entries)
        .forEach(
            (stream, ids) ->
                group.on(stream, redis -> redis.xack(stream, group.consumer().getGroup(), ids)));
  }

  /** Resets the idle time of entries, so that no other consumer claims them. */
  void keep(Collection<StreamEntry> entries) {
    XClaimArgs onlyIdleTime = XClaimArgs.Builder.justid().minIdleTime(0);
    StreamEntry.idsByStream(entries)
        .forEach(
            (stream, ids) ->
                group.on(
                    stream, redis -> redis.xclaim(stream, group.consumer(), onlyIdleTime, ids)));
  }
}
