package io.tradesync.internal.write;

import static java.util.stream.Collectors.counting;
import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.toMap;
import static java.util.stream.Collectors.toSet;

import io.tradesync.KeyRange;
import io.tradesync.Side;
import io.tradesync.SideUnavailableException;
import io.tradesync.Trade;
import io.tradesync.TradeKey;
import io.tradesync.TradesyncException;
import io.tradesync.internal.failure.FailureClassifier;
import io.tradesync.internal.failure.FailureText;
import io.tradesync.internal.failure.Retries;
import io.tradesync.spi.AnalyticsSink;
import io.tradesync.spi.FailureKind;
import io.tradesync.spi.TradeBatch;
import io.tradesync.spi.TradeSource;
import io.tradesync.spi.TransactionalSink;
import io.tradesync.spi.log.Claim;
import io.tradesync.spi.log.ClaimMode;
import io.tradesync.spi.log.ClaimRequest;
import io.tradesync.spi.log.FencingToken;
import io.tradesync.spi.log.LeaseLostException;
import io.tradesync.spi.log.LogTransaction;
import io.tradesync.spi.log.SyncLog;
import io.tradesync.spi.log.TradeFailure;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one path by which trades get into the store, from runs and live alike: claimed in the log and
 * written to the sink in one transaction. Thread-safe.
 */
public final class BatchWriter {

  private static final Logger LOG = LoggerFactory.getLogger(BatchWriter.class);

  /**
   * Who writes.
   *
   * @param fence the lease, null for the live path
   * @param runId the run, empty for the live path
   * @param mode how far to go against what the log holds
   * @param failureStreak counts what failed
   */
  public record Writer(
      @Nullable FencingToken fence, String runId, ClaimMode mode, FailureStreak failureStreak) {

    /**
     * A writer whose batches have not failed yet.
     *
     * @param fence the lease, null for the live path
     * @param runId the run, empty for the live path
     * @param mode how far to go against what the log holds
     */
    public Writer(@Nullable FencingToken fence, String runId, ClaimMode mode) {
      this(fence, runId, mode, new FailureStreak());
    }

    /**
     * The live path.
     *
     * @param mode how far to go against what the log holds
     * @return a writer without a lease
     */
    public static Writer live(ClaimMode mode) {
      return new Writer(null, "", mode);
    }
  }

  /** What became of a batch, and what the source has yet to decide. */
  private record Result(BatchOutcome outcome, List<Trade> disputed, List<Failed> failed) {
    static final Result NOTHING = new Result(BatchOutcome.NOTHING, List.of(), List.of());

    static Result failed(List<Failed> failed) {
      List<TradeKey> keys = failed.stream().map(each -> each.repair.key()).toList();
      return new Result(BatchOutcome.failed(keys), List.of(), failed);
    }

    Result plus(Result other) {
      return new Result(
          outcome.plus(other.outcome),
          joined(disputed, other.disputed),
          joined(failed, other.failed));
    }
  }

  /** What failed for good, and is to be marked. */
  private record Failed(Repair repair, String reason, FailureKind kind) {

    TradeFailure marked(boolean othersDidNot) {
      boolean ofData = kind == FailureKind.DATA || (kind == FailureKind.UNKNOWN && othersDidNot);
      long fingerprint =
          repair instanceof Repair.Write write
              ? write.trade().fingerprint()
              : TradeFailure.RETRACTION;
      return new TradeFailure(repair.key(), fingerprint, reason, ofData);
    }
  }

  /** Repairs to be made in one transaction, and how far the last attempt came. */
  private final class Attempt implements Callable<Result> {
    private final List<Repair> repairs;
    private final Writer writer;
    private boolean begun;
    private boolean sending;
    private List<Repair> offered = List.of();
    private Set<TradeKey> back = Set.of();

    Attempt(List<Repair> repairs, Writer writer) {
      this.repairs = repairs;
      this.writer = writer;
    }

    @Override
    public Result call() throws Exception {
      begun = false;
      sending = false;
      // Before each attempt: pauses lie between them, in which a trade can come back.
      back = back(repairs);
      offered = repairs.stream().filter(repair -> !back.contains(repair.key())).toList();
      if (offered.isEmpty()) {
        return new Result(allKnown(back), List.of(), List.of());
      }
      return log.transact(writer.fence, this::claimAndSend);
    }

