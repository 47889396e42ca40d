package io.tradesync.examples.flink;

/**
 * The model of docs/SCALING.md: how long a catch-up takes from what a trade costs. It knows nothing
 * of locks and of the network, and takes it that what a trade costs does not depend on how many
 * workers there are.
 *
 * @param sinkMicros how long the sink takes for a trade, in a transaction that does nothing else
 * @param jvmMicros processor time of a trade on a worker
 * @param sourceMicros processor time of a trade on the source's server
 * @param storeMicros processor time of a trade on the store's server
 * @param fixedSeconds what a run takes besides its trades
 */
record ScalingModel(
    double sinkMicros,
    double jvmMicros,
    double sourceMicros,
    double storeMicros,
    double fixedSeconds) {

  private static final double MICROS = 1e6;
  private static final int UNITS_PER_WORKER = 8;

  /**
   * How long a run takes whose sink is the limit.
   *
   * @param trades missing trades, as many on each day
   * @param days over how many days; units end at days
   * @param workers workers with one transaction at a time each
   */
  double seconds(long trades, int days, int workers) {
    double microsATrade = sinkMicros + jvmMicros + sourceMicros + storeMicros;
    double tradesOfBusiest = (double) trades * daysOfBusiest(days, workers) / days;
    return fixedSeconds + tradesOfBusiest * microsATrade / MICROS;
  }

  /** How many days the worker does that has most to do; each pulls a unit when it is free. */
  static int daysOfBusiest(int days, int workers) {
    int daysPerUnit = (int) Math.max(1, Math.round((double) days / (UNITS_PER_WORKER * workers)));
    int units = ceil(days, daysPerUnit);
    return Math.min(days, ceil(units, workers) * daysPerUnit);
  }

  private static int ceil(int whole, int part) {
    return (whole + part - 1) / part;
  }

  /** Trades a second that workers do together if no server is the limit. */
  double ofWorkers(int workers, int transactionsAWorker) {
    double microsATrade = sinkMicros + jvmMicros + sourceMicros + storeMicros;
    return workers * transactionsAWorker * MICROS / microsATrade;
  }

  /** Trades a second at which the processors of the workers are busy. */
  double ofWorkersProcessors(int workers, int processorsAWorker) {
    return workers * processorsAWorker * MICROS / jvmMicros;
  }

  /** Trades a second at which the processors of the stores are busy. */
  double ofStores(int stores, int processorsAStore) {
    return stores * processorsAStore * MICROS / storeMicros;
  }

  /** Trades a second at which the processors of the source are busy. */
  double ofSource(int processors) {
    return processors * MICROS / sourceMicros;
  }
}
