// What one scenario plays on: chains, a database of its own, and Ponder.
import { Chain } from "./chain.mjs";
import { Ponder } from "./ponder.mjs";
import { pause, stop, until } from "./processes.mjs";

/** Timestamps are recent, as on a living chain, and leave room for the blocks to come. */
const AGE_OF_THE_CHAINS = 3000;

export class Stage {
  /** @param chains how many; @param views whether readers see views */
  static async open(bench, { name, chains, views }) {
    const stage = new Stage();
    Object.assign(stage, { bench, views, deployments: [] });
    stage.database = `ponder_${name.replaceAll("-", "_")}`;
    await bench.postgres.query("postgres", `CREATE DATABASE ${stage.database}`);
    const start = Math.floor(Date.now() / 1000) - AGE_OF_THE_CHAINS;
    stage.chains = [];
    for (let i = 0; i < chains; i++) {
      stage.chains.push(
        await Chain.start(bench.dir, { id: 31337 + i, port: bench.port + 1 + i, start }),
      );
    }
    return stage;
  }

  /** The schema that readers use. */
  get schema() {
    return this.views ? "live" : this.deployments.at(-1).schema;
  }

  get table() {
    return `"${this.schema}".order_book_trades`;
  }

  query(sql) {
    return this.bench.postgres.query(this.database, sql);
  }

  /** Mines a block with trades on each chain, again and again. */
  async trade(blocks, trades, { seconds = 1, every = 0 } = {}) {
    for (let i = 0; i < blocks; i++) {
      for (const chain of this.chains) await chain.mineTrades(trades, seconds);
      await pause(every);
    }
  }

  /** Starts another deployment; the earlier ones go on. */
  deploy() {
    const version = this.deployments.length + 1;
    const ponder = new Ponder(this.bench.dir, {
      databaseUrl: this.bench.postgres.url(this.database),
      chains: this.chains,
      schema: `${this.database}_v${version}`,
      views: this.views ? "live" : undefined,
      port: this.bench.port + 3 + version,
    });
    this.deployments.push(ponder);
    ponder.start();
    return ponder;
  }

  async tableIsThere() {
    const there = () =>
      this.query(`SELECT to_regclass('${this.table}')`).then(([row]) => row.to_regclass);
    await until(`table ${this.table}`, there);
  }

  /** Waits until readers see what the chains hold, all of it and nothing else. */
  async settled() {
    const held = (await Promise.all(this.chains.map((chain) => chain.trades()))).flat();
    const wanted = held.sort().join();
    await until(
      "Ponder's tables equal to the chains",
      async () => {
        const rows = await this.query(
          `SELECT concat_ws(' ', transaction_id, "timestamp") AS trade FROM ${this.table}`,
        );
        return rows.map((row) => row.trade).sort().join() === wanted;
      },
      { seconds: 180 },
    );
  }

  async close() {
    for (const ponder of this.deployments) await stop(ponder.process);
    for (const chain of this.chains) await stop(chain.process);
  }
}
