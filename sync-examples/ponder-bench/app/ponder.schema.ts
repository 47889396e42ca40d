import { index, onchainTable } from "ponder";

// The columns and indexes of an order-book indexer in use.
export const orderBookTrades = onchainTable(
  "order_book_trades",
  (t) => ({
    id: t.text().primaryKey(),
    chainId: t.integer().notNull(),
    price: t.bigint(),
    quantity: t.bigint(),
    timestamp: t.integer(),
    transactionId: t.text(),
    side: t.varchar(),
    poolId: t.hex().notNull(),
  }),
  (trade) => ({
    byTransaction: index().on(trade.transactionId),
    byPool: index().on(trade.poolId),
    byChain: index().on(trade.chainId),
    byPoolAndTime: index().on(trade.poolId, trade.chainId, trade.timestamp),
    bySide: index().on(trade.side),
    byTime: index().on(trade.timestamp),
  }),
);

export const pools = onchainTable("pools", (t) => ({
  id: t.text().primaryKey(),
  chainId: t.integer().notNull(),
  coin: t.varchar(),
  orderBook: t.hex().notNull(),
  baseDecimals: t.integer(),
  quoteDecimals: t.integer(),
}));
