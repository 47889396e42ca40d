package io.tradesync.internal.compare;

import io.tradesync.KeyRange;
import io.tradesync.Side;
import io.tradesync.TradeKey;
import io.tradesync.internal.failure.Retries;
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

  private interface Joined {
    Held in(Object transaction);
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
   */
  public static Optional<StoreView> of(
      SyncLog log, AnalyticsSink sink, Optional<List<String>> attributeNames, Retries retries) {
    return log.offersSnapshots() && sink instanceof TransactionalSink<?> joining
        ? joined(joining, attributeNames).map(joined -> new StoreView(log, joined, retries))
        : Optional.empty();
  }

  private static <T> Optional<Joined> joined(
      TransactionalSink<T> sink, Optional<List<String>> attributeNames) {
    return sink.digests(attributeNames)
        .map(
            digests ->
                transaction -> new HeldBySink<>(digests, sink.transactionType().cast(transaction)));
  }

  <R> R look(Look<R> look) {
    return retries.on(
        Side.STORE,
        () -> log.snapshot(snapshot -> look.look(snapshot, sink.in(snapshot.handle()))));
  }

  void transact(FencingToken token, Work work) {
    Boolean ignored =
        retries.on(
            Side.STORE,
            () ->
                log.transact(
                    token,
                    transaction -> {
                      work.apply(transaction, sink.in(transaction.handle()));
                      return Boolean.TRUE;
                    }));
  }

  /** Returns the record of what audits found to differ. */
  public StoreDifferenceRecord differences() {
    return retries.around(StoreDifferenceRecord.class, log.storeDifferences(), Side.STORE);
  }

  private record HeldBySink<T>(SinkDigests<T> digests, T transaction) implements Held {

    @Override
    public OptionalLong firstSecond(KeyRange range) throws Exception {
      return digests.firstSecond(range, transaction);
    }

    @Override
    public List<HeldDigest> digests(KeyRange range, long bucketSeconds) throws Exception {
      return digests.digests(range, bucketSeconds, transaction);
    }

    @Override
    public List<HeldTrade> trades(KeyRange range, TradeKey after, int limit) throws Exception {
      return digests.trades(range, after, limit, transaction);
    }

    @Override
    public AggregateFindings aggregates(KeyRange range, long bucketSeconds) throws Exception {
      return digests.aggregates(range, bucketSeconds, transaction);
    }

    @Override
    public List<HeldTrade> trades(List<TradeKey> keys) throws Exception {
      return digests.trades(keys, transaction);
    }

    @Override
    public void prepareRepair(KeyRange range) throws Exception {
      digests.prepareRepair(range, transaction);
    }
  }
}
