package io.tradesync.examples.service.verify;

/** Queries for all candles, one text each, in one order: as stored, and as recomputed. */
public final class Candles {

  private static final String AS_TEXT =
      """
      SELECT concat_ws('|', chain_id, pool_id, bucket_seconds, start, trim_scale(open),
          trim_scale(high), trim_scale(low), trim_scale(close), trim_scale(volume),
          trim_scale(quote_volume), trades)
      FROM candles
      ORDER BY chain_id, pool_id COLLATE "C", bucket_seconds, start
      """;

  /** The candles that the store holds. */
  public static final String STORED =
      """
      WITH candles AS (
        SELECT *, extract(epoch FROM bucket_start)::bigint AS start FROM trade_candles
      )
      """
          + AS_TEXT;

  /** The candles of the source's trades, computed by plain SQL without code of the library. */
  public static final String RECOMPUTED = recomputed("order_book_trades");

  /** The candles of the store's trades, computed by plain SQL. */
  public static final String RECOMPUTED_FROM_STORE =
      recomputed(
          """
          (SELECT trade_id AS id, trade_timestamp AS "timestamp", chain_id, pool_id, price, quantity
           FROM analytics_trades) AS trades
          """);

  private Candles() {}

  private static String recomputed(String trades) {
    return """
        WITH candles AS (
          SELECT chain_id, pool_id, bucket_seconds,
            "timestamp"::bigint / bucket_seconds * bucket_seconds AS start,
            (array_agg(price ORDER BY "timestamp", id COLLATE "C"))[1] AS open,
            max(price) AS high,
            min(price) AS low,
            (array_agg(price ORDER BY "timestamp" DESC, id COLLATE "C" DESC))[1] AS close,
            sum(quantity) AS volume,
            sum(price * quantity) AS quote_volume,
            count(*) AS trades
          FROM %s, unnest(ARRAY[60, 300, 900, 3600, 86400]::bigint[]) AS bucket_seconds
          WHERE price IS NOT NULL AND quantity IS NOT NULL
          GROUP BY chain_id, pool_id, bucket_seconds, start
        )
        """
            .formatted(trades)
        + AS_TEXT;
  }
}
