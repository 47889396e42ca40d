package io.tradesync.examples.benchmarks;

import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;

/** The most heap that was in use, garbage included. */
final class HeapPeak {

  private HeapPeak() {}

  /** Begins to measure. */
  static void reset() {
    ManagementFactory.getMemoryPoolMXBeans().forEach(MemoryPoolMXBean::resetPeakUsage);
  }

  /** Returns the most since the last reset; the peaks of the pools need not have coincided. */
  static long megabytes() {
    long sumOfPeaks =
        ManagementFactory.getMemoryPoolMXBeans().stream()
            .filter(pool -> pool.getType() == MemoryType.HEAP)
            .mapToLong(pool -> pool.getPeakUsage().getUsed())
            .sum();
    return Math.min(sumOfPeaks, Runtime.getRuntime().maxMemory()) >> 20;
  }
}
