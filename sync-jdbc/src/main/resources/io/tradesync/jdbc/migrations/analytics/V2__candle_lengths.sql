-- Which candles are kept, and since when the candles of a length are complete: null while the length
-- is being built, -infinity if they hold all trades.
create table if not exists candle_length (
  bucket_seconds integer primary key,
  complete_since timestamptz
);

insert into candle_length
select length,
  case
    when exists (select from candle_rebuild where bucket_seconds = length) then null
    else timestamptz '-infinity'
  end
from analytics_owner, unnest(bucket_seconds) as length
on conflict do nothing;

alter table analytics_owner drop column if exists bucket_seconds;

-- Candles are recomputed from the shortest length to the longest, and all pools of a minute together.
alter table candle_rebuild drop constraint if exists candle_rebuild_pkey;
alter table candle_rebuild add primary key (bucket_seconds, bucket_start, chain_id, pool_id);
