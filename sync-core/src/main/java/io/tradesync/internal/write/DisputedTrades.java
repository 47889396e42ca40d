package io.tradesync.internal.write;

import static java.util.stream.Collectors.toCollection;

import io.tradesync.SideUnavailableException;
import io.tradesync.Trade;
import io.tradesync.TradeKey;
import io.tradesync.spi.TradeSource;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** Lets the source decide about trades that contradict the log or each other. Thread-safe. */
final class DisputedTrades {

  private final TradeSource source;
  private final BatchWriter writer;

  DisputedTrades(TradeSource source, BatchWriter writer) {
    this.source = source;
    this.writer = writer;
  }

  /**
   * Reads disputed trades from the source by id, and writes what the source has in scope.
   *
   * @return what became of the disputed trades. A trade stays disputed if the source has it at
   *     another key, or if the sink does not support the change
   * @throws SideUnavailableException if a side is gone
   */
  BatchOutcome confirm(List<Trade> disputed, WriteContext context) {
    if (disputed.isEmpty()) {
      return BatchOutcome.NOTHING;
    }
    List<Repair> confirmed =
        source.byIds(disputed.stream().map(Trade::id).distinct().toList()).rows().stream()
            .filter(trade -> context.scope().contains(trade.key()))
            .<Repair>map(Repair.Write::new)
            .toList();
    BatchOutcome outcome =
        confirmed.isEmpty()
            ? BatchOutcome.NOTHING
            : writer.write(confirmed, context.confirmed()).outcome();
    // The source may also have these ids at keys that nobody asked about.
    Set<TradeKey> open = disputed.stream().map(Trade::key).collect(toCollection(HashSet::new));
    List<TradeKey> written = outcome.written().stream().filter(open::contains).toList();
    List<TradeKey> known = outcome.known().stream().filter(open::contains).toList();
    List<TradeKey> failed = outcome.failed().stream().filter(open::contains).toList();
    Stream.of(written, known, failed).forEach(open::removeAll);
    return new BatchOutcome(
        written, known, open.stream().sorted().toList(), failed, outcome.marked());
  }
}
