package io.tradesync;

/** The parties that a sync talks to. */
public enum Side {
  /** Where the trades come from. */
  SOURCE("source"),
  /** Where the log of processed trades is kept. */
  STORE("store"),
  /** Where the trades go: the sink, also if its rows are in the store. */
  SINK("sink");

  private final String label;

  Side(String label) {
    this.label = label;
  }

  /**
   * The side's name in messages.
   *
   * @return a lower-case word
   */
  public String label() {
    return label;
  }
}
