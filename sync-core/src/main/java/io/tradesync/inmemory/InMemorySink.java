package io.tradesync.inmemory;

import io.tradesync.KeyRange;
import io.tradesync.Trade;
import io.tradesync.TradeKey;
import io.tradesync.spi.HeldDigest;
import io.tradesync.spi.HeldTrade;
import io.tradesync.spi.SinkCapability;
import io.tradesync.spi.SinkDigests;
import io.tradesync.spi.TradeBatch;
import io.tradesync.spi.TradeChange;
import io.tradesync.spi.TransactionalSink;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;

/**
 * A sink in memory that joins the transactions of {@link InMemorySyncLog}, so that it holds exactly
 * what was committed. Thread-safe.
 */
public final class InMemorySink implements TransactionalSink<InMemoryTransaction> {

  private final Map<TradeKey, Trade> trades = new TreeMap<>();
  private long writes;

  public InMemorySink() {}

  @Override
  public Class<InMemoryTransaction> transactionType() {
    return InMemoryTransaction.class;
  }

  @Override
  public Set<SinkCapability> capabilities() {
    return EnumSet.allOf(SinkCapability.class);
  }

  @Override
  public void write(TradeBatch batch, InMemoryTransaction transaction) {
    transaction.onCommit(() -> apply(batch));
  }

  private synchronized void apply(TradeBatch batch) {
    for (TradeChange change : batch.changes()) {
      writes++;
      if (change instanceof TradeChange.Insert insert) {
        trades.put(insert.key(), insert.trade());
      } else if (change instanceof TradeChange.Replace replace) {
        trades.remove(replace.oldKey());
        trades.put(replace.key(), replace.trade());
      } else {
        trades.remove(change.key());
      }
    }
  }

  @Override
  public Optional<SinkDigests<InMemoryTransaction>> digests(Optional<List<String>> attributeNames) {
    return Optional.of(new Digests());
  }

  private synchronized List<HeldTrade> held(KeyRange range, TradeKey after, int limit) {
    return trades.values().stream()
        .filter(trade -> range.contains(trade.key()) && after.isBefore(trade.key()))
        .limit(limit)
        .map(trade -> new HeldTrade(trade.key(), trade.fingerprint(), true))
        .toList();
  }

  private final class Digests implements SinkDigests<InMemoryTransaction> {

    @Override
    public OptionalLong firstSecond(KeyRange range, InMemoryTransaction transaction) {
      return held(range, range.after(), 1).stream()
          .mapToLong(trade -> trade.key().epochSecond())
          .findFirst();
    }

    @Override
    public List<HeldDigest> digests(
        KeyRange range, long bucketSeconds, InMemoryTransaction transaction) {
      Map<Long, HeldDigest> buckets = new TreeMap<>();
      held(range, range.after(), Integer.MAX_VALUE)
          .forEach(
              trade ->
                  addTo(buckets, bucketSeconds, trade.key().epochSecond(), trade.fingerprint()));
      return List.copyOf(buckets.values());
    }

    @Override
    public List<HeldTrade> trades(
        KeyRange range, TradeKey after, int limit, InMemoryTransaction transaction) {
      return held(range, after, limit);
    }

    @Override
    public List<HeldTrade> trades(List<TradeKey> keys, InMemoryTransaction transaction) {
      return held(KeyRange.all(), TradeKey.MIN, Integer.MAX_VALUE).stream()
          .filter(trade -> keys.contains(trade.key()))
          .toList();
    }

    @Override
    public void prepareRepair(KeyRange range, InMemoryTransaction transaction) {}
  }

  static void addTo(
      Map<Long, HeldDigest> buckets, long bucketSeconds, long second, long fingerprint) {
    long start = Math.floorDiv(second, bucketSeconds) * bucketSeconds;
    buckets.merge(
        start,
        new HeldDigest(start, 1, fingerprint, 0),
        (a, b) ->
            new HeldDigest(start, a.trades() + b.trades(), a.fingerprints() + b.fingerprints(), 0));
  }

  /** Returns a copy of all trades, in key order. */
  public synchronized List<Trade> trades() {
    return List.copyOf(trades.values());
  }

  /** Returns how many changes of any kind were committed. */
  public synchronized long writes() {
    return writes;
  }
}
