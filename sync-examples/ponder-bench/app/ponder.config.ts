import { createConfig } from "ponder";
import { parseAbi } from "viem";

// RPC_URLS: one URL a chain, separated by commas; the chains' ids count up from 31337.
const urls = process.env.RPC_URLS!.split(",");

const chains = Object.fromEntries(
  urls.map((rpc, i) => [
    `chain${i}`,
    // A local chain starts anew each time, so blocks kept from an earlier one would be wrong.
    { id: 31337 + i, rpc, pollingInterval: 1000, disableCache: true },
  ]),
);
const everywhere = Object.fromEntries(Object.keys(chains).map((name) => [name, {}]));

export default createConfig({
  database: { kind: "postgres", connectionString: process.env.DATABASE_URL! },
  chains: chains as { chain0: (typeof chains)[string] },
  contracts: {
    Exchange: {
      abi: parseAbi(["event Filled(uint64 order, bool buy, uint256 price, uint256 quantity)"]),
      address: process.env.EXCHANGE as `0x${string}`,
      chain: everywhere as { chain0: {} },
      startBlock: 0,
    },
  },
});
