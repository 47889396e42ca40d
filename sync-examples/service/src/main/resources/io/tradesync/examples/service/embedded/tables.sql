-- As an order-book indexer on Ponder declares them.
CREATE TABLE pools (
  id text PRIMARY KEY,
  chain_id integer NOT NULL,
  coin varchar,
  order_book text NOT NULL,
  base_currency text,
  quote_currency text,
  base_decimals integer,
  quote_decimals integer
);

CREATE TABLE order_book_trades (
  id text PRIMARY KEY,
  chain_id integer NOT NULL,
  price numeric(78, 0),
  quantity numeric(78, 0),
  "timestamp" integer,
  transaction_id text,
  side varchar,
  pool_id text NOT NULL
);

CREATE INDEX ON order_book_trades (transaction_id);
CREATE INDEX ON order_book_trades (pool_id);
CREATE INDEX ON order_book_trades (chain_id);
CREATE INDEX ON order_book_trades (pool_id, chain_id, "timestamp");
CREATE INDEX ON order_book_trades (side);
CREATE INDEX ON order_book_trades ("timestamp");

INSERT INTO pools VALUES (
  'pool_weth_usdc', 31337, 'WETH/USDC', '0x00000000000000000000000000000000000000b0',
  '0x00000000000000000000000000000000000000e7', '0x00000000000000000000000000000000000000dc', 18, 6
);
