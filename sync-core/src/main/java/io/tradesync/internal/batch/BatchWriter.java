package io.tradesync.internal.batch;

import static java.util.stream.Collectors.counting;
import static java.util.stream.Collectors.groupingBy;

import io.tradesync.KeyRange;
import io.tradesync.Side;
import io.tradesync.SideUnavailableException;
import io.tradesync.Trade;
import io.tradesync.TradeKey;
import io.tradesync.TradesyncException;
import io.tradesync.internal.failure.Failures;
import io.tradesync.internal.failure.Retries;
import io.tradesync.spi.AnalyticsSink;
import io.tradesync.spi.Claim;
import io.tradesync.spi.ClaimMode;
import io.tradesync.spi.FailureKind;
import io.tradesync.spi.Fence;
import io.tradesync.spi.Fingerprint;
import io.tradesync.spi.LeaseLostException;
import io.tradesync.spi.LogTransaction;
import io.tradesync.spi.Offer;
import io.tradesync.spi.SyncLog;
import io.tradesync.spi.TradeBatch;
import io.tradesync.spi.TradeFailure;
import io.tradesync.spi.TradeSource;
import io.tradesync.spi.TransactionalSink;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
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
   */
  public record Writer(@Nullable Fence fence, String runId, ClaimMode mode) {

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
  private record Attempt(BatchOutcome outcome, List<Trade> disputed) {
    Attempt plus(Attempt other) {
      List<Trade> both = new ArrayList<>(disputed);
      both.addAll(other.disputed);
      return new Attempt(outcome.plus(other.outcome), both);
    }
  }

  private final TradeSource source;
  private final SyncLog log;
  private final AnalyticsSink sink;
  private final Failures failures;
  private final Retries retries;

  /**
   * Makes a writer.
   *
   * @param source decides where a trade contradicts the log; with retries
   * @param log the log
   * @param sink the sink
   * @param failures sorts what goes wrong
   * @param retries tries again
   */
  public BatchWriter(
      TradeSource source, SyncLog log, AnalyticsSink sink, Failures failures, Retries retries) {
    this.source = source;
    this.log = log;
    this.sink = sink;
    this.failures = failures;
    this.retries = retries;
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
  public BatchOutcome write(List<? extends Repair> repairs, Writer writer, KeyRange scope) {
    Set<TradeKey> back = back(repairs);
    Map<String, Long> ids =
        repairs.stream().collect(groupingBy(repair -> repair.key().id(), counting()));
    List<Repair> clear = new ArrayList<>();
    List<Trade> disputed = new ArrayList<>();
    for (Repair repair : repairs) {
      // Two pages of the source, read at different moments, can show one id at two keys.
      if (repair instanceof Repair.Write write && ids.getOrDefault(repair.key().id(), 1L) > 1) {
        disputed.add(write.trade());
      } else if (!back.contains(repair.key())) {
        clear.add(repair);
      }
    }
    BatchOutcome outcome = new BatchOutcome(List.of(), List.copyOf(back), List.of(), List.of());
    if (!clear.isEmpty()) {
      Attempt first = attempts(clear, writer, true);
      outcome = outcome.plus(first.outcome);
      disputed.addAll(first.disputed);
    }
    return disputed.isEmpty() ? outcome : outcome.plus(confirm(disputed, writer, scope));
  }

  /** Trades that were to be retracted and are at the source again. */
  private Set<TradeKey> back(List<? extends Repair> repairs) {
    List<String> ids =
        repairs.stream()
            .filter(repair -> repair instanceof Repair.Retract)
            .map(repair -> repair.key().id())
            .toList();
    if (ids.isEmpty()) {
      return Set.of();
    }
    Set<TradeKey> back = new HashSet<>();
    source.byIds(ids).forEach(trade -> back.add(trade.key()));
    back.retainAll(
        repairs.stream()
            .filter(repair -> repair instanceof Repair.Retract)
            .map(Repair::key)
            .toList());
    return back;
  }

  /**
   * Asks the source by id about trades that contradict the log, or each other, and writes what it
   * says.
   *
   * @param disputed the trades; at least one
   * @param writer who writes
   * @param scope which trades count
   * @return what became of each; a trade that the source has at another key, or with other content
   *     than the sink understands, is unsettled
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
      Writer confirmed = new Writer(writer.fence, writer.runId, ClaimMode.CONFIRMED);
      outcome =
          attempts(now.stream().<Repair>map(Repair.Write::new).toList(), confirmed, true).outcome;
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

  private Attempt attempts(List<Repair> repairs, Writer writer, boolean patiently) {
    try {
      return patiently
          ? retries.patiently(() -> attempt(repairs, writer))
          : retries.call(() -> attempt(repairs, writer));
    } catch (LeaseLostException e) {
      throw e;
    } catch (Exception e) {
      return afterLastAttempt(repairs, writer, e);
    }
  }

  private Attempt attempt(List<Repair> repairs, Writer writer) throws Exception {
    List<Trade> trades = new ArrayList<>();
    List<TradeKey> retractions = new ArrayList<>();
    for (Repair repair : repairs) {
      if (repair instanceof Repair.Write write) {
        trades.add(write.trade());
      } else {
        retractions.add(repair.key());
      }
    }
    Offer offer = new Offer(trades, retractions, writer.mode, sink.abilities(), writer.runId);
    return log.transact(
        writer.fence,
        transaction -> {
          Claim claim = transaction.claim(offer);
          if (!claim.changes().isEmpty()) {
            boolean forced = writer.mode == ClaimMode.FORCE;
            String scope = forced ? log.service() + " " + writer.runId : log.service();
            String key = BatchKeys.of(scope, claim.changes());
            send(new TradeBatch(log.service(), key, forced, claim.changes()), transaction);
          }
          return new Attempt(outcome(repairs, claim), claim.disputed());
        });
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

  private Attempt afterLastAttempt(List<Repair> repairs, Writer writer, Exception failure) {
    if (Thread.currentThread().isInterrupted()) {
      throw new TradesyncException(
          "interrupted while writing " + repairs.size() + " trades", failure);
    }
    FailureKind kind = failures.kind(failure);
    if (kind == FailureKind.NETWORK || kind == FailureKind.TRANSIENT) {
      probe(failure);
    } else if (repairs.size() > 1) {
      int half = repairs.size() / 2;
      LOG.debug("{} trades failed, halving: {}", repairs.size(), Failures.reason(failure));
      return attempts(repairs.subList(0, half), writer, false)
          .plus(attempts(repairs.subList(half, repairs.size()), writer, false));
    }
    mark(repairs, writer.runId, Failures.reason(failure));
    List<TradeKey> failed = repairs.stream().map(Repair::key).toList();
    return new Attempt(new BatchOutcome(List.of(), List.of(), List.of(), failed), List.of());
  }

  private void mark(List<Repair> repairs, String runId, String reason) {
    LOG.warn(
        "{} trades from {} to {} failed: {}",
        repairs.size(),
        repairs.get(0).key(),
        repairs.get(repairs.size() - 1).key(),
        reason);
    List<TradeFailure> failed =
        repairs.stream()
            .map(repair -> new TradeFailure(repair.key(), fingerprint(repair), reason))
            .toList();
    retries.on(
        Side.STORE,
        () -> {
          log.entries().markFailed(failed, runId);
          return Boolean.TRUE;
        });
  }

  private static long fingerprint(Repair repair) {
    return repair instanceof Repair.Write write ? Fingerprint.of(write.trade()) : 0;
  }

  /** Asks both ends of the way that failed whether they answer. */
  private void probe(Exception failure) {
    retries.on(
        Side.STORE,
        () -> {
          log.probe();
          return Boolean.TRUE;
        });
    retries.on(
        Side.SINK,
        () -> {
          sink.probe();
          return Boolean.TRUE;
        });
    LOG.debug("both sides answer, so the batch alone has failed", failure);
  }

  /**
   * Lets the sink do what it put off, until nothing is left.
   *
   * @param writer who writes
   */
  public void settle(Writer writer) {
    if (sink instanceof TransactionalSink<?> joining) {
      while (settle(joining, writer)) {
        LOG.debug("the sink has more to settle");
      }
    }
  }

  private <T> boolean settle(TransactionalSink<T> joining, Writer writer) {
    return retries.on(
        Side.STORE,
        () ->
            log.transact(
                writer.fence,
                transaction ->
                    joining.settle(joining.transactionType().cast(transaction.handle()))));
  }
}
