// node record.mjs [name ...]: plays the scenarios and writes what a reader of the trades saw, one
// transaction a line, to the tests of the service, which replay it without a chain and without node.
import fs from "node:fs";
import { withBench } from "./lib/bench.mjs";
import { recorded, startRecording } from "./lib/history.mjs";
import { HISTORIES } from "./lib/scenarios.mjs";
import { Stage } from "./lib/stage.mjs";

const RESOURCES = new URL("../service/src/test/resources/ponder-histories/", import.meta.url);
const names = process.argv.slice(2);

await withBench(async (bench) => {
  fs.mkdirSync(RESOURCES, { recursive: true });
  for (const scenario of HISTORIES) {
    if (names.length > 0 && !names.includes(scenario.name)) continue;
    const stage = await Stage.open(bench, scenario);
    await startRecording(stage);
    await scenario.prepare(stage);
    await scenario.walk(stage);
    await stage.settled();
    const history = await recorded(stage);
    await stage.close();
    const lines = history.map((transaction) => JSON.stringify(transaction) + "\n");
    fs.writeFileSync(new URL(`${scenario.name}.jsonl`, RESOURCES), lines.join(""));
    const rows = (kind) => history.reduce((sum, transaction) => sum + transaction[kind].length, 0);
    console.log(
      `${scenario.name}: ${history.length} transactions, ${rows("inserted")} rows inserted,` +
        ` ${rows("deleted")} deleted, ${lines.join("").length} bytes`,
    );
  }
});
