package io.tradesync.internal.write;

import io.tradesync.BreakableLog;
import io.tradesync.InterceptingSink;
import io.tradesync.KeyRange;
import io.tradesync.Trade;
import io.tradesync.TradeKey;
import io.tradesync.inmemory.InMemorySyncLog;
import io.tradesync.inmemory.InMemoryTradeSource;
import io.tradesync.internal.failure.FailureClassifier;
import io.tradesync.internal.failure.Retries;
import io.tradesync.spi.ActivityListener;
import io.tradesync.spi.log.ClaimMode;
import io.tradesync.spi.log.FailedTrades;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/** The write path over a source, a log and a sink in memory. */
final class InMemoryWritePath {

  final InMemoryTradeSource source = new InMemoryTradeSource();
  final BreakableLog log = new BreakableLog(new InMemorySyncLog());
  final InterceptingSink sink = new InterceptingSink();
  final WriteContext context =
      WriteContext.live(ClaimMode.REPAIR, KeyRange.all(), ActivityListener.NOOP);
  private final SinkWatch watch = new SinkWatch(Duration.ofMinutes(1));
  private final FailureClassifier failures = new FailureClassifier(source, log, sink);
  private final Retries noRetries =
      new Retries(failures, 1, Duration.ofMillis(1), ActivityListener.NOOP);

  GroupWriter groupWriter() {
    return new GroupWriter(source, log, SinkWriter.of(sink, watch, true), failures, noRetries, 10);
  }

  FailureIsolation isolation() {
    return new FailureIsolation(log, SinkWriter.of(sink, watch, true), failures, noRetries);
  }

  FailedTradeMarker marker(FailedTrades view) {
    return new FailedTradeMarker(view, failures, noRetries, 10);
  }

  BatchAttempt attempt(Collection<Trade> trades) {
    return new BatchAttempt(
        source, log, SinkWriter.of(sink, watch, true), context, repairs(trades), null);
  }

  /** Makes the sink refuse batches that hold one of some trades. */
  void refuse(Collection<TradeKey> bad) {
    sink.hook =
        batch -> {
          if (batch.changes().stream().anyMatch(change -> bad.contains(change.key()))) {
            throw new IllegalArgumentException("bad trade");
          }
        };
  }

  static List<Repair> repairs(Collection<Trade> trades) {
    return trades.stream().<Repair>map(Repair.Write::new).toList();
  }

  static List<Batch> batches(List<Trade> trades, int size) {
    List<Batch> batches = new ArrayList<>();
    for (int from = 0; from < trades.size(); from += size) {
      batches.add(new Batch(batches.size(), repairs(trades.subList(from, from + size))));
    }
    return batches;
  }
}
