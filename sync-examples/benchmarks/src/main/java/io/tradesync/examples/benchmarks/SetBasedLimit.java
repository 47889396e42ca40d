package io.tradesync.examples.benchmarks;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyIn;
import org.postgresql.copy.CopyOut;

/**
 * The upper limit: everything is copied into a staging table, and set-based SQL derives trades,
 * candles and log from it in one transaction. It cannot resume, it cannot isolate a bad trade, and
 * its transaction is as long as the backlog.
 */
final class SetBasedLimit implements Contestant {

  private static final String STAGING =
      """
      CREATE TEMPORARY TABLE staging (
        id text, second bigint, chain_id bigint, pool_id text, side text, price numeric,
        quantity numeric, transaction_id text) ON COMMIT DROP
      """;

  private static final String OUT =
      """
      COPY (SELECT id, "timestamp", chain_id, pool_id, side, price, quantity, transaction_id
            FROM order_book_trades) TO STDOUT
      """;

  private static final String IN = "COPY staging FROM STDIN";

  private static final String TRADES =
      """
      INSERT INTO analytics_trades
      SELECT id, second, chain_id, pool_id, side, price, quantity, price * quantity, transaction_id
      FROM staging
      """;

  private static final String LOG =
      "INSERT INTO sync_log SELECT id, second, 'processed' FROM staging";

  private static final String SHORTEST_CANDLES =
      """
      INSERT INTO trade_candles
      SELECT chain_id, pool_id, %1$d, to_timestamp(second / %1$d * %1$d),
        (array_agg(price ORDER BY second, id COLLATE "C"))[1], max(price), min(price),
        (array_agg(price ORDER BY second DESC, id COLLATE "C" DESC))[1],
        sum(quantity), sum(price * quantity), count(*)
      FROM staging
      GROUP BY 1, 2, 4
      """;

  // Each length is a multiple of the previous one, so a candle is merged from few shorter ones.
  private static final String LONGER_CANDLES =
      """
      INSERT INTO trade_candles
      SELECT chain_id, pool_id, %2$d,
        to_timestamp(extract(epoch FROM bucket_start)::bigint / %2$d * %2$d) AS start,
        (array_agg(open ORDER BY bucket_start))[1], max(high), min(low),
        (array_agg(close ORDER BY bucket_start DESC))[1],
        sum(volume), sum(quote_volume), sum(trades)
      FROM trade_candles
      WHERE bucket_seconds = %1$d
      GROUP BY 1, 2, start
      """;

  @Override
  public String name() {
    return "limit: COPY and set-based SQL";
  }

  @Override
  public Attempt prepare(Arena arena, Backlog backlog) throws SQLException {
    try (Connection store = arena.connectStore()) {
      PlainTables.create(store);
    }
    return () -> run(arena, backlog);
  }

  private static void run(Arena arena, Backlog backlog) throws SQLException {
    try (Connection reading = arena.connect(backlog);
        Connection writing = arena.connectStore();
        Statement statement = writing.createStatement()) {
      writing.setAutoCommit(false);
      statement.execute(STAGING);
      copy(reading, writing);
      statement.execute("ANALYZE staging");
      statement.execute(TRADES);
      statement.execute(LOG);
      int[] lengths = PlainTables.BUCKET_SECONDS;
      statement.execute(SHORTEST_CANDLES.formatted(lengths[0]));
      for (int i = 1; i < lengths.length; i++) {
        statement.execute(LONGER_CANDLES.formatted(lengths[i - 1], lengths[i]));
      }
      writing.commit();
    }
  }

  private static void copy(Connection reading, Connection writing) throws SQLException {
    CopyOut out = reading.unwrap(PGConnection.class).getCopyAPI().copyOut(OUT);
    CopyIn in = writing.unwrap(PGConnection.class).getCopyAPI().copyIn(IN);
    for (byte[] row = out.readFromCopy(); row != null; row = out.readFromCopy()) {
      in.writeToCopy(row, 0, row.length);
    }
    in.endCopy();
  }
}
