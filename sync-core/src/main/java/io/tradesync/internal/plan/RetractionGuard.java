package io.tradesync.internal.plan;

/**
 * Decides whether a source has lost so much that nothing must be retracted: it was probably emptied
 * or replaced by mistake.
 */
final class RetractionGuard {

  /** So many trades may be gone, whatever part of all they are. */
  static final long MAX_GONE = 100;

  /** So large a part of the processed entries may be gone, in percent. */
  static final long MAX_GONE_PERCENT = 20;

  private RetractionGuard() {}

  /**
   * @param gone the number of processed entries that the source no longer has at any key
   * @param processed the number of processed entries in scope
   * @param sourceIsEmpty whether the source has no trade in scope at all
   */
  static boolean holdsBack(long gone, long processed, boolean sourceIsEmpty) {
    return sourceIsEmpty || (gone > MAX_GONE && gone * 100 > processed * MAX_GONE_PERCENT);
  }
}
