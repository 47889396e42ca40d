-- Queries to start from. They only read, and nothing of the library uses them.

-- The candles of a pool from one time to before another, of a length that is kept. A span without a
-- trade has the close of the candle before it as all of its prices, and no volume; before the pool's
-- first trade its prices are null.
create or replace function trade_candles_filled(
  chain bigint, pool text, seconds integer, since timestamptz, until timestamptz)
returns table (
  bucket_start timestamptz, open numeric, high numeric, low numeric, close numeric, volume numeric,
  quote_volume numeric, trades bigint)
language sql stable
set search_path from current
as $$
  with bounds as (
    select (floor(extract(epoch from since) / seconds) * seconds)::bigint as first,
      (ceil(extract(epoch from until) / seconds) * seconds)::bigint as last),
  kept as (
    select c.*
    from bounds
    join trade_candles as c
      on c.bucket_start >= to_timestamp(first) and c.bucket_start < to_timestamp(last)
    where c.chain_id = chain and c.pool_id = pool and c.bucket_seconds = seconds and c.trades > 0),
  before as (
    select c.close
    from bounds
    join trade_candles as c on c.bucket_start < to_timestamp(first)
    where c.chain_id = chain and c.pool_id = pool and c.bucket_seconds = seconds and c.trades > 0
    order by c.bucket_start desc
    limit 1),
  -- A candle and the spans without a trade after it have the same number.
  spans as (
    select to_timestamp(s.second) as start, k.open, k.high, k.low, k.close, k.volume,
      k.quote_volume, k.trades,
      count(k.trades) over (order by s.second) as number
    from bounds
    cross join generate_series(first, last - seconds, seconds::bigint) as s (second)
    left join kept as k on k.bucket_start = to_timestamp(s.second)),
  filled as (
    select spans.*,
      coalesce(
        first_value(spans.close) over (partition by number order by start),
        (select before.close from before)) as last_close
    from spans)
  select start, coalesce(f.open, last_close), coalesce(f.high, last_close),
    coalesce(f.low, last_close), coalesce(f.close, last_close), coalesce(f.volume, 0),
    coalesce(f.quote_volume, 0), coalesce(f.trades, 0)
  from filled as f
  order by start
$$;

-- The price of a pool's last trade that has one, its time and its id.
create or replace function trade_latest_price(chain bigint, pool text)
returns table (price numeric, ts timestamptz, trade_id text)
language sql stable
set search_path from current
as $$
  select c.close, to_timestamp(c.close_timestamp), c.close_id
  from trade_candles as c
  where c.chain_id = chain and c.pool_id = pool and c.trades > 0
    and c.bucket_seconds = (
      select min(l.bucket_seconds) from candle_length as l where l.complete_since is not null)
  order by c.bucket_start desc
  limit 1
$$;

-- The same of all pools. The pools are found one after the other in the key of trade_candles.
create or replace view trade_latest_prices as
with recursive pools as (
  (select chain_id, pool_id from trade_candles order by chain_id, pool_id limit 1)
  union all
  select n.chain_id, n.pool_id
  from pools as p
  cross join lateral (
    select c.chain_id, c.pool_id
    from trade_candles as c
    where (c.chain_id, c.pool_id) > (p.chain_id, p.pool_id)
    order by c.chain_id, c.pool_id
    limit 1) as n)
select p.chain_id, p.pool_id, l.price, l.ts, l.trade_id
from pools as p
cross join lateral trade_latest_price(p.chain_id, p.pool_id) as l;

-- What was traded in a pool from one time to before another, which need not be whole minutes: whole
-- candles of the shortest length, and the trades themselves at both ends.
create or replace function trade_volume(
  chain bigint, pool text, since timestamptz, until timestamptz)
returns table (volume numeric, quote_volume numeric, trades bigint)
language sql stable
set search_path from current
as $$
  with shortest as (
    select min(l.bucket_seconds) as seconds
    from candle_length as l
    where l.complete_since is not null),
  ends as (
    select seconds,
      coalesce(to_timestamp(ceil(extract(epoch from since) / seconds) * seconds), until) as first,
      coalesce(to_timestamp(floor(extract(epoch from until) / seconds) * seconds), until) as last
    from shortest),
  parts as (
    select c.volume, c.quote_volume, c.trades
    from ends
    join trade_candles as c
      on c.bucket_seconds = seconds and c.bucket_start >= first and c.bucket_start < last
    where c.chain_id = chain and c.pool_id = pool
    union all
    select t.quantity, t.volume, 1
    from analytics_trades as t
    where t.ts >= since and t.ts < (select least(first, until) from ends)
      and t.chain_id = chain and t.pool_id = pool
      and t.price is not null and t.quantity is not null
    union all
    select t.quantity, t.volume, 1
    from analytics_trades as t
    where t.ts >= (select greatest(first, last) from ends) and t.ts < until
      and t.chain_id = chain and t.pool_id = pool
      and t.price is not null and t.quantity is not null)
  select coalesce(sum(p.volume), 0), coalesce(sum(p.quote_volume), 0),
    coalesce(sum(p.trades), 0)::bigint
  from parts as p
$$;
