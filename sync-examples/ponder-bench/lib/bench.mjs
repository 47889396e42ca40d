// A directory and a PostgreSQL for as long as a script runs; nothing is left of them afterwards.
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { Postgres } from "./postgres.mjs";
import { stopAll } from "./processes.mjs";

export async function withBench(use) {
  // Below the range of which systems take ports for outgoing connections.
  const port = Number(process.env.BENCH_PORT ?? 28500);
  const dir = fs.mkdtempSync(path.join(process.env.BENCH_DIR ?? os.tmpdir(), "ponder-bench-"));
  fs.chmodSync(dir, 0o755); // PostgreSQL may run as another user.
  const close = async () => {
    await stopAll();
    if (process.env.BENCH_KEEP) console.log(`kept: ${dir}`);
    else fs.rmSync(dir, { recursive: true, force: true });
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
    process.once(signal, () => close().finally(() => process.exit(130)));
  }
  try {
    return await use({ dir, port, postgres: await Postgres.start(dir, port) });
  } finally {
    await close();
  }
}
