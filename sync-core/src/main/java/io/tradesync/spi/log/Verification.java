package io.tradesync.spi.log;

import io.tradesync.KeyRange;
import io.tradesync.Verified;
import java.util.List;
import java.util.Optional;

/**
 * Remembers up to where the source and the log were found equal. It is a cache: it spares runs from
 * comparing old trades again, and throwing it away changes no answer. Used by many threads at once.
 *
 * <p>Everything up to a second is verified, except the sub-ranges that are marked as unverified. A
 * sub-range is {@link SubRanges#SECONDS} long.
 *
 * <p><b>Marks.</b> Each transaction of the log that writes, marks or retracts an entry at or below
 * the verified second marks the entry's sub-range as unverified in the same transaction, whatever
 * path it comes from. Between {@link #begin} and {@link #complete} the same holds up to the second
 * that was announced, so a comparison misses nothing that is committed during it: {@code begin}
 * waits for the transactions that are under way, and every later one sees the announced second.
 *
 * <p><b>A run's own marks.</b> A run marks as everybody does, so that its end, however it comes,
 * verifies nothing that it did not repair. But its own marks are told from those of others: at its
 * end the run settles them, see {@link #settle}.
 *
 * <p>Only the holder of the run lease calls {@link #begin}, {@link #complete} and {@link #settle}.
 */
public interface Verification {

  /**
   * For how many seconds below the final second ids are tracked: as long as a reorganisation can
   * reach back. A trade that one moved to an earlier key can be final and verified there while a
   * live path still delivers it at its later, former key.
   */
  int TRACKED_SECONDS = 3_600;

  /** Remembers nothing, so that every run and every health compares everything. */
  Verification NONE =
      new Verification() {
        @Override
        public Snapshot snapshot() {
          return Snapshot.NOTHING;
        }

        @Override
        public boolean begin(FencingToken token, long finalThrough) {
          return false;
        }

        @Override
        public void complete(FencingToken token, Verified verified, List<KeyRange> unverified) {}

        @Override
        public void markUnverified(List<KeyRange> ranges) {}

        @Override
        public void forget() {}
      };

  /** Returns what is remembered now. */
  Snapshot snapshot();

  /**
   * Begins a comparison: announces up to where trades are final, waits for transactions that are
   * under way, and takes over the marks that exist now. The announced second never goes back;
   * trades above it may still move, see {@link LogTransaction#claim}.
   *
   * @param token the lease of the run that compares
   * @param finalThrough the second up to which no reorganisation can change the source's trades
   * @return false if the comparison cannot be completed and nothing was taken over: transactions
   *     under way did not end within about a second, or this log remembers nothing
   * @throws LeaseLostException if the lease is no longer held; nothing was changed
   */
  boolean begin(FencingToken token, long finalThrough);

  /**
   * Ends a comparison that was begun. The marks that {@link #begin} took over are settled; marks
   * made since then stay. Ids of trades that are verified now, and older than the verified second
   * by {@link #TRACKED_SECONDS}, are no longer tracked. Does nothing if {@link #forget} was called
   * since {@link #begin}.
   *
   * @param token the lease of the run that compared
   * @param verified up to where both sides are equal now, except in {@code unverified}; the log
   *     sets its time to that of {@link #begin}, by its own clock
   * @param unverified the ranges that still contain gaps: whole sub-ranges, in key order, without
   *     overlap
   * @throws LeaseLostException if the lease is no longer held; nothing was changed
   */
  void complete(FencingToken token, Verified verified, List<KeyRange> unverified);

  /**
   * Deletes a run's own marks, after it has repaired sub-ranges completely: those that {@link
   * #complete} made of what the comparison had found, and those of the transactions with the run's
   * lease. A sub-range that anybody else has marked since {@link #begin} stays unverified. By
   * default nothing is settled, and the next run compares these sub-ranges again.
   *
   * @param token the lease of the run
   * @param repaired ranges that begin and end where sub-ranges do, in key order, without overlap
   * @throws LeaseLostException if the lease is no longer held; nothing was changed
   */
  default void settle(FencingToken token, List<KeyRange> repaired) {}

  /**
   * Marks sub-ranges as unverified.
   *
   * @param ranges the ranges; what is above the verified second needs no mark
   */
  void markUnverified(List<KeyRange> ranges);

  /**
   * Forgets what was verified, so that the next run compares everything. A comparison under way is
   * not remembered either, since it may rely on what is forgotten now.
   */
  void forget();

  /**
   * What is remembered at one moment.
   *
   * @param verified up to where both sides were equal; empty if nothing is verified
   * @param unverified the marked sub-ranges, joined where they meet, in key order
   */
  record Snapshot(Optional<Verified> verified, List<KeyRange> unverified) {

    /** Nothing is remembered. */
    public static final Snapshot NOTHING = new Snapshot(Optional.empty(), List.of());

    /** Copies the list. */
    public Snapshot {
      unverified = List.copyOf(unverified);
    }
  }
}
