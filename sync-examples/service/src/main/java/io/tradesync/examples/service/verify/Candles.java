package io.tradesync.examples.service.verify;

/** Reads all candles, one text each, in one order: those of the store, and what they should be. */
public final class Candles {

  private static final String AS_TEXT =
      """
      SELECT concat_ws('|', chain_id, pool_id, bucket_seconds, start, trim_scale(open),
          trim_scale(high), trim_scale(low), trim_scale(close), trim_scale(volume),
          trim_scale(quote_volume), trades)
      FROM candles
      ORDER BY chain_id, pool_id COLLATE "C", bucket_seconds, start
      """;

  /** For the store. */
  public static final String STORED =
      """
      WITH candles AS (
        SELECT *, extract(epoch FROM bucket_start)::bigint AS start FROM trade_candles
      )
      """
          + AS_TEXT;

  /** For the source: the same from scratch, without any of the library's code. */
  public static final String RECOMPUTED = recomputed("order_book_trades");

  /** For the store: what its candles should be by its own trades. */
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
