package io.tradesync.spi;

import java.util.List;

/**
 * What reading the source for some hints brought.
 *
 * @param processed the number of trades written
 * @param errors the number of trades that the sink refused; they are marked, and the next run tries
 *     them again
 * @param unanswered hints in scope whose trade the source does not show yet; ask again later
 */
public record CatchUpResult(long processed, long errors, List<Hint> unanswered) {

  /** Copies the list. */
  public CatchUpResult {
    unanswered = List.copyOf(unanswered);
  }
}