    private Result claimAndSend(LogTransaction transaction) throws Exception {
      begun = true;
      Claim claim = transaction.claim(request());
      if (!claim.changes().isEmpty()) {
        boolean forced = writer.mode == ClaimMode.FORCE;
        String scope = forced ? log.service() + " " + writer.runId : log.service();
        String key = IdempotencyKeys.of(scope, claim.changes());
        sending = true;
        send(new TradeBatch(log.service(), key, forced, claim.changes()), transaction);
        sending = false;
      }
      return new Result(outcome(offered, claim).plus(allKnown(back)), claim.disputed(), List.of());
    }

    private ClaimRequest request() {
      List<Trade> trades = new ArrayList<>();
      List<TradeKey> retractions = new ArrayList<>();
      for (Repair repair : offered) {
        if (repair instanceof Repair.Write write) {
          trades.add(write.trade());
        } else {
          retractions.add(repair.key());
        }
      }
      return new ClaimRequest(trades, retractions, writer.mode, sink.capabilities(), writer.runId);
    }

    /** Where it failed: a sink in the log's transaction is the store. */
    Side side(Exception failure) {
      if (failure instanceof SideUnavailableException unavailable) {
        return unavailable.side();
      }
      return sending && !(sink instanceof TransactionalSink) ? Side.SINK : Side.STORE;
    }
  }

  private final TradeSource source;
  private final SyncLog log;
  private final AnalyticsSink sink;
  private final FailureClassifier failures;
  private final Retries retries;
  private final int maxFailedBatches;
  private final int parkAfter;

  /**
   * Makes a writer.
   *
   * @param source decides where a trade contradicts the log; with retries
   * @param log the log
   * @param sink the sink
   * @param failures sorts what goes wrong
   * @param retries tries again
   * @param maxFailedBatches how many batches of a run may fail on the network one after the other
   * @param parkAfter in how many runs a trade may fail before it is parked
   */
  public BatchWriter(
      TradeSource source,
      SyncLog log,
      AnalyticsSink sink,
      FailureClassifier failures,
      Retries retries,
      int maxFailedBatches,
      int parkAfter) {
    this.source = source;
    this.log = log;
    this.sink = sink;
    this.failures = failures;
    this.retries = retries;
    this.maxFailedBatches = maxFailedBatches;
    this.parkAfter = parkAfter;
  }

  /**
   * Puts trades right. A failure that passes is tried again; one of the data is narrowed down to
   * the trades that cause it, which are marked. What contradicts the log is asked of the source by
   * id, which decides; and just before a trade is retracted, the source is asked whether it is
   * back.
   *
   * @param repairs repairs in key order, each key once; at least one
   * @param writer who writes
   * @param scope which trades count
   * @return what became of each
   * @throws SideUnavailableException if a side is gone; these trades are then not marked
   * @throws LeaseLostException if the lease was taken over; nothing was committed
   * @throws TradesyncException if the thread was interrupted; these trades are then not marked
   */
  public BatchOutcome write(List<Repair> repairs, Writer writer, KeyRange scope) {
    Map<String, Long> ids =
        repairs.stream().collect(groupingBy(repair -> repair.key().id(), counting()));
    List<Repair> clear = new ArrayList<>();
    List<Trade> disputed = new ArrayList<>();
    for (Repair repair : repairs) {
      // Two pages of the source, read at different moments, can show one id at two keys.
      if (repair instanceof Repair.Write write && ids.getOrDefault(repair.key().id(), 1L) > 1) {
        disputed.add(write.trade());
      } else {
        clear.add(repair);
      }
    }
    BatchOutcome outcome = BatchOutcome.NOTHING;
    if (!clear.isEmpty()) {
      Result first = whole(clear, writer);
      outcome = outcome.plus(first.outcome);
      disputed.addAll(first.disputed);
    }
    return disputed.isEmpty() ? outcome : outcome.plus(confirm(disputed, writer, scope));
  }

  /**
   * Tells whether several batches can share a transaction: only where the sink is part of it, since
   * any other one has to know a batch by its key when it gets it once more.
   *
   * @return whether {@link #writeGroup} may be called
   */
  public boolean canWriteGroups() {
    return sink instanceof TransactionalSink;
  }

