package io.tradesync.jdbc.internal.sink;

import io.tradesync.jdbc.CandleStorage;
import io.tradesync.spi.SinkDigests;
import io.tradesync.spi.TradeBatch;
import io.tradesync.spi.WorkAfterCommit;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/**
 * The candles of a sink, in a table or as continuous aggregates, and the aggregates of the user.
 * Thread-safe.
 */
public final class CandleStore {

  private final String schema;
  private final List<Integer> bucketSeconds;
  private final List<Integer> inTable;
  private final CandleRelation relation;
  private final CandleTable table;
  private final RecomputationQueue recomputedLater;
  private final Optional<CandleAggregates> aggregates;
  private final Optional<RefreshQueue> refreshes;
  private final AggregateRefresh refresh;

  /**
   * Takes the settings of a sink.
   *
   * @param bucketSeconds the lengths of candles, ascending
   * @param named continuous aggregates of the user
   */
  public CandleStore(
      String schema, List<Integer> bucketSeconds, CandleStorage storage, List<String> named) {
    boolean isTable = storage == CandleStorage.TABLE;
    RefreshQueue queue = new RefreshQueue(schema, bucketSeconds, storage);
    this.schema = schema;
    this.bucketSeconds = bucketSeconds;
    this.inTable = isTable ? bucketSeconds : List.of();
    this.relation = new CandleRelation(schema, storage);
    this.table = new CandleTable(schema, bucketSeconds);
    this.recomputedLater = new RecomputationQueue(schema, table);
    this.aggregates = isTable ? Optional.empty() : Optional.of(new CandleAggregates(schema, queue));
    this.refreshes = isTable && named.isEmpty() ? Optional.empty() : Optional.of(queue);
    this.refresh = new AggregateRefresh(schema, named);
  }

  /** Takes the relation of the candles, and records the lengths of a table. */
  public void prepare(Handle handle) {
    relation.take(handle);
    if (aggregates.isEmpty()) {
      recomputedLater.keep(handle, bucketSeconds);
    }
  }

  /** Creates the aggregates of the candles, and checks those of the user. */
  public void prepareAggregates(Handle handle) throws SQLException {
    if (aggregates.isPresent()) {
      aggregates.get().keep(handle, bucketSeconds);
    }
    refresh.check(handle);
  }

  /**
   * Starts to collect what a batch does to candles; of those in aggregates nothing is collected.
   */
  public TouchedCandles touched() {
    return new TouchedCandles(inTable);
  }

  /** Changes the candles of a batch, or records that they are refreshed later. */
  public void apply(Handle handle, TouchedCandles touched, TradeBatch batch) {
    table.apply(handle, touched);
    recomputedLater.add(handle, touched.recomputedLater());
    refreshes.ifPresent(queue -> queue.add(handle, batch));
  }

  /** Recomputes some candles of the table; returns whether there may be more. */
  public boolean recomputeNext(Handle handle) {
    return recomputedLater.recomputeNext(handle);
  }

  /** Counts the candles to recompute and the spans to refresh. */
  public long countDeferred(Handle handle) {
    return recomputedLater.count(handle) + refreshes.map(queue -> queue.count(handle)).orElse(0L);
  }

  /** What refreshes the aggregates; none if there are none. */
  public Optional<WorkAfterCommit<Connection>> workAfterCommit() {
    return refreshes.map(queue -> refresh);
  }

  /** What trades and candles hold. */
  public SinkDigests<Connection> digests(List<String> attributeNames) {
    return new StoredDigests(
        schema, attributeNames, aggregates.isPresent() ? refreshes : Optional.empty());
  }
}
