package io.tradesync.redis.internal.loss;

import io.tradesync.redis.internal.format.EntryId;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Keeps count of what this consumer did to its group, and so notices what it did not do: a position
 * that moved forward, and pending entries that are gone. Either another consumer of the group did
 * that, or somebody took entries away from the group. Thread-safe.
 */
public final class GroupLedger {

  /** The counts of a stream. */
  private static final class Account {
    /** The id up to which the group was given entries; null before the first look. */
    private @Nullable EntryId given;

    private long read;
    private long acknowledged;

    /** The pending entries that the counts do not explain, at the last look; null if not known. */
    private @Nullable Long unexplained;

    private long lookNanos;
  }

  /**
   * A change of the group that this consumer did not make.
   *
   * @param what says it in words, with the stream's name
   * @param position the group's position now, if it moved; null if only pending entries are gone
   * @param lastLookNanos when the last look was, at which the change was not there
   */
  public record Change(String what, @Nullable EntryId position, long lastLookNanos) {}

  private final Map<String, Account> accounts = new HashMap<>();

  /** Begins to keep count of a group that was created just now; the state is the one after that. */
  public synchronized void groupCreated(String stream, StreamState state) {
    Account account = new Account();
    account.given = state.delivered();
    account.lookNanos = System.nanoTime();
    accounts.put(stream, account);
  }

  /** Trusts no count of pending entries until the next look, because an answer was lost. */
  public synchronized void uncertain(String stream) {
    account(stream).unexplained = null;
  }

  /** This consumer was given entries. */
  public synchronized void read(String stream, int entries, EntryId last) {
    Account account = account(stream);
    account.read += entries;
    account.given = account.given == null ? last : EntryId.max(account.given, last);
  }

  /** Redis took so many entries off the pending ones when this consumer acknowledged them. */
  public synchronized void acknowledged(String stream, long entries) {
    account(stream).acknowledged += entries;
  }

  /** The number of entries that this consumer has acknowledged. */
  public synchronized long acknowledged(String stream) {
    return account(stream).acknowledged;
  }

  /**
   * Looks at a group. Entries that were read before must have been told.
   *
   * @param acknowledged {@link #acknowledged(String)} when the state was asked for
   * @param askedNanos when that was
   */
  public synchronized Optional<Change> look(
      String stream, StreamState state, long acknowledged, long askedNanos) {
    Account account = account(stream);
    long unexplained = state.pending() - account.read + acknowledged;
    Change change = null;
    if (account.given != null && account.given.isBefore(state.delivered())) {
      change =
          new Change(
              "the group of stream %s was moved from %s to %s"
                  .formatted(stream, account.given, state.delivered()),
              state.delivered(),
              account.lookNanos);
    } else if (account.unexplained != null && unexplained < account.unexplained) {
      change =
          new Change(
              "%s pending entries of stream %s were acknowledged or removed by somebody else"
                  .formatted(account.unexplained - unexplained, stream),
              null,
              account.lookNanos);
    }
    account.given = state.delivered();
    account.unexplained = unexplained;
    account.lookNanos = askedNanos;
    return Optional.ofNullable(change);
  }

  private Account account(String stream) {
    return accounts.computeIfAbsent(stream, key -> new Account());
  }
}
