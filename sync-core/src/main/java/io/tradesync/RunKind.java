package io.tradesync;

/** What a run was asked to do. */
public enum RunKind {
  /** Close the gaps. */
  RUN,
  /** Process all trades after a time anew. */
  FORCE,
  /** Compare everything and change nothing. */
  AUDIT
}
