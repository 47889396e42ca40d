package io.tradesync.redis.internal.consume;

import io.lettuce.core.XClaimArgs;
import io.tradesync.redis.internal.loss.GroupLedger;
import java.util.Collection;

/**
 * Tells Redis which entries are done, and which this consumer still works on. Used by one thread.
 */
final class Acknowledger {

  private final ConsumerGroup group;
  private final GroupLedger ledger;

  Acknowledger(ConsumerGroup group, GroupLedger ledger) {
    this.group = group;
    this.ledger = ledger;
  }

  void acknowledge(Collection<StreamEntry> entries) {
    StreamEntry.idsByStream(entries)
        .forEach(
            (stream, ids) -> {
              Long taken =
                  group.on(stream, redis -> redis.xack(stream, group.consumer().getGroup(), ids));
              ledger.acknowledged(stream, taken == null ? 0 : taken);
            });
  }

  /** Resets the idle time of entries, so that no other consumer claims them. */
  void keep(Collection<StreamEntry> entries) {
    XClaimArgs onlyIdleTime = XClaimArgs.Builder.justid().minIdleTime(0);
    StreamEntry.idsByStream(entries)
        .forEach(
            (stream, ids) -> {
              group.on(stream, redis -> redis.xclaim(stream, group.consumer(), onlyIdleTime, ids));
              // Redis takes entries that are gone from the stream off the pending ones.
              ledger.uncertain(stream);
            });
  }
}
