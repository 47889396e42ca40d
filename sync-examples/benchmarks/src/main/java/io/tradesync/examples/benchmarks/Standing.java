package io.tradesync.examples.benchmarks;

import org.jspecify.annotations.Nullable;

/** The measurements of one contestant at one work, one a round. Not thread-safe. */
final class Standing {

  private final String work;
  private final String contestant;
  private final Unit unit;
  private final Series values = new Series();
  private final Series jvmMicros = new Series();
  private final Series serverMicros = new Series();

  Standing(String work, String contestant, Unit unit) {
    this.work = work;
    this.contestant = contestant;
    this.unit = unit;
  }

  /** A contestant that is measured in trades a second. */
  static Standing ofRate(String work, String contestant) {
    return new Standing(work, contestant, Unit.TRADES_PER_SECOND);
  }

  /** Adds a round as a rate. */
  void addRate(long trades, double seconds, CpuTime used) {
    values.add(trades / seconds);
    jvmMicros.add(used.jvm() * 1e6 / trades);
    serverMicros.add(used.server() * 1e6 / trades);
  }

  /** Adds a round whose CPU time is not known. */
  void add(double value) {
    values.add(value);
  }

  String contestant() {
    return contestant;
  }

  Series values() {
    return values;
  }

  Series jvmMicros() {
    return jvmMicros;
  }

  Series serverMicros() {
    return serverMicros;
  }

  /** The row of a contestant that is compared with nobody. */
  Row row(@Nullable Goal goal) {
    return row(null, goal);
  }

  /** The row of a contestant; the baseline may be itself. */
  Row row(@Nullable Standing baseline, @Nullable Goal goal) {
    return row(work, baseline, goal);
  }

  /** A further row, under another name of the work. */
  Row row(String name, @Nullable Standing baseline, @Nullable Goal goal) {
    return new Row(
        name,
        contestant,
        values.median(),
        unit,
        baseline == null || baseline == this
            ? null
            : new Row.Ratio(baseline.contestant, values.ratioTo(baseline.values)),
        goal,
        new Row.Cost(jvmMicros.median(), serverMicros.median()));
  }
}