  /**
   * Puts the trades of several batches right in one transaction. It is tried once, and nothing is
   * found out about a failure: {@link #write} of each batch does that, so that a batch fails for
   * what is in it alone.
   *
   * @param batches batches as for {@link #write}, in key order
   * @param writer who writes
   * @param scope which trades count
   * @return what became of each batch; empty if nothing was written
   * @throws SideUnavailableException if the source is gone
   * @throws LeaseLostException if the lease was taken over; nothing was committed
   */
  public Optional<List<BatchOutcome>> writeGroup(
      List<List<Repair>> batches, Writer writer, KeyRange scope) {
    List<Repair> repairs = batches.stream().flatMap(List::stream).toList();
    if (repairs.stream().map(repair -> repair.key().id()).distinct().count() < repairs.size()) {
      return Optional.empty();
    }
    Result result;
    try {
      result = new Attempt(repairs, writer).call();
    } catch (LeaseLostException e) {
      throw e;
    } catch (Exception e) {
      LOG.debug("{} batches are written one by one: {}", batches.size(), FailureText.reason(e));
      return Optional.empty();
    }
    writer.failureStreak.succeeded();
    Set<TradeKey> known = Set.copyOf(result.outcome.known());
    Map<TradeKey, Trade> disputed =
        result.disputed.stream().collect(toMap(Trade::key, trade -> trade));
    List<BatchOutcome> outcomes = new ArrayList<>();
    for (List<Repair> batch : batches) {
      outcomes.add(share(batch, known, disputed, writer, scope));
    }
    return Optional.of(outcomes);
  }

  private BatchOutcome share(
      List<Repair> batch,
      Set<TradeKey> known,
      Map<TradeKey, Trade> disputed,
      Writer writer,
      KeyRange scope) {
    List<TradeKey> written = new ArrayList<>();
    List<TradeKey> knownHere = new ArrayList<>();
    List<Trade> disputedHere = new ArrayList<>();
    for (Repair repair : batch) {
      TradeKey key = repair.key();
      Trade contradicting = disputed.get(key);
      if (contradicting != null) {
        disputedHere.add(contradicting);
      } else {
        (known.contains(key) ? knownHere : written).add(key);
      }
    }
    BatchOutcome outcome = new BatchOutcome(written, knownHere, List.of(), List.of());
    return disputedHere.isEmpty() ? outcome : outcome.plus(confirm(disputedHere, writer, scope));
  }

  /** Trades that were to be retracted and are at the source again. */
  private Set<TradeKey> back(List<Repair> repairs) {
    Set<TradeKey> retracted = new LinkedHashSet<>();
    for (Repair repair : repairs) {
      if (repair instanceof Repair.Retract) {
        retracted.add(repair.key());
      }
    }
    if (retracted.isEmpty()) {
      return Set.of();
    }
    return source.byIds(retracted.stream().map(TradeKey::id).toList()).stream()
        .map(Trade::key)
        .filter(retracted::contains)
        .collect(toSet());
  }

  /**
   * Asks the source by id about trades that contradict the log, or each other, and writes what it
   * says.
   *
   * @param disputed the trades; at least one
   * @param writer who writes
   * @param scope which trades count
   * @return what became of each; a trade that the source has at another key, or with other content
   *     than the sink understands, is disputed
   */
  public BatchOutcome confirm(List<Trade> disputed, Writer writer, KeyRange scope) {
    List<Trade> now =
        source.byIds(disputed.stream().map(Trade::id).distinct().toList()).stream()
            .filter(trade -> scope.contains(trade.key()))
            .toList();
    Set<TradeKey> open = new HashSet<>();
    disputed.forEach(trade -> open.add(trade.key()));
    BatchOutcome outcome = BatchOutcome.NOTHING;
    if (!now.isEmpty()) {
      Writer confirmed =
          new Writer(writer.fence, writer.runId, ClaimMode.CONFIRMED, writer.failureStreak);
      outcome = whole(now.stream().<Repair>map(Repair.Write::new).toList(), confirmed).outcome;
      open.removeAll(outcome.written());
      open.removeAll(outcome.known());
      open.removeAll(outcome.failed());
    }
    // A trade that the source has at another key is settled there, and was asked for here.
    return new BatchOutcome(
        asked(outcome.written(), disputed),
        asked(outcome.known(), disputed),
        open.stream().sorted().toList(),
        asked(outcome.failed(), disputed));
  }

