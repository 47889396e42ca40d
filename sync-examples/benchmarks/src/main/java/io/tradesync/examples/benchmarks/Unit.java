package io.tradesync.examples.benchmarks;

/** What a figure counts. */
enum Unit {
  TRADES_PER_SECOND("trades/s", true),
  ENTRIES_PER_SECOND("entries/s", true),
  READS_PER_SECOND("reads/s", false),
  MILLISECONDS("ms", false),
  MEGABYTES("MB", false),
  ENTRIES("entries", false),
  ROWS("rows", false),
  BYTES_A_TRADE("bytes/trade", false),
  PERCENT_OF_A_CORE("% of a core", false),
  A_SECOND("a second", false);

  private final String text;
  private final boolean isMoreBetter;

  Unit(String text, boolean isMoreBetter) {
    this.text = text;
    this.isMoreBetter = isMoreBetter;
  }

  /** As in the table of results. */
  String text() {
    return text;
  }

  /** Whether the greater of two figures is the better one. */
  boolean isMoreBetter() {
    return isMoreBetter;
  }
}
