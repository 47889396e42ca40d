package io.tradesync.redis.internal.consume;

import io.lettuce.core.Limit;
import io.lettuce.core.Range;
import io.lettuce.core.XPendingArgs;
import io.lettuce.core.api.sync.RedisCommands;
import io.lettuce.core.protocol.CommandArgs;
import io.lettuce.core.protocol.CommandType;
import io.tradesync.redis.internal.client.LosslessCodec;
import io.tradesync.redis.internal.loss.GroupLedger;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Claims entries that another consumer of the group was given and left: it has neither acknowledged
 * them nor asked for them for a time. Used by one thread.
 */
final class IdleEntries {

  private final ConsumerGroup group;
  private final GroupLedger ledger;
  private final Duration minIdle;

  IdleEntries(ConsumerGroup group, GroupLedger ledger, Duration minIdle) {
    this.group = group;
    this.ledger = ledger;
    this.minIdle = minIdle;
  }

  /** Claims at most so many entries of a stream, also those that are gone from it. */
  List<StreamEntry> claim(String stream, int count) {
    return group.on(stream, redis -> claim(redis, stream, count));
  }

  private List<StreamEntry> claim(RedisCommands<String, String> redis, String stream, int count) {
    Map<String, Long> idle = new LinkedHashMap<>();
    redis
        .xpending(
            stream,
            new XPendingArgs<String>()
                .group(group.consumer().getGroup())
                .idle(minIdle)
                .range(Range.unbounded())
                .limit(Limit.from(count)))
        .forEach(pending -> idle.put(pending.getId(), pending.getRedeliveryCount()));
    if (idle.isEmpty()) {
      return List.of();
    }
    BoundedOutput output = group.output();
    CommandArgs<String, String> args =
        new CommandArgs<>(LosslessCodec.INSTANCE)
            .addKey(stream)
            .addKey(group.consumer().getGroup())
            .addKey(group.consumer().getName())
            .add(minIdle.toMillis());
    idle.keySet().forEach(args::add);
    redis.dispatch(CommandType.XCLAIM, output.of(stream), args);
    List<StreamEntry> entries = new ArrayList<>();
    for (StreamEntry entry : output.entries()) {
      if (entry.body() != null || entry.isLeft()) {
        Long deliveries = idle.remove(entry.id());
        entries.add(entry.withDeliveries(deliveries == null ? 1 : deliveries + 1));
      }
    }
    // Redis does not answer entries that are gone from the stream, and takes them out of the
    // pending ones. What is left and still in the stream was claimed by another consumer just now.
    idle.forEach(
        (id, deliveries) -> {
          if (redis.xrange(stream, Range.create(id, id)).isEmpty()) {
            ledger.uncertain(stream);
            entries.add(StreamEntry.gone(stream, id, deliveries));
          }
        });
    return entries;
  }
}
