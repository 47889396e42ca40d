package io.tradesync.examples.benchmarks;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;

/** The tables of the contestants that use no library; the trade's id is the key. */
final class PlainTables {

  /** Adds one or several trades to a candle. Their order is that of the trades' keys. */
  static final String ADD_TO_CANDLE =
      """
      INSERT INTO trade_candles AS c (chain_id, pool_id, bucket_seconds, bucket_start, open, high,
        low, close, volume, quote_volume, trades)
      VALUES (?, ?, ?, to_timestamp(?), ?, ?, ?, ?, ?, ?, ?)
      ON CONFLICT (chain_id, pool_id, bucket_seconds, bucket_start) DO UPDATE SET
        high = greatest(c.high, excluded.high),
        low = least(c.low, excluded.low),
        close = excluded.close,
        volume = c.volume + excluded.volume,
        quote_volume = c.quote_volume + excluded.quote_volume,
        trades = c.trades + excluded.trades
      """;

  /** The lengths of the candles. */
  static final int[] BUCKET_SECONDS = {60, 300, 900, 3_600, 86_400};

  private static final String TABLES =
      """
      CREATE TABLE sync_log (
        trade_id text PRIMARY KEY, trade_timestamp bigint NOT NULL, status text NOT NULL,
        processed_at timestamptz NOT NULL DEFAULT now());
      CREATE TABLE analytics_trades (
        trade_id text PRIMARY KEY, trade_timestamp bigint NOT NULL, chain_id bigint NOT NULL,
        pool_id text NOT NULL, side text, price numeric, quantity numeric, volume numeric,
        transaction_id text);
      CREATE TABLE trade_candles (
        chain_id bigint, pool_id text, bucket_seconds integer, bucket_start timestamptz,
        open numeric, high numeric, low numeric, close numeric, volume numeric,
        quote_volume numeric, trades bigint,
        PRIMARY KEY (chain_id, pool_id, bucket_seconds, bucket_start));
      """;

  private PlainTables() {}

  static void create(Connection store) throws SQLException {
    try (Statement statement = store.createStatement()) {
      statement.execute(TABLES);
    }
  }
}
