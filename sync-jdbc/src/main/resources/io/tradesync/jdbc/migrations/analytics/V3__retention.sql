-- How far back trades are kept: below the greater of retained_since and the current time less
-- retained_seconds, rounded up to a multiple of retention_step, no candle is computed from trades.
alter table analytics_owner
  add column if not exists retained_since bigint,
  add column if not exists retained_seconds bigint,
  add column if not exists retention_step integer;
