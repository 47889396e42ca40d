// node verify.mjs [scenario ...]: the service beside a real Ponder, through all that happens to one.
// Ends with 1 if any trade was counted twice, lost, or left over.
import fs from "node:fs";
import path from "node:path";
import { withBench } from "./lib/bench.mjs";
import { delays, quantile } from "./lib/delays.mjs";
import { until } from "./lib/processes.mjs";
import { SCENARIOS } from "./lib/scenarios.mjs";
import { GRACE_SECONDS, READER, Service } from "./lib/service.mjs";
import { sourceCandles, sourceRows, STORE_CANDLES, STORE_ROWS } from "./lib/sql.mjs";
import { Stage } from "./lib/stage.mjs";
import { Watcher } from "./lib/watcher.mjs";

const SECONDS_TO_EQUAL = 60;

/** Within this time of Ponder's commit a trade that it notified is in the store, 99 of 100 times. */
const MOST_DELAY_MS = 1_000;

/** Waits until both sides and the service's own opinion agree; what differs after that time. */
async function differences(stage, service, notify) {
  const { postgres } = stage.bench;
  const ask = async (database, sql) => JSON.stringify(await postgres.query(database, sql));
  let different;
  const equal = async () => {
    different = [];
    if (notify) await service.run();
    const compare = async (what, ofSource, ofStore) => {
      const [source, store] = [await ask(stage.database, ofSource), await ask(service.database, ofStore)];
      if (source !== store) different.push(`${what} differ: ${source} and ${store}`);
    };
    await compare("trades", sourceRows(stage.table), STORE_ROWS);
    await compare("candles", sourceCandles(stage.table), STORE_CANDLES);
    const health = await service.health();
    if (!health?.isHealthy) different.push(`health: ${JSON.stringify(health)}`);
    return different.length === 0;
  };
  await until("equal sides", equal, { seconds: SECONDS_TO_EQUAL, every: 250, child: service.process })
    .catch((error) => different.push(error.message));
  return different;
}

/** What notifications alone left to a run. */
async function leftToRuns(service) {
  let gaps;
  const nothingNew = async () => {
    gaps = (await service.health())?.gaps;
    return gaps && gaps.missing + gaps.error + gaps.changed === 0;
  };
  const faults = [];
  await until("what is new, by notifications alone", nothingNew, { seconds: 10 })
    .catch((error) => faults.push(`${error.message}: ${JSON.stringify(gaps)}`));
  return { orphaned: gaps?.orphaned, faults };
}

/** The lines of a log, from an offset on, that match. */
function complaints(log, pattern, from = 0) {
  const lines = fs.readFileSync(log, "utf8").slice(from).split("\n");
  return lines.filter((line) => pattern.test(line)).map((line) => `${path.basename(log)}: ${line}`);
}

async function verify(bench, scenario) {
  const began = fs.readFileSync(bench.postgres.log, "utf8").length;
  const stage = await Stage.open(bench, scenario);
  // With two chains the service may also read how far Ponder is, with one it may not.
  const tables = ["order_book_trades", "pools"];
  if (scenario.chains === 2) tables.push("_ponder_checkpoint", "_ponder_meta");
  stage.grant = async () => {
    const granted = tables.map((table) => `"${stage.schema}".${table}`).join();
    await stage.query(`GRANT USAGE ON SCHEMA "${stage.schema}" TO ${READER}`);
    await stage.query(`GRANT SELECT ON ${granted} TO ${READER}`);
  };
  const faults = [];
  const figures = {};
  stage.measure = async (since) => {
    const sorted = await delays(stage, service, since);
    const [median, p99, max] = [0.5, 0.99, 1].map((part) => Math.round(quantile(sorted, part)));
    figures["median/p99/max ms"] = `${median}/${p99}/${max} of ${sorted.length}`;
    if (p99 > MOST_DELAY_MS) faults.push(`late: p99 ${p99} ms`);
  };
  let service;
  let watcher;
  let different;
  let seconds;
  let trades;
  try {
    await scenario.prepare(stage);
    await stage.grant();
    service = await Service.start(stage, scenario);
    watcher = await Watcher.start(stage, service, GRACE_SECONDS);
    await scenario.walk(stage);
    await stage.settled();
    if (scenario.notify) {
      const left = await leftToRuns(service);
      figures.orphaned = left.orphaned;
      faults.push(...left.faults);
    }
    const settled = Date.now();
    different = await differences(stage, service, scenario.notify);
    seconds = (Date.now() - settled) / 1000;
    [{ trades }] = await stage.query(sourceRows(stage.table));
  } finally {
    await watcher?.stop();
    await service?.stop();
    await stage.close();
  }
  return {
    trades: Number(trades),
    vanished: watcher.vanished.size,
    returned: watcher.returned.size,
    looks: watcher.looks,
    seconds,
    ...figures,
    faults: [
      ...faults,
      ...different,
      ...[...watcher.violations].map(([what, where]) => `${what}: ${[...where].join(", ")}`),
      ...stage.deployments.flatMap(({ log }) => complaints(log, /statement timeout|deadlock/i)),
      ...complaints(bench.postgres.log, /deadlock/i, began),
    ],
  };
}

const names = process.argv.slice(2);
const unknown = names.filter((name) => !SCENARIOS.some((scenario) => scenario.name === name));
if (unknown.length > 0) {
  console.error(`no such scenario: ${unknown}; there are: ${SCENARIOS.map(({ name }) => name)}`);
  process.exit(2);
}

await withBench(async (bench) => {
  await bench.postgres.query("postgres", `CREATE ROLE ${READER} LOGIN`);
  const results = {};
  for (const scenario of SCENARIOS) {
    if (names.length > 0 && !names.includes(scenario.name)) continue;
    console.log(`${scenario.name} ...`);
    const walked = verify(bench, scenario).catch((error) => ({ faults: [error.message] }));
    const { faults, ...figures } = await walked;
    for (const fault of faults) console.log(`  ${fault}`);
    results[scenario.name] = { ...figures, faults: faults.length };
    if (faults.length > 0) process.exitCode = 1;
  }
  console.table(results);
});
