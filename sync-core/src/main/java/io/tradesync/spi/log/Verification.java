package io.tradesync.spi.log;

import io.tradesync.KeyRange;
import io.tradesync.Verified;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;

/**
 * What is remembered of a service as a whole: where its scope begins, and how far the two sides
 * were found equal.
 *
 * <p><b>Verification.</b> A cache that spares comparing old trades again and again. Everything up
 * to a second is verified, except sub-ranges of {@link #SUB_RANGE_SECONDS} that are marked
 * unverified. Every transaction of the log that writes, marks or retracts an entry there, from
 * whatever path, marks its sub-range in the same transaction. Between {@link #begin} and {@link
 * #complete} the same holds up to the second announced, so that a comparison under way misses
 * nothing that is committed behind its back: {@code begin} waits for transactions under way, and
 * every later one sees what was announced.
 *
 * <p>Only the holder of the run lease calls {@link #begin} and {@link #complete}.
 */
public interface Verification {

  /** How long a sub-range is, in seconds; each begins at a multiple since 1970. */
  int SUB_RANGE_SECONDS = 300;

  /**
   * How long ids are remembered although their trades are final, in seconds: as long as a
   * reorganisation can reach back. A trade that one moved to an earlier key can be final and
   * verified there while a live path still delivers it at the later key that it had before.
   */
  int REMEMBERED_SECONDS = 3_600;

  /**
   * The first second in scope, as kept with the log.
   *
   * @return seconds since 1970-01-01T00:00:00Z, or empty if none was set
   */
  Optional<Long> baseline();

  /**
   * Sets the first second in scope.
   *
   * @param epochSecond seconds since 1970-01-01T00:00:00Z
   * @param keep whether a value that is there already is kept
   * @return the value that is kept now
   */
  long saveBaseline(long epochSecond, boolean keep);

  /**
   * Reads what was verified.
   *
   * @return what is remembered now
   */
  Snapshot snapshot();

  /**
   * Begins a comparison: announces up to where trades are final, waits for transactions under way,
   * and takes over the marks that are there. The announced second never goes back. From now on an
   * entry above it is one whose trade may still move; see {@link LogTransaction#claim}.
   *
   * @param fence the lease of the run that compares
   * @param finalThrough the second up to which no reorganisation can touch the source's trades
   * @return false if transactions under way did not end within about a second: the comparison can
   *     then not be completed, and nothing was taken over
   * @throws LeaseLostException if the lease is no longer held; nothing was changed
   */
  boolean begin(FencingToken fence, long finalThrough);

  /**
   * Ends a comparison that was begun: what {@link #begin} took over is settled by it, marks made
   * since then stay. Ids of trades that are verified now, and older by {@link #REMEMBERED_SECONDS},
   * are no longer remembered. Does nothing if {@link #forget} was called since {@link #begin}.
   *
   * @param fence the lease of the run that compared
   * @param verified up to where both sides are equal now, but for {@code unverified}; its time is
   *     set by the log's clock
   * @param unverified ranges of whole sub-ranges with a gap, in key order, without overlap
   * @throws LeaseLostException if the lease is no longer held; nothing was changed
   */
  void complete(FencingToken fence, Verified verified, List<KeyRange> unverified);

  /**
   * Marks verified sub-ranges as unverified.
   *
   * @param ranges the ranges; what lies above the verified second needs no mark
   */
  void markUnverified(List<KeyRange> ranges);

  /**
   * Forgets what was verified; the next run compares everything. A comparison under way is not
   * remembered either: it may have relied on what is forgotten now.
   */
  void forget();

  /**
   * What is remembered of comparisons.
   *
   * @param verified up to where both sides were equal; empty if nothing is verified
   * @param unverified the marked sub-ranges, joined where they meet, in key order
   */
  record Snapshot(Optional<Verified> verified, List<KeyRange> unverified) {

    /** Nothing is remembered. */
    public static final Snapshot NOTHING = new Snapshot(Optional.empty(), List.of());

    /**
     * Copies the list.
     *
     * @param verified see {@link #verified()}
     * @param unverified see {@link #unverified()}
     */
    public Snapshot {
      unverified = List.copyOf(unverified);
    }

    /**
     * Joins marked sub-ranges where they meet.
     *
     * @param verified see {@link #verified()}
     * @param startSeconds the first second of each marked sub-range, in order
     * @return what is remembered
     */
    public static Snapshot of(Optional<Verified> verified, SortedSet<Long> startSeconds) {
      List<KeyRange> ranges = new ArrayList<>();
      for (long start : startSeconds) {
        KeyRange range = KeyRange.seconds(start, start + SUB_RANGE_SECONDS);
        int last = ranges.size() - 1;
        if (last >= 0 && ranges.get(last).upTo().equals(range.after())) {
          ranges.set(last, new KeyRange(ranges.get(last).after(), range.upTo()));
        } else {
          ranges.add(range);
        }
      }
      return new Snapshot(verified, ranges);
    }
  }
}
