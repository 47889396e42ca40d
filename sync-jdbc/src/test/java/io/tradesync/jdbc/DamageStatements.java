package io.tradesync.jdbc;

import java.util.List;
import java.util.Random;

/**
 * Statements that damage a store. The names in braces are filled in: {@code row} and {@code candle}
 * are conditions, {@code id} and {@code other} ids, {@code second} and {@code far} seconds, {@code
 * length} a length of candles.
 */
final class DamageStatements {

  // TimescaleDB refuses to update the time of a row in a compressed chunk.
  private static final String MOVED =
      """
      with moved as (
        delete from analytics_trades where {row} returning *)
      insert into analytics_trades
      select ts + interval '%s', trade_id, trade_timestamp, chain_id, pool_id, symbol, side, price,
        quantity, volume, scaled_volume, transaction_id, attributes
      from moved
      on conflict do nothing\
      """;

  private static final String COPIED =
      """
      insert into analytics_trades
      select ts + interval '%s', trade_id, trade_timestamp, chain_id, pool_id, symbol, side, price,
        quantity, volume, scaled_volume, transaction_id, attributes
      from analytics_trades where {row}
      on conflict do nothing\
      """;

  private static final List<String> OF_ROWS =
      List.of(
          "delete from analytics_trades where {row}",
          "delete from analytics_trades where trade_id > '{id}'",
          "delete from analytics_trades",
          MOVED.formatted("1 hour"),
          MOVED.formatted("-300 seconds"),
          MOVED.formatted("1 second"),
          MOVED.formatted("0.999999 seconds"),
          MOVED.formatted("-1 microsecond"),
          COPIED.formatted("300 seconds"),
          COPIED.formatted("1 microsecond"),
          """
          insert into analytics_trades (ts, trade_id, trade_timestamp, chain_id, pool_id, price,
            quantity, volume)
          values (to_timestamp({second}), 'by hand', {second}, 1, 'pool', 9, 9, 81) on conflict do nothing\
          """,
          """
          insert into analytics_trades (ts, trade_id, trade_timestamp, chain_id, pool_id)
          values (to_timestamp({second}), 'no price', {second}, 1, 'nowhere') on conflict do nothing\
          """,
          """
          insert into analytics_trades (ts, trade_id, trade_timestamp, chain_id, pool_id, price,
            quantity, volume)
          values (to_timestamp({far}), 'far', {far}, 1, 'pool', 9, 9, 81) on conflict do nothing\
          """,
          """
          update analytics_trades as a set price = b.price, volume = b.price * a.quantity
          from analytics_trades as b
          where a.trade_id = '{id}' and b.trade_id = '{other}'\
          """);

  private static final List<String> OF_COLUMNS =
      List.of(
          "trade_timestamp = trade_timestamp + 1",
          "trade_timestamp = trade_timestamp - 300",
          "chain_id = chain_id + 1",
          "pool_id = 'nowhere'",
          "side = case side when 'Buy' then 'Sell' else 'Buy' end",
          "side = null",
          "price = price + 1",
          "price = null, volume = null",
          "quantity = quantity * 2, volume = volume * 2",
          "quantity = null",
          "volume = volume + 1",
          "volume = -volume",
          "volume = null",
          "transaction_id = ''",
          "attributes = null",
          "attributes = '{\"fee\": \"1\", \"tag\": \"x\", \"more\": null}'",
          "attributes = attributes - 'tag'",
          "attributes = attributes || '{\"fee\": null}'");

  private static final List<String> OF_CANDLES =
      List.of(
          "delete from trade_candles where {candle}",
          "delete from trade_candles where bucket_seconds = {length}",
          "delete from trade_candles where pool_id = 'pool'",
          "delete from trade_candles",
          """
          insert into trade_candles (chain_id, pool_id, bucket_seconds, bucket_start, volume,
            quote_volume, trades)
          values (7, 'by hand', {length}, to_timestamp({second} / {length} * {length}), 1, 1, 1) on conflict do nothing\
          """,
          """
          insert into trade_candles (chain_id, pool_id, bucket_seconds, bucket_start, volume,
            quote_volume, trades)
          values (1, 'pool', {length}, to_timestamp({far} / {length} * {length}), 0, 0, 0) on conflict do nothing\
          """,
          """
          insert into trade_candles
          select chain_id, pool_id, bucket_seconds, bucket_start + interval '0.5 seconds', open,
            high, low, close, volume, quote_volume, trades, open_timestamp, open_id,
            close_timestamp, close_id
          from trade_candles where {candle}
          on conflict do nothing\
          """,
          """
          update trade_candles as a set volume = b.volume, quote_volume = b.quote_volume
          from trade_candles as b
          where a.bucket_seconds = b.bucket_seconds and a.pool_id <> b.pool_id
            and a.bucket_start = b.bucket_start\
          """);

  private static final List<String> OF_CANDLES_COLUMNS =
      List.of(
          "open = open + 1",
          "open = null",
          "high = high + 1",
          "high = null",
          "low = low - 1",
          "low = null",
          "close = close - 1",
          "close = null",
          "volume = volume + 0.001",
          "quote_volume = 0",
          "trades = trades + 1",
          "trades = 0",
          "open_timestamp = open_timestamp - 1",
          "open_timestamp = null",
          "open_id = concat(open_id, 'x')",
          "open_id = ''",
          "open_id = null",
          "close_timestamp = close_timestamp + 1",
          "close_timestamp = null",
          "close_id = ''",
          "close_id = concat(close_id, 'x')",
          "close_id = null",
          "chain_id = chain_id + 1",
          "pool_id = concat(pool_id, 'x')",
          "bucket_start = bucket_start + interval '1 millisecond'",
          "bucket_start = bucket_start + interval '10000000 seconds'");

  private DamageStatements() {}

  /**
   * Returns any statement.
   *
   * @param truncations what truncates a table, as far as that is damage
   */
  static String any(Random choice, List<String> truncations) {
    switch (choice.nextInt(truncations.isEmpty() ? 6 : 13)) {
      case 0, 1, 6, 7:
        return one(OF_ROWS, choice);
      case 2, 8, 9:
        return "update analytics_trades set " + one(OF_COLUMNS, choice) + " where {row}";
      case 3, 10:
        return one(OF_CANDLES, choice);
      case 12:
        return one(truncations, choice);
      default:
        return "update trade_candles set " + one(OF_CANDLES_COLUMNS, choice) + " where {candle}";
    }
  }

  private static String one(List<String> all, Random choice) {
    return all.get(choice.nextInt(all.size()));
  }
}
