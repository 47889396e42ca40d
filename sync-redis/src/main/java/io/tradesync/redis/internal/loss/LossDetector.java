package io.tradesync.redis.internal.loss;

import io.tradesync.redis.internal.format.EntryId;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Notices that a stream lost entries which the group was never given. Redis does not report that.
 * It shows in a stream that begins behind the group's position, in ids that go back, in a group
 * that is gone, and in a server that is another process than before and may have started with less
 * data. If it is not certain that nothing was lost, it counts as a loss, because the answer is only
 * a comparison. Each loss is reported once. Thread-safe.
 */
public final class LossDetector {

  /** What was seen of a stream. */
  private static final class Known {
    private @Nullable String server;
    private boolean connected;
    private boolean grouped;

    /** The largest id that the group is known to have been given. */
    private EntryId given = EntryId.ZERO;

    /** Losses up to here are reported already. */
    private EntryId reported = EntryId.ZERO;

    /** The number of entries that were removed from the stream by the last look. */
    private long removed;

    /** The number of entries that were ever added to the stream by the last look. */
    private long added;

    void remember(StreamState state) {
      given = state.delivered();
      removed = LossDetector.removed(state);
      added = state.added() == null ? 0 : state.added();
    }
  }

  private final Map<String, Known> streams = new HashMap<>();

  /**
   * Checks the server of a stream, each time when a connection was opened.
   *
   * @param server identifies the server process; null if Redis does not tell
   */
  public synchronized Optional<Loss> connected(String stream, @Nullable String server) {
    Known known = known(stream);
    boolean same = server != null && server.equals(known.server);
    boolean again = known.connected;
    known.connected = true;
    known.server = server;
    return same || !again
        ? Optional.empty()
        : Optional.of(
            new Loss(
                LossKind.RESTARTED,
                "the Redis of stream " + stream + " is another one, or was restarted"));
  }

  /** Whether the stream's group was seen before. */
  public synchronized boolean hasSeenGroup(String stream) {
    return known(stream).grouped;
  }

  /** Begins to observe a group that was just created; the state is the one after that. */
  public synchronized void groupCreated(String stream, StreamState state) {
    Known known = known(stream);
    known.grouped = true;
    known.reported = EntryId.max(state.delivered(), beforeFirst(state));
    known.remember(state);
  }

  /** Checks the state of a stream just before entries are read from it. */
  public synchronized Optional<Loss> check(String stream, StreamState state) {
    Known known = known(stream);
    known.grouped = true;
    Loss lost = null;
    long trimmed = trimmed(known, state);
    if (state.delivered().isBefore(known.given) || state.last().isBefore(known.given)) {
      lost =
          new Loss(
              LossKind.REPLACED,
              "stream %s or its group went back from %s to %s"
                  .formatted(stream, known.given, state.delivered()));
      known.reported = EntryId.ZERO;
    } else if (state.added() != null && state.added() < known.added) {
      lost = new Loss(LossKind.REPLACED, "stream %s is another one than before".formatted(stream));
      known.reported = EntryId.ZERO;
    } else if (trimmed != 0) {
      lost =
          new Loss(
              LossKind.TRIMMED,
              "stream %s was trimmed: %s entries after %s were never delivered"
                  .formatted(stream, trimmed < 0 ? "perhaps some" : trimmed, state.delivered()));
    }
    if (lost != null) {
      known.reported = EntryId.max(known.reported, beforeFirst(state));
    }
    known.remember(state);
    return Optional.ofNullable(lost);
  }

  /**
   * Checks whether entries may have been removed from a stream during a read that was no
   * transaction, before the group was given them.
   *
   * @param before the state just before the read; it was checked
   * @param after the state just after the read
   */
  public synchronized Optional<Loss> checkAround(
      String stream, StreamState before, StreamState after) {
    boolean counted = before.added() != null && after.added() != null;
    boolean unchanged =
        counted ? removed(before) == removed(after) : Objects.equals(before.first(), after.first());
    EntryId gone = beforeFirst(after);
    if (unchanged || !before.delivered().isBefore(gone)) {
      return Optional.empty();
    }
    Known known = known(stream);
    known.reported = EntryId.max(known.reported, gone);
    return Optional.of(
        new Loss(
            LossKind.TRIMMED,
            "stream %s was trimmed while it was read without a transaction: perhaps some entries"
                    .formatted(stream)
                + " after %s were never delivered".formatted(before.delivered())));
  }

  /** The number of entries that were removed and never delivered; negative if not known. */
  private static long trimmed(Known known, StreamState state) {
    EntryId position = EntryId.max(state.delivered(), known.reported);
    if (!position.isBefore(beforeFirst(state))) {
      return 0;
    }
    if (state.added() == null) {
      return -1;
    }
    long since = removed(state) - known.removed;
    if (since <= 0) {
      return 0;
    }
    if (state.read() != null) {
      return Math.max(0, Math.min(since, removed(state) - state.read()));
    }
    return state.delivered().equals(EntryId.ZERO) ? since : -1;
  }

  private static long removed(StreamState state) {
    return state.added() == null ? 0 : state.added() - state.length();
  }

  /** The id just before the first entry; in an empty stream the id of the last entry it had. */
  private static EntryId beforeFirst(StreamState state) {
    return state.first() == null ? state.last() : state.first().previous();
  }

  /** Remembers that the group was given entries. */
  public synchronized void read(String stream, EntryId last) {
    Known known = known(stream);
    known.given = EntryId.max(known.given, last);
  }

  /** Forgets the streams that no longer exist; each of them is a loss. */
  public synchronized List<Loss> vanished(Set<String> existing) {
    List<String> vanished =
        streams.keySet().stream().filter(stream -> !existing.contains(stream)).sorted().toList();
    vanished.forEach(streams::remove);
    return vanished.stream()
        .map(stream -> new Loss(LossKind.GONE, "stream " + stream + " was gone"))
        .toList();
  }

  private Known known(String stream) {
    return streams.computeIfAbsent(stream, key -> new Known());
  }
}
