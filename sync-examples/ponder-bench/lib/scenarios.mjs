// What happens to Ponder, step by step. A scenario is prepared, then walked.
import { pause, stop } from "./processes.mjs";

/** Some blocks that are final when Ponder starts, and thirty that are not; most are empty. */
async function running(stage) {
  for (let i = 0; i < 10; i++) {
    await stage.trade(1, 3, { seconds: 12 });
    await stage.trade(3, 0, { seconds: 12 });
  }
  await stage.deploy().ready();
  await stage.settled();
}

async function live(stage) {
  await stage.trade(20, 2, { every: 200 });
}

/** With trades before, between and after; other chains trade on meanwhile. */
const reorg = (kind, times = 2) => async (stage) => {
  const [reorganised, ...others] = stage.chains;
  const beside = async () => {
    for (const chain of others) await chain.mineTrades(2);
  };
  for (let i = 0; i < times; i++) {
    await stage.trade(3, 2, { every: 300 });
    // Ponder hangs for long on a block that goes away while it is being fetched.
    await stage.settled();
    const before = () => stage.settled().then(() => pause(2_000)); // so that the service took them
    await reorganised.reorg(kind, { afterEach: beside, before });
    await beside();
    await stage.settled();
  }
  await stage.trade(3, 2, { every: 300 });
};

async function everyReorg(stage) {
  for (const kind of ["other", "same", "empty"]) await reorg(kind, 1)(stage);
}

/** Blocks with two hundred trades, then all that can happen to one deployment. */
async function notified(stage) {
  const began = Date.now();
  await stage.trade(100, 2, { every: 200 });
  await stage.settled();
  await stage.measure?.(began);
  await everyReorg(stage);
  await crash(stage);
}

/** Ponder is killed, the chains go on, and it is started again. */
async function crash(stage) {
  const [ponder] = stage.deployments;
  await stage.trade(5, 2, { every: 300 });
  await stage.settled();
  await stop(ponder.process, "SIGKILL");
  await stage.trade(3, 2);
  ponder.start();
  await ponder.ready();
  await stage.trade(3, 2, { every: 300 });
}

/** A new build takes the views over, while the old one runs and the chains go on. */
async function redeploy(stage) {
  const [old] = stage.deployments;
  await stage.trade(5, 2, { every: 300 });
  await stage.settled();
  const ponder = stage.deploy();
  await stage.trade(3, 2, { every: 300 });
  await ponder.ready();
  await pause(1_000); // until somebody notices that nobody may read any more
  await stage.grant?.();
  await stop(old.process);
  await stage.trade(3, 2, { every: 300 });
}

/** A hundred blocks are there before Ponder is, and one chain's reach further than the other's. */
const history = (trades, blocks) => async (stage) => {
  for (const [i, chain] of stage.chains.entries()) {
    const seconds = 12 + 6 * i;
    for (let n = 0; n < 100; n++) await chain.mineTrades(n < blocks ? trades / blocks : 0, seconds);
  }
  stage.deploy();
  await stage.tableIsThere();
};

async function backfill(stage) {
  await stage.deployments[0].ready();
  await stage.trade(3, 2, { every: 300 });
}

/** More of a scenario: whether readers see `views`, whether Ponder's notifications are all it has. */
const scenario = (name, chains, prepare, walk, more) => ({ name, chains, prepare, walk, ...more });

/** For the check. */
export const SCENARIOS = [
  scenario("live", 1, running, live),
  scenario("reorg-other", 1, running, reorg("other")),
  scenario("reorg-same", 1, running, reorg("same")),
  scenario("reorg-empty", 1, running, reorg("empty")),
  scenario("two-chains-live", 2, running, live),
  scenario("two-chains-reorg-other", 2, running, reorg("other")),
  scenario("two-chains-reorg-same", 2, running, reorg("same")),
  scenario("two-chains-reorg-empty", 2, running, reorg("empty")),
  scenario("crash", 2, running, crash),
  scenario("redeploy", 2, running, redeploy, { views: true }),
  scenario("backfill", 2, history(10_000, 100), backfill),
  scenario("notify", 1, running, notified, { notify: true }),
];

/** For the recording: small, and each with all that is worth a test. */
export const HISTORIES = [
  scenario("reorg-other", 1, running, reorg("other")),
  scenario("reorg-same", 1, running, reorg("same")),
  scenario("reorg-empty", 1, running, reorg("empty")),
  scenario("two-chains", 2, running, everyReorg),
  scenario("crash", 2, running, crash),
  scenario("redeploy", 2, running, redeploy, { views: true }),
  scenario("backfill", 2, history(140, 70), backfill),
];
