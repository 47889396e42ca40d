package io.tradesync;

/** Why a trade is a gap. */
public enum GapKind {
  /** The source has it, and the log does not hold it, or holds it as retracted. */
  MISSING,
  /** The source has it, and its processing failed. */
  ERROR,
  /** It was processed with other content than the source has. */
  CHANGED,
  /** The log holds it as processed or failed, and the source does not have it at this key. */
  ORPHANED
}
