package io.tradesync;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Up to where both sides were found equal.
 *
 * @param fromEpochSecond the first second in scope then, null for a scope of everything; a run with
 *     another scope does not use it
 * @param throughEpochSecond the last verified second
 * @param trades about how many trades the source had up to that second
 * @param kept about how many more trades the log holds up to that second, which left the source
 *     after they were final and are kept ({@link SyncEngineBuilder#retractFinal})
 * @param at just before the comparison first read a side, by the log's clock
 */
public record Verified(
    @Nullable Long fromEpochSecond, long throughEpochSecond, long trades, long kept, Instant at) {

  /** About how many processed entries the log has up to the verified second. */
  public long entries() {
    return trades + kept;
  }

  /**
   * Returns what is left if the first entries leave the scope. Old rows are the first to be deleted
   * from a source, so these entries are taken from the kept ones first.
   *
   * @param from the first second that is still in scope
   * @param entriesBelow how many processed entries are below it
   */
  public Verified without(long from, long entriesBelow) {
    long tradesBelow = Math.max(0, entriesBelow - kept);
    return new Verified(
        from,
        throughEpochSecond,
        Math.max(0, trades - tradesBelow),
        Math.max(0, kept - entriesBelow),
        at);
  }
}
