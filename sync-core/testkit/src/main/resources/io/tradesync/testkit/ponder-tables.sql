create table order_book_trades (
  id text primary key,
  chain_id integer not null,
  price numeric(78, 0),
  quantity numeric(78, 0),
  "timestamp" integer,
  transaction_id text,
  side varchar,
  pool_id text not null);
create index on order_book_trades ("timestamp");
create table pools (
  id text primary key,
  order_book text,
  chain_id integer,
  coin varchar,
  base_decimals integer,
  quote_decimals integer);
