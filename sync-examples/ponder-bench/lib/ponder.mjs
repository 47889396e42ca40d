// Ponder, indexing the chains into a schema.
import fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { EXCHANGE } from "./chain.mjs";
import { start, until } from "./processes.mjs";

const BENCH = fileURLToPath(new URL("..", import.meta.url));

export class Ponder {
  /** @param views the schema of views that this deployment takes over once it is ready, if any */
  constructor(dir, { databaseUrl, chains, schema, views, port }) {
    Object.assign(this, { databaseUrl, chains, schema, views, port });
    this.log = path.join(dir, `ponder-${schema}.log`);
    this.app = path.join(dir, `app-${schema}`);
    fs.cpSync(path.join(BENCH, "app"), this.app, { recursive: true });
    fs.symlinkSync(path.join(BENCH, "node_modules"), path.join(this.app, "node_modules"));
    // Two deployments of one build are not told apart, and a build is its files' hash.
    fs.appendFileSync(path.join(this.app, "src/index.ts"), `// ${schema}\n`);
  }

  start() {
    const views = this.views ? ["--views-schema", this.views] : [];
    const args = ["start", "--schema", this.schema, ...views, "--port", this.port];
    const program = path.join(BENCH, "node_modules/ponder/dist/esm/bin/ponder.js");
    this.process = start(process.execPath, [program, ...args], {
      cwd: this.app,
      log: this.log,
      env: {
        ...process.env,
        DATABASE_URL: this.databaseUrl,
        RPC_URLS: this.chains.map((chain) => chain.url).join(),
        EXCHANGE,
        PONDER_TELEMETRY_DISABLED: "1",
      },
    });
  }

  /** Waits until the backfill is done. */
  async ready(seconds = 180) {
    const asked = () => fetch(`http://127.0.0.1:${this.port}/ready`).then((r) => r.ok, () => false);
    await until(`Ponder ${this.schema}`, asked, { seconds, child: this.process });
  }
}
