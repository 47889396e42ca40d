package io.tradesync.redis.internal.loss;

import io.tradesync.redis.internal.format.EntryId;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Notices that streams lost entries which the group was never given. Redis does not say so: it
 * shows in a stream that begins behind the group's position, in ids that go back, in a group that
 * is gone, and in a server that is another process than before and may have started with less.
 * Where it is not certain that nothing was lost, it counts as lost: the answer is a comparison,
 * which does no harm. Each loss is told once. Thread-safe.
 */
public final class LossDetector {

  /** What is remembered of a stream. */
  private static final class Known {
    private @Nullable String server;
    private boolean connected;
    private boolean grouped;

    /** The largest id that the group was given, as far as was seen. */
    private EntryId seen = EntryId.ZERO;

    /** What is gone up to here, a comparison covers. */
    private EntryId covered = EntryId.ZERO;

    /** How many entries were gone from the stream when it was last looked at. */
    private long removed;

    /** How many entries had ever been added by then. */
    private long added;

    void remember(StreamState state) {
      seen = state.delivered();
      removed = LossDetector.removed(state);
      added = state.added() == null ? 0 : state.added();
    }
  }

  private final Map<String, Known> streams = new HashMap<>();

  /**
   * A connection was made.
   *
   * @param stream a stream that is read over it
   * @param server which process answers, null where Redis does not tell
   * @return what may be lost
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
                "the Redis of stream " + stream + " is another one, or was started anew"));
  }

  /** Whether the stream's group was seen before. */
  public synchronized boolean knows(String stream) {
    return known(stream).grouped;
  }

  /**
   * The group was made, or made anew.
   *
   * @param state the stream just after
   */
  public synchronized void groupMade(String stream, StreamState state) {
    Known known = known(stream);
    known.grouped = true;
    known.covered = EntryId.max(state.delivered(), beforeFirst(state));
    known.remember(state);
  }

  /**
   * Looks at a stream just before entries are read from it.
   *
   * @param state the stream
   * @return what is lost
   */
  public synchronized Optional<Loss> look(String stream, StreamState state) {
    Known known = known(stream);
    known.grouped = true;
    Loss lost = null;
    long trimmed = trimmed(known, state);
    if (state.delivered().isBefore(known.seen) || state.last().isBefore(known.seen)) {
      lost =
          new Loss(
              LossKind.REPLACED,
              "stream %s or its group went back from %s to %s"
                  .formatted(stream, known.seen, state.delivered()));
      known.covered = EntryId.ZERO;
    } else if (state.added() != null && state.added() < known.added) {
      lost = new Loss(LossKind.REPLACED, "stream %s is another one than before".formatted(stream));
      known.covered = EntryId.ZERO;
    } else if (trimmed != 0) {
      lost =
          new Loss(
              LossKind.TRIMMED,
              "stream %s was trimmed: %s entries after %s were never delivered"
                  .formatted(stream, trimmed < 0 ? "perhaps some" : trimmed, state.delivered()));
    }
    if (lost != null) {
      known.covered = EntryId.max(known.covered, beforeFirst(state));
    }
    known.remember(state);
    return Optional.ofNullable(lost);
  }

  /** How many entries are gone that were never delivered; negative if that cannot be told. */
  private static long trimmed(Known known, StreamState state) {
    EntryId position = EntryId.max(state.delivered(), known.covered);
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

  /** Just before the first entry that is there, or the last one that was, if there is none. */
  private static EntryId beforeFirst(StreamState state) {
    return state.first() == null ? state.last() : state.first().previous();
  }

  /** Entries were read. */
  public synchronized void read(String stream, EntryId last) {
    Known known = known(stream);
    known.seen = EntryId.max(known.seen, last);
  }

  /** The stream is read no more. */
  public synchronized void forget(String stream) {
    streams.remove(stream);
  }

  private Known known(String stream) {
    return streams.computeIfAbsent(stream, key -> new Known());
  }
}