  private static List<TradeKey> asked(List<TradeKey> keys, List<Trade> disputed) {
    Set<TradeKey> asked = new HashSet<>();
    disputed.forEach(trade -> asked.add(trade.key()));
    return keys.stream().filter(asked::contains).toList();
  }

  private Result whole(List<Repair> repairs, Writer writer) {
    Attempt whole = new Attempt(repairs, writer);
    try {
      Result result = retries.patiently(whole);
      writer.failureStreak.succeeded();
      return result;
    } catch (LeaseLostException e) {
      throw e;
    } catch (Exception e) {
      endIfSourceIsGone(e);
      if (failures.isConnectionFailure(e)) {
        openIfTooMany(whole, e);
      }
      Result result = afterLastAttempt(whole, e);
      mark(whole, result.failed);
      return result;
    }
  }

  // Whether a trade is back cannot be told then, and it is no failure of these trades.
  private static void endIfSourceIsGone(Exception failure) {
    if (failure instanceof SideUnavailableException gone && gone.side() == Side.SOURCE) {
      throw gone;
    }
  }

  private void openIfTooMany(Attempt whole, Exception failure) {
    int inARow = whole.writer.failureStreak.failed();
    if (inARow >= maxFailedBatches) {
      String reason =
          inARow + " batches in a row failed, the last one with: " + FailureText.reason(failure);
      throw SideUnavailableException.unreachable(whole.side(failure), reason, failure);
    }
  }

  private Result part(List<Repair> repairs, Writer writer) {
    if (repairs.isEmpty()) {
      return Result.NOTHING;
    }
    Attempt part = new Attempt(repairs, writer);
    try {
      return retries.call(part);
    } catch (LeaseLostException e) {
      throw e;
    } catch (Exception e) {
      endIfSourceIsGone(e);
      return afterLastAttempt(part, e);
    }
  }

  private static BatchOutcome allKnown(Set<TradeKey> keys) {
    return new BatchOutcome(List.of(), keys.stream().sorted().toList(), List.of(), List.of());
  }

  private static BatchOutcome outcome(List<Repair> repairs, Claim claim) {
    Set<TradeKey> notWritten = new HashSet<>();
    Stream.concat(claim.known().stream(), claim.disputed().stream())
        .forEach(trade -> notWritten.add(trade.key()));
    return new BatchOutcome(
        repairs.stream().map(Repair::key).filter(key -> !notWritten.contains(key)).toList(),
        claim.known().stream().map(Trade::key).toList(),
        List.of(),
        List.of());
  }

