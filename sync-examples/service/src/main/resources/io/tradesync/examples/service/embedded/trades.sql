INSERT INTO order_book_trades
SELECT
  'sample_trade_' || n,
  31337,
  2500000000 + n * 1000000,
  n::numeric * 1000000000000000000,
  extract(epoch FROM now())::integer - (12 - n) * 60,
  '0x' || encode(sha256(('sample transaction ' || n)::bytea), 'hex'),
  CASE WHEN n % 2 = 0 THEN 'Buy' ELSE 'Sell' END,
  '0x00000000000000000000000000000000000000b0'
FROM generate_series(1, 12) n;
