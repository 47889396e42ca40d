package io.tradesync.redis.internal.loss;

import io.tradesync.redis.internal.format.EntryId;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A stream and its group at one moment.
 *
 * @param length entries in the stream
 * @param last the id of the entry that was added last, still there or not
 * @param first the id of the first entry, null if there is none
 * @param added entries that were ever added; null before Redis 7
 * @param delivered the id up to which the group was given entries
 * @param read the group's place counted in entries ever added; null where Redis does not know it
 * @param pending entries that were delivered and not acknowledged
 * @param lag entries not delivered yet; null where Redis does not know it
 */
public record StreamState(
    long length,
    EntryId last,
    @Nullable EntryId first,
    @Nullable Long added,
    EntryId delivered,
    @Nullable Long read,
    long pending,
    @Nullable Long lag) {

  /**
   * Takes the answers of XINFO STREAM and XINFO GROUPS apart.
   *
   * @return the state, null if the group is not among those of the stream
   */
  public static @Nullable StreamState of(List<Object> stream, List<Object> groups, String group) {
    List<?> ours = find(group, groups);
    if (ours == null) {
      return null;
    }
    long length = number("length", stream, 0L);
    EntryId first = null;
    if (value("first-entry", stream) instanceof List<?> entry && !entry.isEmpty()) {
      first = EntryId.parse(String.valueOf(entry.get(0)));
    }
    EntryId last = EntryId.parse(String.valueOf(value("last-generated-id", stream)));
    EntryId delivered = EntryId.parse(String.valueOf(value("last-delivered-id", ours)));
    return new StreamState(
        length,
        last,
        first,
        optional("entries-added", stream),
        delivered,
        optional("entries-read", ours),
        number("pending", ours, 0L),
        lag(optional("lag", ours), length, last, first, delivered));
  }

  // What was trimmed away is no longer to come, but some versions go on counting it.
  private static @Nullable Long lag(
      @Nullable Long told, long length, EntryId last, @Nullable EntryId first, EntryId delivered) {
    if (length == 0 || !delivered.isBefore(last)) {
      return 0L;
    }
    return first != null && delivered.isBefore(first) ? Long.valueOf(length) : told;
  }

  private static @Nullable List<?> find(String group, List<Object> groups) {
    for (Object each : groups) {
      if (each instanceof List<?> pairs && group.equals(value("name", pairs))) {
        return pairs;
      }
    }
    return null;
  }

  private static @Nullable Object value(String name, List<?> pairs) {
    for (int i = 0; i + 1 < pairs.size(); i += 2) {
      if (name.equals(pairs.get(i))) {
        return pairs.get(i + 1);
      }
    }
    return null;
  }

  private static @Nullable Long optional(String name, List<?> pairs) {
    return value(name, pairs) instanceof Long number ? number : null;
  }

  private static long number(String name, List<?> pairs, long otherwise) {
    return value(name, pairs) instanceof Long number ? number : otherwise;
  }
}
