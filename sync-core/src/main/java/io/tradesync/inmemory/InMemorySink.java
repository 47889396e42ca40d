package io.tradesync.inmemory;

import io.tradesync.Trade;
import io.tradesync.TradeKey;
import io.tradesync.spi.SinkCapability;
import io.tradesync.spi.TradeBatch;
import io.tradesync.spi.TradeChange;
import io.tradesync.spi.TransactionalSink;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
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

  /** Returns a copy of all trades, in key order. */
  public synchronized List<Trade> trades() {
    return List.copyOf(trades.values());
  }

  /** Returns how many changes of any kind were committed. */
  public synchronized long writes() {
    return writes;
  }
}
