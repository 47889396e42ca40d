// A local chain (anvil) with an exchange on it. No block comes by itself: everything happens on request.
import { createRequire } from "node:module";
import fs from "node:fs";
import path from "node:path";
import solc from "solc";
import { createWalletClient, encodeFunctionData, http, publicActions } from "viem";
import { mnemonicToAccount } from "viem/accounts";
import { start, until } from "./processes.mjs";

/** Where the exchange is put, on each chain. */
export const EXCHANGE = "0x00000000000000000000000000000000000b00c5";

const ANVIL = createRequire(import.meta.url).resolve("@foundry-rs/anvil-linux-amd64/bin/anvil");
// The account that each anvil fills with ether.
const ACCOUNT = mnemonicToAccount("test test test test test test test test test test test junk");

function compiled() {
  const source = new URL("../Exchange.sol", import.meta.url);
  const input = {
    language: "Solidity",
    sources: { "Exchange.sol": { content: fs.readFileSync(source, "utf8") } },
    settings: {
      optimizer: { enabled: true },
      outputSelection: { "*": { "*": ["abi", "evm.deployedBytecode.object"] } },
    },
  };
  const output = JSON.parse(solc.compile(JSON.stringify(input)));
  if (!output.contracts) throw new Error(JSON.stringify(output.errors));
  return output.contracts["Exchange.sol"].Exchange;
}

let exchange;
let order = 0;

export class Chain {
  /** @param start the timestamp of its first block, in seconds */
  static async start(dir, { id, port, start: timestamp }) {
    exchange ??= compiled();
    const chain = new Chain();
    chain.id = id;
    chain.url = `http://127.0.0.1:${port}`;
    const args = ["--host", "127.0.0.1", "--port", port, "--chain-id", id, "--timestamp", timestamp];
    const more = ["--no-mining", "--order", "fifo", "--gas-limit", 3_000_000_000];
    chain.process = start(ANVIL, [...args, ...more], {
      log: path.join(dir, `anvil-${id}.log`),
    });
    chain.client = createWalletClient({
      account: ACCOUNT,
      chain: {
        id,
        name: `chain ${id}`,
        nativeCurrency: { name: "Ether", symbol: "ETH", decimals: 18 },
        rpcUrls: { default: { http: [chain.url] } },
      },
      transport: http(chain.url, { timeout: 60_000, retryCount: 0 }),
    }).extend(publicActions);
    await until(`chain ${id}`, () => chain.client.getChainId().catch(() => false), {
      child: chain.process,
    });
    await chain.call("anvil_setCode", EXCHANGE, "0x" + exchange.evm.deployedBytecode.object);
    return chain;
  }

  call(method, ...params) {
    return this.client.request({ method, params });
  }

  async timestamp() {
    return Number((await this.client.getBlock()).timestamp);
  }

  /** Sends trades in transactions of at most 50, which wait for a block; returns the transactions. */
  async send(trades) {
    const sent = [];
    let nonce = await this.client.getTransactionCount({ address: ACCOUNT.address, blockTag: "pending" });
    for (let left = trades; left > 0; left -= 50) {
      const fills = Array.from({ length: Math.min(left, 50) }, () => {
        order++;
        return {
          order: BigInt(order),
          buy: order % 2 === 0,
          price: 3_000_000_000n + BigInt((order * 7919) % 1_000_000),
          quantity: 10n ** 18n + BigInt(order) * 10n ** 12n,
        };
      });
      const serializedTransaction = await ACCOUNT.signTransaction({
        chainId: this.id,
        type: "eip1559",
        to: EXCHANGE,
        data: encodeFunctionData({ abi: exchange.abi, functionName: "fill", args: [fills] }),
        gas: 100_000n + 20_000n * BigInt(fills.length),
        maxFeePerGas: 10n ** 11n,
        maxPriorityFeePerGas: 1n,
        nonce: nonce++,
      });
      await this.client.sendRawTransaction({ serializedTransaction });
      sent.push(serializedTransaction);
    }
    return sent;
  }

  async resend(transactions) {
    for (const serializedTransaction of transactions) {
      await this.client.sendRawTransaction({ serializedTransaction });
    }
  }

  /** Mines one block with all that waits, some seconds after the last one. */
  async mine(seconds = 1) {
    await this.call("evm_setNextBlockTimestamp", (await this.timestamp()) + seconds);
    await this.call("evm_mine");
  }

  async mineTrades(trades, seconds) {
    const sent = await this.send(trades);
    await this.mine(seconds);
    return sent;
  }

  /**
   * Mines blocks with some trades each, then takes them back and mines one more in their place: with
   * other trades, with the same transactions all in the last block, or empty ones.
   */
  async reorg(kind, { blocks = 3, trades = 4, afterEach, before }) {
    const fork = await this.call("evm_snapshot");
    const sent = [];
    for (let i = 0; i < blocks; i++) {
      sent.push(...(await this.mineTrades(trades)));
      await afterEach();
    }
    await before();
    if (!(await this.call("evm_revert", fork))) throw new Error("the chain kept its blocks");
    for (let i = 0; i <= blocks; i++) {
      if (kind === "other") await this.send(trades);
      if (kind === "same" && i === blocks) await this.resend(sent);
      await this.mine();
    }
  }

  /** What the chain holds: for each trade its transaction and its block's time. */
  async trades() {
    const logs = await this.client.getLogs({ address: EXCHANGE, fromBlock: 0n });
    return logs.map((log) => `${log.transactionHash} ${Number(log.blockTimestamp)}`);
  }
}
