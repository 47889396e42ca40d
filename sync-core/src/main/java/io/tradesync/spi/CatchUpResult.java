package io.tradesync.spi;

import java.util.List;

/**
 * What a reading of the source for some hints found.
 *
 * @param processed trades that were written
 * @param errors trades that the sink refused; they are marked, and the next run tries them again
 * @param unanswered hints in scope whose trade the source did not show yet; worth asking again
 */
public record CatchUpResult(long processed, long errors, List<Hint> unanswered) {

  /**
   * Copies the list.
   *
   * @param processed see {@link #processed()}
   * @param errors see {@link #errors()}
   * @param unanswered see {@link #unanswered()}
   */
  public CatchUpResult {
    unanswered = List.copyOf(unanswered);
  }
}
