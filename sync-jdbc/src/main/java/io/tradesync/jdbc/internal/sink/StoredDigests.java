package io.tradesync.jdbc.internal.sink;

import io.tradesync.KeyRange;
import io.tradesync.TradeKey;
import io.tradesync.jdbc.internal.sql.JoinedTransactions;
import io.tradesync.spi.AggregateFindings;
import io.tradesync.spi.HeldDigest;
import io.tradesync.spi.HeldTrade;
import io.tradesync.spi.SinkDigests;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** What {@code analytics_trades} and {@code trade_candles} really hold. Thread-safe. */
public final class StoredDigests implements SinkDigests<Connection> {

  private final TradeDigests trades;
  private final CandleProof candles;

  /**
   * Names the tables, and the attributes of a trade in their order.
   *
   * @param refreshes what is told to refresh candles, if they are kept as continuous aggregates
   */
  public StoredDigests(
      String schema, List<String> attributeNames, Optional<RefreshQueue> refreshes) {
    this.trades = new TradeDigests(schema, attributeNames);
    this.candles = new CandleProof(schema, refreshes);
  }

  @Override
  public OptionalLong firstSecond(KeyRange range, Connection transaction) throws SQLException {
    return JoinedTransactions.join(
        transaction,
        handle -> {
          // A candle that is missing begins before its first row, which can be above the range.
          KeyRange rows = above(range, candles.secondsAbove(handle));
          return candles.firstSecond(handle, range, trades.firstSecond(handle, rows));
        });
  }

  private static KeyRange above(KeyRange range, long seconds) {
    long end = range.upTo().epochSecond();
    long more = Math.min(seconds, Long.MAX_VALUE - Math.max(0, end));
    return range.isEmpty()
        ? range
        : new KeyRange(range.after(), TradeKey.max(range.upTo(), TradeKey.startOf(end + more)));
  }

  @Override
  public List<HeldDigest> digests(KeyRange range, long bucketSeconds, Connection transaction)
      throws SQLException {
    return JoinedTransactions.join(
        transaction, handle -> trades.digests(handle, range, bucketSeconds));
  }

  @Override
  public List<HeldTrade> trades(KeyRange range, TradeKey after, int limit, Connection transaction)
      throws SQLException {
    return JoinedTransactions.join(transaction, handle -> trades.read(handle, range, after, limit));
  }

  @Override
  public List<HeldTrade> trades(List<TradeKey> keys, Connection transaction) throws SQLException {
    return JoinedTransactions.join(transaction, handle -> trades.find(handle, keys));
  }

  @Override
  public void prepareRepair(KeyRange range, Connection transaction) throws SQLException {
    boolean ignored =
        JoinedTransactions.join(
            transaction,
            handle -> {
              candles.recomputeAll(handle, range);
              trades.removeUnaddressable(handle, range);
              return true;
            });
  }

  @Override
  public AggregateFindings aggregates(KeyRange range, long bucketSeconds, Connection transaction)
      throws SQLException {
    return JoinedTransactions.join(
        transaction, handle -> candles.compare(handle, range, bucketSeconds));
  }
}
