-- An audit reads the candles of a length that begin in a span of time, of all pools.
create index if not exists trade_candles_time on trade_candles (bucket_seconds, bucket_start);
