package io.tradesync.examples.benchmarks;

import java.util.concurrent.Callable;

/**
 * What something took.
 *
 * @param result what it returned
 * @param seconds by the clock
 * @param used CPU time
 */
record Taken<T>(T result, double seconds, CpuTime used) {

  /** Does something once and measures it. */
  static <T> Taken<T> by(Arena arena, Callable<T> work) throws Exception {
    CpuTime before = CpuTime.ofBoth(arena);
    long began = System.nanoTime();
    T result = work.call();
    double seconds = (System.nanoTime() - began) / 1e9;
    return new Taken<>(result, seconds, CpuTime.ofBoth(arena).since(before));
  }

  double millis() {
    return seconds * 1e3;
  }
}
