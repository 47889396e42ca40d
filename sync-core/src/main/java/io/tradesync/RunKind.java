package io.tradesync;

/** What a run was asked to do. */
public enum RunKind {
  /** Closes the gaps. */
  RUN,
  /** Processes all trades after a time again. */
  FORCE,
  /** Compares everything and changes no trade. */
  AUDIT
}
