package io.tradesync.redis.internal.loss;

/** How stream data were lost, or may have been. */
public enum LossKind {
  /** Entries were removed from a stream before they were read. */
  TRIMMED,
  /** A stream, or its group, was there no more. */
  GONE,
  /** A stream, or its group, is another or an older one than before. */
  REPLACED,
  /** Redis is another one, or was started anew, so that its last writes may be missing. */
  RESTARTED
}
