package io.tradesync.redis.internal.consume;

import io.lettuce.core.KeyScanArgs;
import io.lettuce.core.ScanCursor;
import io.tradesync.redis.internal.client.RedisLink;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.TreeSet;

/** Finds the streams whose keys match the patterns. The dead-letter stream never matches. */
final class StreamDiscovery {

  private static final int KEYS_PER_SCAN = 1_000;

  private StreamDiscovery() {}

  /** Finds the streams of one server. */
  static Set<String> find(ConsumerGroup group, ConsumerSettings settings) {
    Set<String> found = new TreeSet<>();
    for (String pattern : settings.patterns()) {
      KeyScanArgs args = new KeyScanArgs().type("stream").match(pattern).limit(KEYS_PER_SCAN);
      group.call(
          redis -> {
            var cursor = redis.scan(args);
            found.addAll(cursor.getKeys());
            while (!cursor.isFinished()) {
              cursor = redis.scan(ScanCursor.of(cursor.getCursor()), args);
              found.addAll(cursor.getKeys());
            }
            return found;
          });
    }
    found.remove(settings.deadLetterStream());
    return found;
  }

  /** Finds the streams of all masters of a cluster. */
  static Set<String> findInCluster(RedisLink link, ConsumerSettings settings) {
    Set<String> found = new LinkedHashSet<>();
    if (!settings.patterns().isEmpty()) {
      for (ConsumerGroup master : ConsumerGroup.openMasters(link, settings)) {
        try (master) {
          found.addAll(find(master, settings));
        }
      }
    }
    return found;
  }
}
