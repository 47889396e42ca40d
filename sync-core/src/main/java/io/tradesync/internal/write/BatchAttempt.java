package io.tradesync.internal.write;

import static java.util.stream.Collectors.toSet;

import io.tradesync.Side;
import io.tradesync.SideUnavailableException;
import io.tradesync.Trade;
import io.tradesync.TradeKey;
import io.tradesync.internal.failure.FailureClassifier;
import io.tradesync.internal.failure.FailureText;
import io.tradesync.internal.rows.RowsById;
import io.tradesync.internal.rows.SourceRow;
import io.tradesync.spi.SinkCapability;
import io.tradesync.spi.SourcePage;
import io.tradesync.spi.TradeBatch;
import io.tradesync.spi.TradeChange;
import io.tradesync.spi.TradeSource;
import io.tradesync.spi.log.Claim;
import io.tradesync.spi.log.ClaimMode;
import io.tradesync.spi.log.ClaimRequest;
import io.tradesync.spi.log.HandedOut;
import io.tradesync.spi.log.LogTransaction;
import io.tradesync.spi.log.SyncLog;
import io.tradesync.spi.log.TransactionMisusedException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One attempt to make repairs in one transaction: claims them in the log and sends them to the
 * sink. For a sink outside the log's transaction they are handed out before, in a transaction of
 * its own; a later attempt sends the same changes. Each call is a new attempt, and the object knows
 * how far the last one came. Used by one thread.
 */
final class BatchAttempt implements Callable<BatchResult> {

  private static final Logger LOG = LoggerFactory.getLogger(BatchAttempt.class);

  private final TradeSource source;
  private final SyncLog log;
  private final SinkWriter sink;
  private final WriteContext context;
  private final List<Repair> repairs;
  private @Nullable HandedOut handedOut;
  private int sent;
  private boolean transactionBegun;
  private boolean sinkIsWriting;

  /** Takes what was handed out for these repairs already; null if nothing was. */
  BatchAttempt(
      TradeSource source,
      SyncLog log,
      SinkWriter sink,
      WriteContext context,
      List<Repair> repairs,
      @Nullable HandedOut handedOut) {
    this.source = source;
    this.log = log;
    this.sink = sink;
    this.context = context;
    this.repairs = repairs;
    this.handedOut = handedOut;
  }

  /** Returns an attempt at other repairs in the same context. */
  BatchAttempt at(List<Repair> others) {
    BatchAttempt attempt = new BatchAttempt(source, log, sink, context, others, handedOut);
    attempt.sent = sent;
    return attempt;
  }

  List<Repair> repairs() {
    return repairs;
  }

  boolean hasBegunTransaction() {
    return transactionBegun;
  }

  /** Returns the side that the last attempt failed at. */
  Side failedSide(Exception failure) {
    if (sinkIsWriting
        || FailureClassifier.cause(failure, TransactionMisusedException.class).isPresent()) {
      return Side.SINK;
    }
    return failure instanceof SideUnavailableException unavailable
        ? unavailable.side()
        : Side.STORE;
  }

  @Override
  public BatchResult call() throws Exception {
    return RequestedWait.call(this::once, context::isCancelled);
  }

  private BatchResult once() throws Exception {
    transactionBegun = false;
    sinkIsWriting = false;
    // Asked before each attempt: a trade can come back in the pause between two of them.
    Set<TradeKey> notRetracted = new HashSet<>();
    BatchOutcome outcome = askAboutRetracted(notRetracted);
    List<Repair> due =
        repairs.stream().filter(repair -> !notRetracted.contains(repair.key())).toList();
    if (due.isEmpty()) {
      return new BatchResult(outcome, List.of(), List.of());
    }
    BatchResult result =
        sink.recordsBeforeWrite() ? sendHandedOut(due) : written(due, claimAndSend(due));
    return new BatchResult(result.outcome().plus(outcome), result.disputed(), List.of());
  }

