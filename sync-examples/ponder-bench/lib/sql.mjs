// Both sides in plain SQL, without any of the library's code.

const digest = (table, id, timestamp) => `
  SELECT count(*) AS trades, md5(coalesce(string_agg(concat_ws('|', ${id}, ${timestamp}, chain_id,
    trim_scale(price), trim_scale(quantity), transaction_id, side, pool_id), E'\\n'
    ORDER BY ${timestamp}, ${id} COLLATE "C"), '')) AS rows
  FROM ${table}`;

export const sourceRows = (table) => digest(table, "id", '"timestamp"');
export const STORE_ROWS = digest("analytics_trades", "trade_id", "trade_timestamp");

/** When the transaction was committed that wrote a row, in milliseconds since 1970. */
const committed = (table, id) => `
  SELECT ${id} AS id, extract(epoch FROM pg_xact_commit_timestamp(xmin)) * 1000 AS at FROM ${table}`;

export const sourceCommits = (table) => committed(table, "id");
export const STORE_COMMITS = committed("analytics_trades", "trade_id");

const recomputed = (table, id, timestamp, buckets) => `
  SELECT chain_id::bigint, pool_id::text COLLATE "C", bucket_seconds::int,
    ${timestamp}::bigint / bucket_seconds * bucket_seconds AS start,
    (array_agg(price ORDER BY ${timestamp}, ${id} COLLATE "C"))[1] AS open,
    max(price) AS high, min(price) AS low,
    (array_agg(price ORDER BY ${timestamp} DESC, ${id} COLLATE "C" DESC))[1] AS close,
    sum(quantity) AS volume, sum(price * quantity) AS quote_volume, count(*) AS trades
  FROM ${table}, unnest(ARRAY[${buckets}]::bigint[]) AS bucket_seconds
  WHERE price IS NOT NULL AND quantity IS NOT NULL
  GROUP BY 1, 2, 3, 4`;

const kept = (buckets) => `
  SELECT chain_id, pool_id, bucket_seconds, extract(epoch FROM bucket_start)::bigint,
    open, high, low, close, volume, quote_volume, trades
  FROM trade_candles WHERE bucket_seconds IN (${buckets})`;

const candleDigest = (candles) => `
  WITH candles (chain, pool, seconds, start, open, high, low, close, volume, quote, trades)
    AS (${candles})
  SELECT count(*) AS candles, md5(coalesce(string_agg(concat_ws('|', chain, pool, seconds, start,
    trim_scale(open), trim_scale(high), trim_scale(low), trim_scale(close), trim_scale(volume),
    trim_scale(quote), trades), E'\\n' ORDER BY chain, pool, seconds, start), '')) AS rows
  FROM candles`;

const BUCKETS = "60, 300, 900, 3600, 86400";
export const sourceCandles = (table) => candleDigest(recomputed(table, "id", '"timestamp"', BUCKETS));
export const STORE_CANDLES = candleDigest(kept(BUCKETS));

/** Candles of a minute that the store keeps and that its own rows contradict, or the reverse. */
export const WRONG_CANDLES = `
  WITH computed AS (${recomputed("analytics_trades", "trade_id", "trade_timestamp", 60)}),
    kept AS (${kept(60)})
  SELECT count(*) FROM (
    (TABLE computed EXCEPT TABLE kept) UNION ALL (TABLE kept EXCEPT TABLE computed)) AS wrong`;
