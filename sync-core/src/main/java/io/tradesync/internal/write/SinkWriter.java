package io.tradesync.internal.write;

import io.tradesync.InvalidSettingException;
import io.tradesync.Side;
import io.tradesync.SideUnavailableException;
import io.tradesync.TradeKey;
import io.tradesync.TradesyncException;
import io.tradesync.internal.failure.FailureClassifier;
import io.tradesync.internal.failure.FailureText;
import io.tradesync.internal.failure.SinkErrorException;
import io.tradesync.spi.AnalyticsSink;
import io.tradesync.spi.BadTradesException;
import io.tradesync.spi.FailureKind;
import io.tradesync.spi.Retention;
import io.tradesync.spi.RetryLaterException;
import io.tradesync.spi.SinkCapability;
import io.tradesync.spi.SinkDeclaration;
import io.tradesync.spi.SinkUnavailableException;
import io.tradesync.spi.TradeBatch;
import io.tradesync.spi.TransactionalSink;
import io.tradesync.spi.WorkAfterCommit;
import io.tradesync.spi.log.LogTransaction;
import io.tradesync.spi.log.SyncLog;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/** Calls the sink. Thread-safe, if the sink is. */
public sealed class SinkWriter {

  private final AnalyticsSink sink;
  private final SinkWatch watch;
  private final boolean recordBeforeWrite;
  private final Set<SinkCapability> capabilities;

  private SinkWriter(AnalyticsSink sink, SinkWatch watch, boolean recordBeforeWrite) {
    this.sink = sink;
    this.watch = watch;
    this.recordBeforeWrite = recordBeforeWrite;
    this.capabilities = SinkDeclaration.capabilities(sink);
  }

  /**
   * Returns a writer for a sink; no other code asks whether a sink is transactional.
   *
   * @param watch limits the time of each call
   * @param recordBeforeWrite whether the log records what a sink outside its transaction is given
   * @throws InvalidSettingException if what the sink declares makes no sense
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

  final void write(TradeBatch batch, LogTransaction transaction) throws Exception {
    boolean ignored =
        watch.call(
            transaction::abort,
            () -> {
              try {
                callWrite(batch, transaction);
                return true;
              } catch (BadTradesException | RetryLaterException e) {
                throw e;
              } catch (Throwable e) {
                throw ofSink(e);
              }
            });
  }

  /**
   * Asks the sink something, within the time that a call may take.
   *
   * @param abort aborts the transaction in which it is asked
   * @throws SinkErrorException if it fails, or is late
   * @throws SinkUnavailableException if it cannot be used, or did not return
   * @throws SideUnavailableException if a setting forbids it
   */
  public final <R> R ask(Runnable abort, Callable<R> question) throws Exception {
    try {
      return askPatiently(abort, question);
    } catch (RetryLaterException e) {
      throw new SinkErrorException(e);
    }
  }

  /** As {@link #ask}; the sink may also ask to be called again later. */
  final <R> R askPatiently(Runnable abort, Callable<R> question) throws Exception {
    try {
      return watch.call(
          abort,
          () -> {
            try {
              return answered(question.call());
            } catch (RetryLaterException e) {
              throw e;
            } catch (Throwable e) {
              throw ofSink(e);
            }
          });
    } catch (SinkUnavailableException
        | RetryLaterException
        | InvalidSettingException
        | SideUnavailableException
        | SinkErrorException e) {
      throw e;
    } catch (Exception e) {
      throw new SinkErrorException(e);
    }
  }

  private <R> R answered(@Nullable R answer) {
    if (answer == null) {
      throw new NullPointerException(sink.getClass().getName() + " answered null");
    }
    return answer;
  }

