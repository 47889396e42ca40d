package io.tradesync.internal.compare;

import io.tradesync.KeyRange;
import io.tradesync.Side;
import io.tradesync.TradeKey;
import io.tradesync.internal.failure.Retries;
import io.tradesync.internal.thread.AbandonableWork;
import io.tradesync.spi.AggregateFindings;
import io.tradesync.spi.AnalyticsSink;
import io.tradesync.spi.HeldDigest;
import io.tradesync.spi.HeldTrade;
import io.tradesync.spi.SinkDigests;
import io.tradesync.spi.TransactionalSink;
import io.tradesync.spi.log.FencingToken;
import io.tradesync.spi.log.LogSnapshot;
import io.tradesync.spi.log.LogTransaction;
import io.tradesync.spi.log.StoreDifferenceRecord;
import io.tradesync.spi.log.SyncLog;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Callable;

/** Looks at the log and at what the sink holds, both as of one moment. Thread-safe. */
public final class StoreView {

  /** What the sink holds, as of the moment of a look; see {@link SinkDigests}. */
  interface Held {
    OptionalLong firstSecond(KeyRange range) throws Exception;

    List<HeldDigest> digests(KeyRange range, long bucketSeconds) throws Exception;

    List<HeldTrade> trades(KeyRange range, TradeKey after, int limit) throws Exception;

    AggregateFindings aggregates(KeyRange range, long bucketSeconds) throws Exception;

    List<HeldTrade> trades(List<TradeKey> keys) throws Exception;

    void prepareRepair(KeyRange range) throws Exception;
  }

  /** Reads both. */
  interface Look<R> {
    R look(LogSnapshot log, Held sink) throws Exception;
  }

  /** Changes both. */
  interface Work {
    void apply(LogTransaction log, Held sink) throws Exception;
  }

  /** Calls the sink, so that its failures are its own, and it returns in time. */
  public interface Asking {
    /**
     * Asks the sink something.
     *
     * @param abort aborts the transaction in which it is asked
     */
    <R> R ask(Runnable abort, Callable<R> question) throws Exception;
  }

  private interface Joined {
    Held in(Object transaction, Runnable abort);
  }

  private final SyncLog log;
  private final Joined sink;
  private final Retries retries;

  private StoreView(SyncLog log, Joined sink, Retries retries) {
    this.log = log;
    this.sink = sink;
    this.retries = retries;
  }

  /**
   * Returns the view; empty if the sink offers no digests, or the log no snapshots.
   *
   * @param attributeNames the names of the attributes of all trades; empty if they are not known
   * @param asking calls the sink
   */
  public static Optional<StoreView> of(
      SyncLog log,
      AnalyticsSink sink,
      Optional<List<String>> attributeNames,
      Retries retries,
      Asking asking) {
    return log.offersSnapshots() && sink instanceof TransactionalSink<?> joining
        ? retries
            .on(Side.SINK, () -> joined(joining, attributeNames, asking))
            .map(joined -> new StoreView(log, joined, retries))
        : Optional.empty();
  }

  private static <T> Optional<Joined> joined(
      TransactionalSink<T> sink, Optional<List<String>> attributeNames, Asking asking)
      throws Exception {
    Class<T> type = sink.transactionType();
    return asking
        .ask(() -> {}, () -> sink.digests(attributeNames))
        .map(
            digests ->
                (transaction, abort) ->
                    new HeldBySink<>(digests, type.cast(transaction), asking, abort));
  }

  // On a thread of its own, which is left alone if the sink does not return.
  <R> R look(Look<R> look) {
    return AbandonableWork.get(
        () ->
            retries.onSink(
                log,
                () ->
                    log.snapshot(
                        snapshot -> look.look(snapshot, sink.in(snapshot.handle(), () -> {})))));
  }

  void transact(FencingToken token, Work work) {
    Boolean ignored =
        AbandonableWork.get(
            () ->
                retries.onSink(
                    log,
                    () ->
                        log.transact(
                            token,
                            transaction -> {
                              work.apply(
                                  transaction, sink.in(transaction.handle(), transaction::abort));
                              return Boolean.TRUE;
                            })));
  }

  /** Returns the record of what audits found to differ. */
  public StoreDifferenceRecord differences() {
    return retries.around(StoreDifferenceRecord.class, log.storeDifferences(), Side.STORE);
  }

  private record HeldBySink<T>(SinkDigests<T> digests, T transaction, Asking asking, Runnable abort)
      implements Held {

    private <R> R ask(Callable<R> question) throws Exception {
      return asking.ask(abort, question);
    }

    @Override
    public OptionalLong firstSecond(KeyRange range) throws Exception {
      return ask(() -> digests.firstSecond(range, transaction));
    }

    @Override
    public List<HeldDigest> digests(KeyRange range, long bucketSeconds) throws Exception {
      return ask(() -> digests.digests(range, bucketSeconds, transaction));
    }

    @Override
    public List<HeldTrade> trades(KeyRange range, TradeKey after, int limit) throws Exception {
      return ask(() -> digests.trades(range, after, limit, transaction));
    }

    @Override
    public AggregateFindings aggregates(KeyRange range, long bucketSeconds) throws Exception {
      return ask(() -> digests.aggregates(range, bucketSeconds, transaction));
    }

    @Override
    public List<HeldTrade> trades(List<TradeKey> keys) throws Exception {
      return ask(() -> digests.trades(keys, transaction));
    }

    @Override
    public void prepareRepair(KeyRange range) throws Exception {
      boolean ignored =
          ask(
              () -> {
                digests.prepareRepair(range, transaction);
                return true;
              });
    }
  }
}
