package io.tradesync.examples.howto;

import io.tradesync.SyncEngine;
import io.tradesync.jdbc.PonderTradeSource;
import io.tradesync.jdbc.PostgresSyncLog;
import io.tradesync.spi.SinkCapability;
import io.tradesync.spi.TradeBatch;
import io.tradesync.spi.TradeChange;
import io.tradesync.spi.TransactionalSink;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * Keeps the sum of the quantities of each pool and side in {@code positions (pool text, side text,
 * quantity numeric, PRIMARY KEY (pool, side))}, and what each trade adds to it in {@code held (id
 * text, second bigint, pool text, side text, quantity numeric, PRIMARY KEY (id, second))}.
 */
public record PositionSink() implements TransactionalSink<Connection> {

  private static final String TAKE =
      "WITH t AS (DELETE FROM held WHERE id = ? AND second = ? RETURNING *) UPDATE positions p SET"
          + " quantity = p.quantity - t.quantity FROM t WHERE p.pool = t.pool AND p.side = t.side";
  private static final String ADD =
      "WITH t AS (INSERT INTO held VALUES (?, ?, ?, coalesce(?::text, ''), coalesce(?::numeric, 0))"
          + " RETURNING *) INSERT INTO positions AS p SELECT pool, side, quantity FROM t"
          + " ON CONFLICT (pool, side) DO UPDATE SET quantity = p.quantity + excluded.quantity";

  /** Takes the JDBC URLs of the source and of the store with the two tables. */
  public static void main(String... args) {
    PGSimpleDataSource ponder = new PGSimpleDataSource();
    PGSimpleDataSource store = new PGSimpleDataSource();
    ponder.setUrl(args[0]);
    store.setUrl(args[1]);
    var source = PonderTradeSource.builder(ponder).build();
    var log = PostgresSyncLog.builder(store).service("positions").build();
    var builder = SyncEngine.builder().source(source).log(log).sink(new PositionSink());
    try (SyncEngine engine = builder.build()) {
      System.out.println(engine.run().message());
    }
  }

  @Override
  public Class<Connection> transactionType() {
    return Connection.class;
  }

  @Override
  public Set<SinkCapability> capabilities() {
    return Set.of(SinkCapability.values());
  }

  @Override
  public void write(TradeBatch batch, Connection transaction) throws SQLException {
    // Order of locks: the log locks the trades of a batch first. Batches share positions, so one
    // lock for all comes last, until the commit. So no two batches wait for each other.
    run(transaction, "LOCK TABLE positions IN SHARE ROW EXCLUSIVE MODE");
    for (TradeChange change : batch.changes()) {
      var old = change.before().orElse(change.key());
      run(transaction, TAKE, old.id(), old.epochSecond());
      for (var t : change.after().stream().toList()) { // none if the trade is gone
        run(transaction, TAKE, t.id(), t.epochSecond());
        run(transaction, ADD, t.id(), t.epochSecond(), t.poolId(), t.side(), t.quantity());
      }
    }
  }

  private static void run(Connection tx, String sql, @Nullable Object... row) throws SQLException {
    try (PreparedStatement statement = tx.prepareStatement(sql)) {
      for (int i = 0; i < row.length; i++) {
        statement.setObject(i + 1, row[i]);
      }
      statement.executeUpdate();
    }
  }
}
