package io.tradesync;

/** Where missing trades are, compared with the processed ones. */
public enum GapPosition {
  /** Before the first processed trade. */
  HEAD,
  /** Between processed trades. */
  MIDDLE,
  /** After the last processed trade, or no trade is processed. */
  TAIL
}