  private void send(TradeBatch batch, LogTransaction transaction) throws Exception {
    try {
      if (sink instanceof TransactionalSink<?> joining) {
        join(joining, batch, transaction);
      } else {
        sink.write(batch);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw e;
    }
  }

  private static <T> void join(TransactionalSink<T> sink, TradeBatch batch, LogTransaction log)
      throws Exception {
    sink.write(batch, sink.transactionType().cast(log.handle()));
  }

  private Result afterLastAttempt(Attempt failed, Exception failure) {
    List<Repair> repairs = failed.repairs;
    if (Thread.currentThread().isInterrupted()) {
      throw new TradesyncException(
          "interrupted while writing " + repairs.size() + " trades", failure);
    }
    if (failures.isConnectionFailure(failure)) {
      if (!failed.begun) {
        // Not even a transaction could be had: nothing was found out about these trades.
        throw unavailable(failed.side(failure), failure);
      }
      probe(failure);
      return failed(repairs, failure);
    }
    Map<TradeKey, String> named = FailureClassifier.badTrades(failure);
    if (repairs.stream().anyMatch(repair -> named.containsKey(repair.key()))) {
      return withoutNamed(failed, named);
    }
    return isolate(failed, failure);
  }

  private static SideUnavailableException unavailable(Side side, Exception failure) {
    return failure instanceof SideUnavailableException unavailable
        ? unavailable
        : SideUnavailableException.unreachable(side, FailureText.reason(failure), failure);
  }

  private Result withoutNamed(Attempt failed, Map<TradeKey, String> named) {
    List<Failed> bad = new ArrayList<>();
    List<Repair> good = new ArrayList<>();
    for (Repair repair : failed.repairs) {
      String reason = named.get(repair.key());
      if (reason == null) {
        good.add(repair);
      } else {
        bad.add(new Failed(repair, FailureText.singleLine(reason), FailureKind.DATA));
      }
    }
    return Result.failed(bad).plus(part(good, failed.writer));
  }

  /**
   * Finds a bad trade by halving, with one transaction a step: where the first half fails, it is
   * there, and the second half is put aside; where it succeeds, it is in the other one. What was
   * put aside is written in one go at the end, and may hold more of its kind.
   */
  private Result isolate(Attempt failed, Exception failure) {
    Writer writer = failed.writer;
    Result done = Result.NOTHING;
    List<Repair> suspects = failed.repairs;
    List<Repair> aside = List.of();
    Exception reason = failure;
    boolean triedAlone = suspects.size() == 1;
    while (suspects.size() > 1) {
      LOG.debug("{} trades failed, halving: {}", suspects.size(), FailureText.reason(reason));
      int half = suspects.size() / 2;
      List<Repair> second = suspects.subList(half, suspects.size());
      Attempt first = new Attempt(suspects.subList(0, half), writer);
      try {
        done = done.plus(retries.call(first));
        suspects = second;
        triedAlone = false;
      } catch (LeaseLostException e) {
        throw e;
      } catch (Exception e) {
        if (failures.isConnectionFailure(e)
            || !FailureClassifier.badTrades(e).isEmpty()
            || Thread.currentThread().isInterrupted()) {
          return done.plus(afterLastAttempt(first, e))
              .plus(part(second, writer))
              .plus(part(aside, writer));
        }
        aside = joined(second, aside);
        suspects = first.repairs;
        reason = e;
        triedAlone = half == 1;
      }
    }
    return done.plus(triedAlone ? failed(suspects, reason) : part(suspects, writer))
        .plus(part(aside, writer));
  }

  private static <T> List<T> joined(List<T> first, List<T> second) {
    List<T> both = new ArrayList<>(first);
    both.addAll(second);
    return both;
  }

  private Result failed(List<Repair> repairs, Exception failure) {
    String reason = FailureText.reason(failure);
    FailureKind kind = failures.kind(failure);
    return Result.failed(repairs.stream().map(repair -> new Failed(repair, reason, kind)).toList());
  }

  private void mark(Attempt whole, List<Failed> failed) {
    if (failed.isEmpty()) {
      return;
    }
    LOG.warn(
        "{} trades from {} to {} failed: {}",
        failed.size(),
        failed.get(0).repair.key(),
        failed.get(failed.size() - 1).repair.key(),
        failed.get(0).reason);
    // Where every trade failed for a reason that nobody knows, it may well not be the trades.
    boolean othersDidNot = whole.repairs.size() == 1 || failed.size() < whole.repairs.size();
    List<TradeFailure> marked =
        failed.stream()
            .map(each -> each.marked(othersDidNot))
            .sorted(Comparator.comparing(TradeFailure::key))
            .toList();
    retries.run(Side.STORE, () -> log.entries().markFailed(marked, whole.writer.runId, parkAfter));
  }

  /** Asks both ends of the way that failed whether they answer. */
  private void probe(Exception failure) {
    retries.runBriefly(Side.STORE, log::probe);
    retries.runBriefly(Side.SINK, sink::probe);
    LOG.debug("both sides answer, so the batch alone has failed", failure);
  }

  /**
   * Lets the sink do its deferred work, until nothing is left.
   *
   * @param writer who writes
   */
  public void completeDeferred(Writer writer) {
    if (sink instanceof TransactionalSink<?> joining) {
      while (completeDeferred(joining, writer)) {
        LOG.debug("the sink has more deferred work");
      }
    }
  }

  private <T> boolean completeDeferred(TransactionalSink<T> joining, Writer writer) {
    return retries.on(
        Side.STORE,
        () ->
            log.transact(
                writer.fence,
                transaction ->
                    joining.completeDeferred(
                        joining.transactionType().cast(transaction.handle()))));
  }
}
