package io.tradesync.internal.batch;

import io.tradesync.Side;
import io.tradesync.SideUnavailableException;
import io.tradesync.Trade;
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
import io.tradesync.spi.SyncLog;
import io.tradesync.spi.TradeBatch;
import io.tradesync.spi.TradeFailure;
import io.tradesync.spi.TransactionalSink;
import java.util.List;
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

  private final SyncLog log;
  private final AnalyticsSink sink;
  private final Failures failures;
  private final Retries retries;

  /**
   * Makes a writer.
   *
   * @param log the log
   * @param sink the sink
   * @param failures sorts what goes wrong
   * @param retries tries again
   */
  public BatchWriter(SyncLog log, AnalyticsSink sink, Failures failures, Retries retries) {
    this.log = log;
    this.sink = sink;
    this.failures = failures;
    this.retries = retries;
  }

  /**
   * Writes trades. A failure that passes is tried again; one of the data is narrowed down to the
   * trades that cause it, which are marked.
   *
   * @param trades trades in key order, each key once; at least one
   * @param writer who writes
   * @return what became of each
   * @throws SideUnavailableException if a side is gone; these trades are then not marked
   * @throws LeaseLostException if the lease was taken over; nothing was committed
   * @throws TradesyncException if the thread was interrupted; these trades are then not marked
   */
  public BatchOutcome write(List<Trade> trades, Writer writer) {
    try {
      return retries.patiently(() -> attempt(trades, writer));
    } catch (LeaseLostException e) {
      throw e;
    } catch (Exception e) {
      return afterLastAttempt(trades, writer, e);
    }
  }

  private BatchOutcome part(List<Trade> trades, Writer writer) {
    try {
      return retries.call(() -> attempt(trades, writer));
    } catch (LeaseLostException e) {
      throw e;
    } catch (Exception e) {
      return afterLastAttempt(trades, writer, e);
    }
  }

  private BatchOutcome attempt(List<Trade> trades, Writer writer) throws Exception {
    return log.transact(
        writer.fence,
        transaction -> {
          Claim claim = transaction.claim(trades, writer.mode, writer.runId);
          if (!claim.changes().isEmpty()) {
            boolean forced = writer.mode == ClaimMode.FORCE;
            String scope = forced ? log.service() + " " + writer.runId : log.service();
            String key = BatchKeys.of(scope, claim.changes());
            send(new TradeBatch(log.service(), key, forced, claim.changes()), transaction);
          }
          return new BatchOutcome(
              claim.changes().stream().map(change -> change.key()).toList(),
              claim.known().stream().map(Trade::key).toList(),
              claim.disputed(),
              List.of());
        });
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

  private BatchOutcome afterLastAttempt(List<Trade> trades, Writer writer, Exception failure) {
    if (Thread.currentThread().isInterrupted()) {
      throw new TradesyncException(
          "interrupted while writing " + trades.size() + " trades", failure);
    }
    FailureKind kind = failures.kind(failure);
    if (kind == FailureKind.NETWORK || kind == FailureKind.TRANSIENT) {
      probe(failure);
    } else if (trades.size() > 1) {
      int half = trades.size() / 2;
      LOG.debug("{} trades failed, halving: {}", trades.size(), Failures.reason(failure));
      return part(trades.subList(0, half), writer)
          .plus(part(trades.subList(half, trades.size()), writer));
    }
    mark(trades, writer.runId, Failures.reason(failure));
    return BatchOutcome.failed(trades);
  }

  private void mark(List<Trade> trades, String runId, String reason) {
    LOG.warn(
        "{} trades from {} to {} failed: {}",
        trades.size(),
        trades.get(0).key(),
        trades.get(trades.size() - 1).key(),
        reason);
    List<TradeFailure> failed =
        trades.stream()
            .map(trade -> new TradeFailure(trade.key(), Fingerprint.of(trade), reason))
            .toList();
    retries.on(
        Side.STORE,
        () -> {
          log.entries().markFailed(failed, runId);
          return Boolean.TRUE;
        });
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
