-- Spans of time in which trades changed, and whose continuous aggregates are still to be refreshed:
-- from a second to before another. Of all aggregates; a span with a length makes that length complete.
create table if not exists candle_refresh (
  id bigint generated always as identity primary key,
  bucket_seconds integer,
  from_second bigint not null,
  to_second bigint not null
);

-- The pools that have a candle, found one after the other in the key of trade_candles. A function,
-- so that trade_candles can be replaced by a view.
create or replace function trade_candle_pools()
returns table (chain_id bigint, pool_id text)
language sql stable
set search_path from current
as $$
  with recursive pools as (
    (select c.chain_id, c.pool_id from trade_candles as c order by c.chain_id, c.pool_id limit 1)
    union all
    select n.chain_id, n.pool_id
    from pools as p
    cross join lateral (
      select c.chain_id, c.pool_id
      from trade_candles as c
      where (c.chain_id, c.pool_id) > (p.chain_id, p.pool_id)
      order by c.chain_id, c.pool_id
      limit 1) as n)
  select p.chain_id, p.pool_id
  from pools as p
$$;

create or replace view trade_latest_prices as
select p.chain_id, p.pool_id collate "C" as pool_id, l.price, l.ts, l.trade_id
from trade_candle_pools() as p
cross join lateral trade_latest_price(p.chain_id, p.pool_id) as l;
