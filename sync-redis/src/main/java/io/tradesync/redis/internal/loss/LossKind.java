package io.tradesync.redis.internal.loss;

/** How stream data were lost, or may have been. */
public enum LossKind {
  /** Entries were removed from a stream before they were read. */
  TRIMMED,
  /** A stream or its group did not exist any more. */
  GONE,
  /** A stream or its group is another one than before, or an older state of it. */
  REPLACED,
  /** Redis is another process than before, so its last writes may be missing. */
  RESTARTED,
  /** Somebody moved the group's position, or took pending entries off the group. */
  SKIPPED
}
