-- The index by length and time is for statements that name a length, as those of an audit do. A
-- search of a candle by its key does not, so no plan can use this index in place of the primary key
-- and read the candles of all pools at that time. If the candles are kept as continuous aggregates,
-- trade_candles is a view and has no index.
do $$
begin
  if exists (
      select from pg_class where oid = to_regclass('trade_candles') and relkind = 'r') then
    drop index if exists trade_candles_time;
    create index trade_candles_time on trade_candles (bucket_seconds, bucket_start)
      where bucket_seconds > 0;
  end if;
end
$$;