  private Claim claimAndSend(List<Repair> due) throws Exception {
    return context.transact(log, transaction -> claimAndSend(request(due), context, transaction));
  }

  private static BatchResult written(List<Repair> due, Claim claim) {
    return new BatchResult(outcome(due, claim), claim.disputed(), List.of());
  }

  /** Hands repairs out in a transaction of its own, if they are not yet; then sends them. */
  private BatchResult sendHandedOut(List<Repair> due) throws Exception {
    HandedOut known = handedOut;
    if (known == null) {
      known = handOut(request(due), context);
      handedOut = known;
    }
    Claim claim = known.claim();
    Set<String> ids = due.stream().map(repair -> repair.key().id()).collect(toSet());
    List<TradeChange> changes =
        claim.changes().stream().filter(change -> ids.contains(change.key().id())).toList();
    Set<TradeChange> stale = new HashSet<>(changes);
    if (!changes.isEmpty()) {
      stale.removeAll(sendCurrent(changes, context));
    }
    // Another path handed out something newer: the source decides what is right now.
    List<Trade> disputed = new ArrayList<>();
    List<Trade> knownTrades = new ArrayList<>();
    Set<TradeKey> dueKeys = due.stream().map(Repair::key).collect(toSet());
    claim.disputed().stream().filter(trade -> dueKeys.contains(trade.key())).forEach(disputed::add);
    claim.known().stream().filter(trade -> dueKeys.contains(trade.key())).forEach(knownTrades::add);
    stale.stream()
        .flatMap(change -> change.after().stream())
        .filter(trade -> dueKeys.contains(trade.key()))
        .forEach(disputed::add);
    disputed.sort(Comparator.comparing(Trade::key));
    return written(due, new Claim(changes, knownTrades, disputed));
  }

  /** Hands all repairs out, which must hold no retraction. */
  HandedOut handOut() throws Exception {
    return handOut(request(repairs), context);
  }

  private HandedOut handOut(ClaimRequest request, WriteContext writing) throws Exception {
    return writing.transact(
        log,
        transaction -> {
          transactionBegun = true;
          return transaction.handOut(request);
        });
  }

  /** Sends those of handed-out changes that are still the last ones of their ids. */
  private List<TradeChange> sendCurrent(List<TradeChange> changes, WriteContext writing)
      throws Exception {
    return writing.transact(
        log,
        transaction -> {
          transactionBegun = true;
          List<TradeChange> current = transaction.settle(changes, writing.runId());
          if (!current.isEmpty()) {
            sent++;
            send(batch(current, writing), transaction);
          }
          return current;
        });
  }

  /**
   * Takes back the hand-outs of trades that the sink refused by name, unless an earlier attempt at
   * them may have reached it.
   */
  void withdrawRefused(Set<TradeKey> refused) {
    HandedOut given = handedOut;
    if (given == null || sent != 1) {
      return;
    }
    List<TradeChange> changes =
        given.claim().changes().stream()
            .filter(change -> refused.contains(change.key()))
            .filter(change -> !given.repeated().contains(change.key().id()))
            .toList();
    if (!changes.isEmpty()) {
      try {
        boolean ignored =
            context.transact(
                log,
                transaction -> {
                  transaction.withdraw(changes);
                  return true;
                });
      } catch (Exception e) {
        LOG.debug("refused trades stay perhaps in the sink: {}", FailureText.reason(e));
      }
    }
  }

