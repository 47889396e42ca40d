package io.tradesync;

/** Where missing trades lie, seen from the processed ones. */
public enum GapPosition {
  /** Before the first processed trade. */
  HEAD,
  /** Between processed trades. */
  MIDDLE,
  /** Behind the last processed trade, or there is none. */
  TAIL
}
