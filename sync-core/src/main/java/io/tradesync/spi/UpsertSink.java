package io.tradesync.spi;

import io.tradesync.Trade;
import io.tradesync.TradeKey;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * A sink that keeps one row for each id, outside the log's transaction. Users implement two
 * methods. Inserts, replacements and moves are one upsert; only a trade that the source no longer
 * has is a delete.
 *
 * <p>Both methods must do nothing if the row's id was given a greater {@linkplain
 * TradeChange#revision() revision} before, so a delete leaves a mark with its revision:
 *
 * <pre>{@code
 * INSERT INTO trades (id, second, price, revision) VALUES (?, ?, ?, ?)  -- a delete: nulls
 * ON CONFLICT (id) DO UPDATE
 * SET second = excluded.second, price = excluded.price, revision = excluded.revision
 * WHERE trades.revision <= excluded.revision
 * }</pre>
 *
 * <p>The contract of {@link AnalyticsSink} applies: when a method returns, its change is durable;
 * any change can come again; several threads call at once, never for one id.
 */
public interface UpsertSink extends AnalyticsSink {

  /**
   * Writes a trade, whatever row its id has now, and at whatever key.
   *
   * @throws Exception if it cannot be written; see {@link AnalyticsSink#write}
   */
  void upsert(Trade trade, long revision) throws Exception;

  /**
   * Deletes the row of an id. There may be none: what is perhaps in the sink is deleted too.
   *
   * @param key the key at which the sink may hold the trade
   * @throws Exception if it cannot be deleted; see {@link AnalyticsSink#write}
   */
  void delete(TradeKey key, long revision) throws Exception;

  /** Carries out the changes of a batch, older ones first. */
  @Override
  default void write(TradeBatch batch) throws Exception {
    List<TradeChange> changes =
        batch.changes().stream().sorted(Comparator.comparing(TradeChange::revision)).toList();
    for (TradeChange change : changes) {
      if (change.after().isPresent()) {
        upsert(change.after().get(), change.revision());
      } else {
        delete(change.key(), change.revision());
      }
    }
  }

  /** All kinds of change. */
  @Override
  default Set<SinkCapability> capabilities() {
    return EnumSet.allOf(SinkCapability.class);
  }
}