  /**
   * Asks the source for the trades to be retracted, and writes those that moved, if the sink must
   * learn that their ids are at other keys.
   *
   * @param notRetracted gets the keys that are not retracted: those of trades that are back or were
   *     written, and those whose ids the source has in a row that is no trade, or in several rows,
   *     or outside the key order, which are kept until that is clear
   */
  private BatchOutcome askAboutRetracted(Set<TradeKey> notRetracted) throws Exception {
    Map<String, List<TradeKey>> retracted = new LinkedHashMap<>();
    for (Repair repair : repairs) {
      if (repair instanceof Repair.Retract) {
        retracted.computeIfAbsent(repair.key().id(), id -> new ArrayList<>(1)).add(repair.key());
      }
    }
    BatchOutcome outcome = BatchOutcome.NOTHING;
    for (SourcePage<Trade> answer : RowsById.of(source, retracted.keySet())) {
      Map<TradeKey, Trade> atSource = new TreeMap<>();
      List<TradeKey> unclear = new ArrayList<>();
      sortRetracted(answer, retracted, atSource, unclear);
      notRetracted.addAll(atSource.keySet());
      notRetracted.addAll(unclear);
      outcome = outcome.plus(writeMoved(atSource)).plus(BatchOutcome.of(List.of(), unclear));
    }
    return outcome;
  }

  /** Sorts the keys to be retracted whose ids the source has. */
  private void sortRetracted(
      SourcePage<Trade> answer,
      Map<String, List<TradeKey>> retracted,
      Map<TradeKey, Trade> atSource,
      List<TradeKey> unclear) {
    Map<String, List<SourceRow>> byId = SourceRow.byId(answer);
    Set<String> ids = new HashSet<>(byId.keySet());
    ids.addAll(answer.idsOutsideKeyOrder());
    List<TradeKey> keys =
        ids.stream()
            .flatMap(id -> retracted.getOrDefault(id, List.of()).stream())
            .sorted()
            .toList();
    for (TradeKey key : keys) {
      List<SourceRow> rows = byId.getOrDefault(key.id(), List.of());
      Trade now = rows.size() == 1 ? rows.get(0).trade() : null;
      if (now != null && (now.key().equals(key) || isWrittenInstead(now))) {
        atSource.put(key, now);
      } else if (now == null) {
        unclear.add(key);
      }
    }
  }

  // A sink that goes by revisions would take a retraction for newer than what it has at the new
  // key.
  private boolean isWrittenInstead(Trade moved) {
    return sink.usesRevisions()
        && context.scope().contains(moved.key())
        && sink.capabilities().containsAll(EnumSet.allOf(SinkCapability.class));
  }

  /**
   * Writes trades again that left the keys to be retracted, in a claim that retracts these keys.
   */
  private BatchOutcome writeMoved(Map<TradeKey, Trade> atSource) throws Exception {
    List<TradeKey> returned = new ArrayList<>();
    List<TradeKey> left = new ArrayList<>();
    SortedMap<TradeKey, Trade> moved = new TreeMap<>();
    atSource.forEach(
        (key, now) -> {
          if (now.key().equals(key)) {
            returned.add(key);
          } else {
            left.add(key);
            moved.put(now.key(), now);
          }
        });
    if (!left.isEmpty()) {
      WriteContext confirmed = context.confirmed();
      ClaimRequest request = request(List.copyOf(moved.values()), left, confirmed);
      if (sink.recordsBeforeWrite()) {
        List<TradeChange> changes = handOut(request, confirmed).claim().changes();
        List<TradeChange> ignored = changes.isEmpty() ? List.of() : sendCurrent(changes, confirmed);
      } else {
        Claim ignored =
            context.transact(log, transaction -> claimAndSend(request, confirmed, transaction));
      }
    }
    return BatchOutcome.of(left, returned);
  }

  private Claim claimAndSend(ClaimRequest request, WriteContext writing, LogTransaction transaction)
      throws Exception {
    transactionBegun = true;
    OptionalLong retainedSince = transaction.retainedSince();
    Claim claim =
        retainedSince.isEmpty()
            ? transaction.claim(request)
            : claimAbove(retainedSince.getAsLong(), request, transaction);
    checkMoves(claim);
    if (!claim.changes().isEmpty()) {
      send(batch(claim.changes(), writing), transaction);
    }
    return claim;
  }

