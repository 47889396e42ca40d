import { createHash } from "node:crypto";
import { ponder } from "ponder:registry";
import { orderBookTrades, pools } from "ponder:schema";

ponder.on("Exchange:Filled", async ({ event, context }) => {
  const chainId = context.chain.id;
  const orderBook = event.log.address;
  const { order, buy, price, quantity } = event.args;
  // Nothing of the block goes in: a transaction that is mined again elsewhere keeps its trades' ids.
  const id = createHash("sha256")
    .update([chainId, event.transaction.hash, order].join("/"))
    .digest("hex");

  await context.db
    .insert(orderBookTrades)
    .values({
      id,
      chainId,
      price,
      quantity,
      timestamp: Number(event.block.timestamp),
      transactionId: event.transaction.hash,
      side: buy ? "Buy" : "Sell",
      poolId: orderBook,
    })
    .onConflictDoNothing();

  await context.db
    .insert(pools)
    .values({
      id: `${chainId}-${orderBook}`,
      chainId,
      coin: "WETH/USDC",
      orderBook,
      baseDecimals: 18,
      quoteDecimals: 6,
    })
    .onConflictDoNothing();
});
