package io.tradesync.internal.write;

import static java.util.stream.Collectors.toCollection;

import io.tradesync.KeyRange;
import io.tradesync.SideUnavailableException;
import io.tradesync.Trade;
import io.tradesync.TradeKey;
import io.tradesync.internal.rows.RowProblem;
import io.tradesync.internal.rows.RowsById;
import io.tradesync.internal.rows.SourceRow;
import io.tradesync.spi.SourcePage;
import io.tradesync.spi.TradeSource;
import io.tradesync.spi.log.TradeFailure;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
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
   * Reads disputed trades from the source by id, and writes what the source has in scope. If the
   * source has an id at two keys, or in rows that are no trade, nothing is moved; all keys are
   * marked as failed.
   *
   * @return what became of the disputed trades. A trade stays disputed if the source has it at
   *     another key, or if the sink does not support the change
   * @throws SideUnavailableException if a side is gone
   */
  BatchOutcome confirm(List<Trade> disputed, WriteContext context) {
    if (disputed.isEmpty()) {
      return BatchOutcome.NOTHING;
    }
    BatchOutcome outcome = BatchOutcome.NOTHING;
    for (SourcePage<Trade> answer : RowsById.of(source, ids(disputed))) {
      outcome = outcome.plus(written(answer, context));
    }
    return outcome(disputed, outcome);
  }

  private BatchOutcome written(SourcePage<Trade> answer, WriteContext context) {
    List<Repair> confirmed = new ArrayList<>();
    List<TradeFailure> unreadable = new ArrayList<>();
    sort(answer, context, confirmed, unreadable);
    BatchOutcome outcome =
        confirmed.isEmpty()
            ? BatchOutcome.NOTHING
            : writer.write(confirmed, context.confirmed()).outcome();
    return marked(outcome, unreadable, context);
  }

  /**
   * As {@link #confirm}, but tries once, in one transaction.
   *
   * @return empty if it failed, or if the source has rows that are no trade, or too much text for
   *     one transaction; nothing was written then
   */
  Optional<BatchOutcome> tryOnce(List<Trade> disputed, WriteContext context) {
    if (disputed.isEmpty()) {
      return Optional.empty();
    }
    List<Repair> confirmed = new ArrayList<>();
    List<TradeFailure> unreadable = new ArrayList<>();
    SourcePage<Trade> answer = source.byIds(ids(disputed));
    if (!answer.isLast()) {
      return Optional.empty();
    }
    sort(answer, context, confirmed, unreadable);
    return confirmed.isEmpty() || !unreadable.isEmpty()
        ? Optional.empty()
        : writer
            .tryOnce(confirmed, context.confirmed())
            .map(result -> outcome(disputed, result.outcome()));
  }

  private static List<String> ids(List<Trade> disputed) {
    return disputed.stream().map(Trade::id).distinct().toList();
  }

  private static void sort(
      SourcePage<Trade> answer,
      WriteContext context,
      List<Repair> confirmed,
      List<TradeFailure> unreadable) {
    SourceRow.byId(answer)
        .values()
        .forEach(ofId -> sort(ofId, context.scope(), confirmed, unreadable));
    confirmed.sort(Comparator.comparing(Repair::key));
  }

  private static BatchOutcome outcome(List<Trade> disputed, BatchOutcome outcome) {
    // The source may also have these ids at keys that nobody asked about.
    Set<TradeKey> open = disputed.stream().map(Trade::key).collect(toCollection(HashSet::new));
    List<TradeKey> written = outcome.written().stream().filter(open::contains).toList();
    List<TradeKey> known = outcome.known().stream().filter(open::contains).toList();
    List<TradeKey> failed = outcome.failed().stream().filter(open::contains).toList();
    Stream.of(written, known, failed).forEach(open::removeAll);
    return new BatchOutcome(
        written, known, open.stream().sorted().toList(), failed, outcome.marked());
  }

  /** Sorts the rows of an id into trades to write and failures to mark. */
  private static void sort(
      List<SourceRow> ofId, KeyRange scope, List<Repair> trades, List<TradeFailure> unreadable) {
    for (TradeKey key : ofId.stream().map(SourceRow::key).distinct().toList()) {
      if (!scope.contains(key)) {
        continue;
      }
      List<SourceRow> here = SourceRow.at(key, ofId);
      Optional<RowProblem> problem = RowProblem.find(here, ofId);
      SourceRow written = problem.isPresent() ? problem.get().written() : here.get(0);
      Trade trade = written == null ? null : written.trade();
      if (trade != null) {
        trades.add(new Repair.Write(trade));
      }
      problem.ifPresent(found -> unreadable.add(found.failure()));
    }
  }

  private BatchOutcome marked(
      BatchOutcome outcome, List<TradeFailure> unreadable, WriteContext context) {
    List<TradeFailure> marks =
        unreadable.stream()
            .filter(failure -> !outcome.failed().contains(failure.key()))
            .sorted(Comparator.comparing(TradeFailure::key))
            .toList();
    return outcome.withFailed(
        marks.stream().map(TradeFailure::key).toList(), writer.markUnreadable(marks, context));
  }
}
