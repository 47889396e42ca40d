package io.tradesync.examples.benchmarks;

import io.tradesync.SyncEngine;
import io.tradesync.Trade;
import io.tradesync.spi.CatchUpResult;
import io.tradesync.spi.Hint;
import io.tradesync.spi.IngestResult;
import io.tradesync.spi.LiveWriter;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * Hands trades to an engine, and takes the time from just before one is sent until it is committed.
 * It refuses runs, so that all trades come by the feed. Thread-safe.
 */
final class Latency implements LiveWriter {

  private final SyncEngine engine;
  private final Map<String, Long> sent = new ConcurrentHashMap<>();
  private final ConcurrentLinkedQueue<Long> nanos = new ConcurrentLinkedQueue<>();

  Latency(SyncEngine engine) {
    this.engine = engine;
  }

  /** Notes that a trade is about to be sent. */
  void sending(String id) {
    sent.put(id, System.nanoTime());
  }

  /** Whether all trades that were sent are committed. */
  boolean isSettled() {
    return sent.isEmpty();
  }

  /** Returns the times of the trades that were committed since the last call, in order. */
  long[] take() {
    long[] sorted = nanos.stream().mapToLong(Long::longValue).sorted().toArray();
    nanos.clear();
    return sorted;
  }

  /** Returns the time in milliseconds that so many of a hundred did not exceed. */
  static double percentile(long[] sorted, int percent) {
    return sorted.length == 0
        ? Double.NaN
        : sorted[Math.min(sorted.length - 1, sorted.length * percent / 100)] / 1e6;
  }

  @Override
  public IngestResult ingest(List<Trade> trades) {
    IngestResult result = engine.ingest(trades);
    long now = System.nanoTime();
    for (Trade trade : trades) {
      Long began = sent.remove(trade.id());
      if (began != null) {
        nanos.add(now - began);
      }
    }
    return result;
  }

  @Override
  public CatchUpResult catchUp(Collection<Hint> hints) {
    return engine.catchUp(hints);
  }

  @Override
  public void requestRun(String reason) {
    throw new IllegalStateException("nothing may be lost in this benchmark: " + reason);
  }
}
