-- The trades, exactly as the source has them, with the exact product of price and quantity.
create table if not exists analytics_trades (
  ts timestamptz not null,
  trade_id text collate "C" not null,
  trade_timestamp bigint not null,
  chain_id bigint not null,
  pool_id text collate "C" not null,
  symbol text,
  side text,
  price numeric,
  quantity numeric,
  volume numeric,
  scaled_volume numeric,
  transaction_id text,
  attributes jsonb,
  primary key (ts, trade_id)
);

-- A hypertable where TimescaleDB is installed in this database; a plain table otherwise.
do $$
declare
  extension_schema text;
begin
  select n.nspname into extension_schema
  from pg_extension e join pg_namespace n on n.oid = e.extnamespace
  where e.extname = 'timescaledb';
  if extension_schema is not null then
    execute format(
      'select %I.create_hypertable(''analytics_trades'', ''ts'', if_not_exists => true, migrate_data => true)',
      extension_schema);
  end if;
end
$$;

-- Open and close belong to the smallest and the largest trade key, which are kept with them, so that
-- the order of arrival does not matter.
create table if not exists trade_candles (
  chain_id bigint not null,
  pool_id text collate "C" not null,
  bucket_seconds integer not null,
  bucket_start timestamptz not null,
  open numeric,
  high numeric,
  low numeric,
  close numeric,
  volume numeric not null,
  quote_volume numeric not null,
  trades bigint not null,
  open_timestamp bigint,
  open_id text collate "C",
  close_timestamp bigint,
  close_id text collate "C",
  primary key (chain_id, pool_id, bucket_seconds, bucket_start)
);

-- Candles that are to be computed anew from the trades.
create table if not exists candle_rebuild (
  chain_id bigint not null,
  pool_id text collate "C" not null,
  bucket_seconds integer not null,
  bucket_start timestamptz not null,
  primary key (chain_id, pool_id, bucket_seconds, bucket_start)
);

-- Whose trades these are, and which candles are kept.
create table if not exists analytics_owner (
  single boolean primary key default true check (single),
  service text not null,
  bucket_seconds integer[] not null
);
