package io.tradesync.redis.internal.consume;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Queue;

/**
 * Entries that were delivered to this consumer and did not fit into memory. Only their ids are
 * kept; their bodies are read later, some at a time. Used by one thread.
 */
final class DeferredEntries {

  private final ConsumerGroup group;
  private final Queue<StreamEntry> entries = new ArrayDeque<>();

  DeferredEntries(ConsumerGroup group) {
    this.group = group;
  }

  boolean isEmpty() {
    return entries.isEmpty();
  }

  Collection<StreamEntry> all() {
    return entries;
  }

  /** Returns the entries that are in memory, and keeps the ids of the others for later. */
  List<StreamEntry> keep(List<StreamEntry> read) {
    List<StreamEntry> here = new ArrayList<>(read.size());
    for (StreamEntry entry : read) {
      (entry.isLeft() ? entries : here).add(entry);
    }
    return here;
  }

  /** Reads the bodies of the next entries, as many as fit into memory. */
  List<StreamEntry> read() {
    List<StreamEntry> here = new ArrayList<>();
    long bytes = 0;
    while (!entries.isEmpty() && bytes < group.maxReadBytes()) {
      StreamEntry left = entries.remove();
      StreamEntry entry = group.entry(left);
      bytes += entry.bytes();
      here.add(entry);
    }
    return here;
  }
}
