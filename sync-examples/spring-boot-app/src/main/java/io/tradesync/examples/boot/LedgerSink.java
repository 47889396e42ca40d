package io.tradesync.examples.boot;

import io.tradesync.Trade;
import io.tradesync.TradeKey;
import io.tradesync.spi.SinkCapability;
import io.tradesync.spi.TradeBatch;
import io.tradesync.spi.TradeChange;
import io.tradesync.spi.TransactionalSink;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;

/**
 * Keeps one row a trade in the table {@code ledger}, in the transaction of the log: each trade is
 * there exactly once, whatever crashes. It follows trades that change, move or vanish.
 */
final class LedgerSink implements TransactionalSink<Connection> {

  private final Duration pause;

  /**
   * @param pause how long each batch takes at least, to try out a shutdown in the middle of a run
   */
  LedgerSink(Duration pause) {
    this.pause = pause;
  }

  @Override
  public Class<Connection> transactionType() {
    return Connection.class;
  }

  @Override
  public Set<SinkCapability> capabilities() {
    return EnumSet.allOf(SinkCapability.class);
  }

  @Override
  public boolean usesRevisions() {
    return false;
  }

  @Override
  public void prepare(String service, Connection transaction) throws SQLException {
    try (Statement statement = transaction.createStatement()) {
      statement.execute(
          """
          CREATE TABLE IF NOT EXISTS ledger (
            second bigint, trade_id text, pool_id text NOT NULL, quantity numeric,
            PRIMARY KEY (second, trade_id))\
          """);
    }
  }

  @Override
  public void write(TradeBatch batch, Connection transaction)
      throws SQLException, InterruptedException {
    try (PreparedStatement delete =
            transaction.prepareStatement("DELETE FROM ledger WHERE second = ? AND trade_id = ?");
        PreparedStatement insert =
            transaction.prepareStatement(
                """
                INSERT INTO ledger VALUES (?, ?, ?, ?)
                ON CONFLICT (second, trade_id)
                DO UPDATE SET pool_id = excluded.pool_id, quantity = excluded.quantity\
                """)) {
      for (TradeChange change : batch.changes()) {
        if (change instanceof TradeChange.Insert added) {
          add(insert, added.trade());
        } else if (change instanceof TradeChange.Replace replaced) {
          add(delete, replaced.oldKey());
          add(insert, replaced.trade());
        } else if (change instanceof TradeChange.Retract retracted) {
          add(delete, retracted.key());
        }
      }
      delete.executeBatch();
      insert.executeBatch();
    }
    Thread.sleep(pause.toMillis());
  }

  private static void add(PreparedStatement delete, TradeKey key) throws SQLException {
    delete.setLong(1, key.epochSecond());
    delete.setString(2, key.id());
    delete.addBatch();
  }

  private static void add(PreparedStatement insert, Trade trade) throws SQLException {
    insert.setLong(1, trade.epochSecond());
    insert.setString(2, trade.id());
    insert.setString(3, trade.poolId());
    insert.setBigDecimal(4, trade.quantity());
    insert.addBatch();
  }
}
