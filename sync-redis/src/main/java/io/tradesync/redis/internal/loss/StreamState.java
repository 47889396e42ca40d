package io.tradesync.redis.internal.loss;

import io.tradesync.redis.internal.format.EntryId;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The state of a stream and its group at one moment.
 *
 * @param length the number of entries in the stream
 * @param last the id of the entry that was added last, also if it was removed since
 * @param first the id of the first entry; null if the stream is empty
 * @param added the number of entries that were ever added; null before Redis 7
 * @param delivered the id up to which the group was given entries
 * @param read the number of entries that the group was given or that were removed before; null if
 *     Redis does not know it
 * @param pending the number of entries that were delivered and not acknowledged
 * @param lag the number of entries not delivered yet; null if Redis does not know it
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

  /** Reads the answers to XINFO STREAM and XINFO GROUPS; null if the stream has no such group. */
  public static @Nullable StreamState of(List<Object> stream, List<Object> groups, String group) {
    Pairs named = find(group, groups);
    if (named == null) {
      return null;
    }
    Pairs info = Pairs.of(stream);
    long length = info.number("length", 0);
    EntryId first = null;
    if (info.value("first-entry") instanceof List<?> entry && !entry.isEmpty()) {
      first = EntryId.parse(String.valueOf(entry.get(0)));
    }
    EntryId last = EntryId.parse(String.valueOf(info.value("last-generated-id")));
    EntryId delivered = EntryId.parse(String.valueOf(named.value("last-delivered-id")));
    return new StreamState(
        length,
        last,
        first,
        info.number("entries-added"),
        delivered,
        named.number("entries-read"),
        named.number("pending", 0),
        lag(named.number("lag"), length, last, first, delivered));
  }

  // Some versions count entries that were trimmed away as still to come.
  private static @Nullable Long lag(
      @Nullable Long reported,
      long length,
      EntryId last,
      @Nullable EntryId first,
      EntryId delivered) {
    if (length == 0 || !delivered.isBefore(last)) {
      return 0L;
    }
    return first != null && delivered.isBefore(first) ? Long.valueOf(length) : reported;
  }

  private static @Nullable Pairs find(String group, List<Object> groups) {
    for (Object each : groups) {
      if (each instanceof List<?> answer && group.equals(Pairs.of(answer).value("name"))) {
        return Pairs.of(answer);
      }
    }
    return null;
  }
}
