package io.tradesync.internal.gap;

/** Why a trade of the source is a gap. */
public enum GapKind {
  /** The log does not hold it, or holds it as retracted. */
  MISSING,
  /** Its processing failed. */
  ERROR,
  /** It was processed with other content. */
  CHANGED
}