  // The source was asked about a trade that moves when the log had it where it was seen. What the
  // log has elsewhere now is newer than that answer.
  private void checkMoves(Claim claim) {
    Map<String, Repair.Write> moves = new HashMap<>();
    for (Repair repair : repairs) {
      if (repair instanceof Repair.Write write && write.leaves() != null) {
        moves.put(write.key().id(), write);
      }
    }
    for (TradeChange change : claim.changes()) {
      Repair.Write move = moves.get(change.key().id());
      if (move != null && !change.before().map(move::wasSeenAt).orElse(true)) {
        throw new IllegalStateException("the log has moved " + change.key() + " meanwhile");
      }
    }
  }

  // The boundary can have passed trades since they were read. What is below it is left alone, also
  // the old key of a trade that moves from there.
  private Claim claimAbove(long retainedSince, ClaimRequest request, LogTransaction transaction)
      throws Exception {
    List<Trade> trades = new ArrayList<>();
    List<Trade> dropped = new ArrayList<>();
    for (Trade trade : request.trades()) {
      (trade.epochSecond() < retainedSince ? dropped : trades).add(trade);
    }
    List<TradeKey> retractions =
        request.retractions().stream().filter(key -> key.epochSecond() >= retainedSince).toList();
    if (trades.isEmpty() && retractions.isEmpty()) {
      return new Claim(List.of(), dropped, List.of());
    }
    Claim claim =
        transaction.claim(
            new ClaimRequest(
                trades,
                retractions,
                request.mode(),
                request.capabilities(),
                request.runId(),
                request.revisions()));
    List<TradeChange> changes = new ArrayList<>();
    for (TradeChange change : claim.changes()) {
      boolean oldIsKept =
          change.before().filter(key -> key.epochSecond() < retainedSince).isEmpty();
      if (oldIsKept) {
        changes.add(change);
      } else if (change instanceof TradeChange.Replace replace) {
        changes.add(new TradeChange.Insert(replace.trade(), replace.revision()));
      }
    }
    List<Trade> known = new ArrayList<>(dropped);
    known.addAll(claim.known());
    return new Claim(changes, known, claim.disputed());
  }

  private void send(TradeBatch batch, LogTransaction transaction) throws Exception {
    sinkIsWriting = true;
    try {
      sink.write(batch, transaction);
    } catch (InterruptedException e) {
      if (context.mayBeInterrupted()) {
        Thread.currentThread().interrupt();
      }
      throw e;
    } finally {
      clearInterruptOfTheSink();
    }
    sinkIsWriting = false;
  }

  // A worker of a run that nobody cancelled was interrupted by no other than the sink.
  private void clearInterruptOfTheSink() {
    if (!context.mayBeInterrupted()) {
      boolean ignored = Thread.interrupted();
    }
  }

  private ClaimRequest request(List<Repair> due) {
    List<Trade> trades = new ArrayList<>();
    List<TradeKey> retractions = new ArrayList<>();
    for (Repair repair : due) {
      if (repair instanceof Repair.Write write) {
        trades.add(write.trade());
      } else {
        retractions.add(repair.key());
      }
    }
    return request(trades, retractions, context);
  }

  private ClaimRequest request(
      List<Trade> trades, List<TradeKey> retractions, WriteContext writing) {
    return new ClaimRequest(
        trades,
        retractions,
        writing.mode(),
        sink.capabilities(),
        writing.runId(),
        sink.usesRevisions());
  }

  private TradeBatch batch(List<TradeChange> changes, WriteContext writing) {
    String service = log.service();
    boolean forced = writing.mode() == ClaimMode.FORCE;
    String key = sink.usesRevisions() ? IdempotencyKeys.of(service, changes) : "";
    return new TradeBatch(service, key, forced, changes);
  }

  private static BatchOutcome outcome(List<Repair> due, Claim claim) {
    Set<TradeKey> notWritten = new HashSet<>();
    claim.known().forEach(trade -> notWritten.add(trade.key()));
    claim.disputed().forEach(trade -> notWritten.add(trade.key()));
    return BatchOutcome.of(
        due.stream().map(Repair::key).filter(key -> !notWritten.contains(key)).toList(),
        claim.known().stream().map(Trade::key).toList());
  }
}
