package io.tradesync.internal.write;

import io.tradesync.InvalidSettingException;
import io.tradesync.Side;
import io.tradesync.SideUnavailableException;
import io.tradesync.TradeKey;
import io.tradesync.TradesyncException;
import io.tradesync.internal.failure.FailureText;
import io.tradesync.internal.failure.SinkErrorException;
import io.tradesync.spi.AnalyticsSink;
import io.tradesync.spi.FailureKind;
import io.tradesync.spi.Retention;
import io.tradesync.spi.SinkCapability;
import io.tradesync.spi.TradeBatch;
import io.tradesync.spi.TransactionalSink;
import io.tradesync.spi.log.LogTransaction;
import io.tradesync.spi.log.SyncLog;
import java.util.Optional;
import java.util.Set;

/** Calls the sink. Thread-safe, if the sink is. */
public sealed class SinkWriter {

  private final AnalyticsSink sink;
  final SinkWatch watch;
  private final boolean recordBeforeWrite;

  private SinkWriter(AnalyticsSink sink, SinkWatch watch, boolean recordBeforeWrite) {
    this.sink = sink;
    this.watch = watch;
    this.recordBeforeWrite = recordBeforeWrite;
  }

  /**
   * Returns a writer for a sink; no other code asks whether a sink is transactional.
   *
   * @param watch limits the time of each call
   * @param recordBeforeWrite whether the log records what a sink outside its transaction is given
   */
  public static SinkWriter of(AnalyticsSink sink, SinkWatch watch, boolean recordBeforeWrite) {
    return sink instanceof TransactionalSink<?> joining
        ? new Joining<>(joining, watch)
        : new SinkWriter(sink, watch, recordBeforeWrite);
  }

  /**
   * Checks, before anything is changed, that the log offers the transactions that the sink joins,
   * or records what the sink is given outside of them.
   *
   * @throws InvalidSettingException if it does not; names both types
   */
  public void checkLog(SyncLog log) {
    if (!log.recordsHandOuts()) {
      throw new InvalidSettingException(
          "sink",
          "outside the log's transaction",
          "needs a log that records hand-outs, which "
              + log.getClass().getName()
              + " does not; use a TransactionalSink, or another log");
    }
  }

  /**
   * Prepares the sink, after the log was prepared.
   *
   * @throws SideUnavailableException if the sink fails
   */
  public void prepare(SyncLog log) {}

  /** Returns whether the sink's changes are committed together with the log's entries. */
  public boolean joinsTransaction() {
    return false;
  }

  /** Returns whether the log records what the sink is given before it is written. */
  boolean recordsBeforeWrite() {
    return recordBeforeWrite;
  }

  /** Returns whether the sink uses the revisions of changes. */
  boolean usesRevisions() {
    return true;
  }

  final void write(TradeBatch batch, LogTransaction transaction) throws Throwable {
    boolean ignored =
        watch.call(
            transaction::abort,
            () -> {
              try {
                callWrite(batch, transaction);
              } catch (InvalidSettingException e) {
                throw ofSink(e);
              }
              return true;
            });
  }

  // Ours ends the run. That of a sink may be about a value of a trade.
  private Exception ofSink(InvalidSettingException failure) {
    boolean isSetting = sink.classify(failure).filter(FailureKind.SETTING::equals).isPresent();
    return isSetting ? failure : new SinkErrorException(failure);
  }

  void callWrite(TradeBatch batch, LogTransaction transaction) throws Exception {
    sink.write(batch);
  }

  /** Does a piece of the sink's deferred work, and returns whether there is more. */
  boolean completeDeferred(LogTransaction transaction) throws Exception {
    return false;
  }

  /** Counts the candles that the sink still has to recompute. */
  long countDeferred(LogTransaction transaction) throws Exception {
    return 0;
  }

  /** Tells how far back the sink keeps trades. */
  Retention retention(Optional<TradeKey> oldestProcessed, LogTransaction transaction)
      throws Exception {
    return Retention.FOREVER;
  }

  Set<SinkCapability> capabilities() {
    return sink.capabilities();
  }

  void probe() throws Exception {
    boolean ignored =
        watched(
            SinkWriter::withoutTransaction,
            () -> {
              sink.probe();
              return true;
            });
  }

  private static void withoutTransaction() {}

  final <R> R watched(Runnable abort, SinkWatch.SinkCall<R> call) throws Exception {
    try {
      return watch.call(abort, call);
    } catch (Exception | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new SinkErrorException(e);
    }
  }

  /** Calls a sink that joins the log's transactions. */
  private static final class Joining<T> extends SinkWriter {

    private final TransactionalSink<T> sink;

    Joining(TransactionalSink<T> sink, SinkWatch watch) {
      super(sink, watch, false);
      this.sink = sink;
    }

    @Override
    public void checkLog(SyncLog log) {
      if (!sink.transactionType().isAssignableFrom(log.transactionType())) {
        throw new InvalidSettingException(
            "sink",
            "one that joins a " + sink.transactionType().getName(),
            "must join the log's transactions, which are " + log.transactionType().getName());
      }
    }

    @Override
    public void prepare(SyncLog log) {
      try {
        log.transact(
            null,
            transaction -> {
              sink.prepare(log.service(), handle(transaction));
              return Boolean.TRUE;
            });
      } catch (TradesyncException e) {
        throw e;
      } catch (Exception e) {
        throw SideUnavailableException.unreachable(Side.SINK, FailureText.reason(e), e);
      }
    }

    @Override
    public boolean joinsTransaction() {
      return true;
    }

    @Override
    boolean usesRevisions() {
      return sink.usesRevisions();
    }

    @Override
    void callWrite(TradeBatch batch, LogTransaction transaction) throws Exception {
      sink.write(batch, handle(transaction));
    }

    @Override
    boolean completeDeferred(LogTransaction transaction) throws Exception {
      return watched(transaction::abort, () -> sink.completeDeferred(handle(transaction)));
    }

    @Override
    long countDeferred(LogTransaction transaction) throws Exception {
      return sink.countDeferred(handle(transaction));
    }

    @Override
    Retention retention(Optional<TradeKey> oldestProcessed, LogTransaction transaction)
        throws Exception {
      return sink.retention(oldestProcessed, handle(transaction));
    }

    private T handle(LogTransaction transaction) {
      return sink.transactionType().cast(transaction.handle());
    }
  }
}