  // What the engine throws to itself would end the run in another way than the sink means. Errors
  // are failures of the batch. An InvalidSettingException may be about a value of a trade.
  private Exception ofSink(Throwable failure) {
    if (failure instanceof VirtualMachineError error && !(error instanceof StackOverflowError)) {
      // Without memory, nothing more can be relied on.
      throw error;
    }
    if (failure instanceof SinkUnavailableException unavailable) {
      return unavailable;
    }
    if (failure instanceof SideUnavailableException side && side.isSetting()) {
      return side;
    }
    if (failure instanceof InvalidSettingException setting
        && FailureClassifier.answer(sink::classify, failure)
            .filter(FailureKind.SETTING::equals)
            .isPresent()) {
      return setting;
    }
    return failure instanceof Exception exception && !(failure instanceof TradesyncException)
        ? exception
        : new SinkErrorException(failure);
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

  /** Returns whether the sink has work that no transaction can do. */
  boolean worksAfterCommit() {
    return false;
  }

  /**
   * Does a piece of the sink's work that no transaction can do.
   *
   * @return whether more is left; empty if another process or thread is doing it
   */
  Optional<Boolean> workAfterCommit(SyncLog log) throws Exception {
    return Optional.of(false);
  }

  /** Tells how far back the sink keeps trades. */
  Retention retention(Optional<TradeKey> oldestProcessed, LogTransaction transaction)
      throws Exception {
    return Retention.FOREVER;
  }

  /** What the sink declared when the engine was built. */
  public Set<SinkCapability> capabilities() {
    return capabilities;
  }

  void probe() throws Exception {
    boolean ignored =
        ask(
            () -> {},
            () -> {
              sink.probe();
              return true;
            });
  }

  /** Calls a sink that joins the log's transactions. */
  private static final class Joining<T> extends SinkWriter {

    private final TransactionalSink<T> sink;
    private final Class<T> transactionType;
    private final boolean usesRevisions;
    private final Optional<WorkAfterCommit<T>> workAfterCommit;

    Joining(TransactionalSink<T> sink, SinkWatch watch) {
      super(sink, watch, false);
      this.sink = sink;
      this.transactionType = transactionType(sink);
      this.usesRevisions = sink.usesRevisions();
      this.workAfterCommit = sink.workAfterCommit();
    }

    private static <T> Class<T> transactionType(TransactionalSink<T> sink) {
      @Nullable Class<T> type = sink.transactionType();
      if (type == null) {
        throw new InvalidSettingException(
            "sink", sink.getClass().getName(), "must have a transactionType() that is not null");
      }
      return type;
    }

    @Override
    public void checkLog(SyncLog log) {
      if (!transactionType.isAssignableFrom(log.transactionType())) {
        throw new InvalidSettingException(
            "sink",
            "one that joins a " + transactionType.getName(),
            "must join the log's transactions, which are " + log.transactionType().getName());
      }
      if (worksAfterCommit() && !log.offersWorkOutside()) {
        throw new InvalidSettingException(
            "sink",
            "one with work after commits",
            "needs a log that offers work outside its transactions, which "
                + log.getClass().getName()
                + " does not");
      }
    }

    @Override
    public void prepare(SyncLog log) {
      try {
        log.transact(
            null,
            transaction -> {
              sink.prepare(log.service(), handle(transaction));
              // Live feeds may write before the first run asks.
              transaction.retain(sink.retention(Optional.empty(), handle(transaction)));
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
      return usesRevisions;
    }

    @Override
    void callWrite(TradeBatch batch, LogTransaction transaction) throws Exception {
      sink.write(batch, handle(transaction));
    }

    @Override
    boolean completeDeferred(LogTransaction transaction) throws Exception {
      return askPatiently(transaction::abort, () -> sink.completeDeferred(handle(transaction)));
    }

    @Override
    long countDeferred(LogTransaction transaction) throws Exception {
      return ask(transaction::abort, () -> sink.countDeferred(handle(transaction)));
    }

    @Override
    boolean worksAfterCommit() {
      return workAfterCommit.isPresent();
    }

    @Override
    Optional<Boolean> workAfterCommit(SyncLog log) throws Exception {
      if (workAfterCommit.isEmpty()) {
        return super.workAfterCommit(log);
      }
      WorkAfterCommit<T> work = workAfterCommit.get();
      return log.outsideTransaction(
          outside ->
              askPatiently(
                  outside::abort, () -> work.work(transactionType.cast(outside.handle()))));
    }

    @Override
    Retention retention(Optional<TradeKey> oldestProcessed, LogTransaction transaction)
        throws Exception {
      return ask(transaction::abort, () -> sink.retention(oldestProcessed, handle(transaction)));
    }

    private T handle(LogTransaction transaction) {
      return transactionType.cast(transaction.handle());
    }
  }
}
