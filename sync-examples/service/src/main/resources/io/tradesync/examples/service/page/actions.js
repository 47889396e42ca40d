/** The buttons that change something. Each says first what it will do. */
import { byId, notice } from './dom.js';
import { get, post } from './api.js';
import { ask } from './dialog.js';
import { poolOf } from './candles.js';
import { counted, kinds, utc } from './text.js';

async function whatARunDoes() {
  const plan = await get('api/sync/plan');
  return `A run writes ${counted(plan.writes, 'trade')} in ${counted(plan.batches, 'batch', 'batches')}, and retracts trades that stayed away from the source. Nothing counts twice.`;
}

/** What the form of the force asks for; both ends are cut off to the second. */
function force() {
  const second = (id) => Math.floor(new Date(byId(id).value).getTime() / 1000);
  const body = { fromTimestamp: second('from') };
  if (byId('until').value !== '') {
    body.toTimestamp = second('until');
  }
  const pool = poolOf('force-pool');
  if (pool) {
    body.chains = [pool.chainId];
    body.pools = [pool.poolId];
  }
  if (byId('pace').value !== '') {
    body.maxTradesPerSecond = Number(byId('pace').value);
  }
  return body;
}

async function whatAForceDoes({ fromTimestamp, toTimestamp, chains, pools }) {
  const plan = await get('api/sync/plan', { fromTimestamp, toTimestamp, chains, pools });
  const moment = (second) => `${new Date(second * 1000).toLocaleString()} (${utc(second)})`;
  const span = `after ${moment(fromTimestamp)}${toTimestamp === undefined ? '' : ` up to ${moment(toTimestamp)}`}`;
  const of = pools === undefined ? '' : ` of the pool ${pools[0]}`;
  return `A force writes ${counted(plan.writes, 'trade')} again in ${counted(plan.batches, 'batch', 'batches')}: all${of} ${span}, also those that are processed. Nothing counts twice, but it may take long.`;
}

export function beginActions(act) {
  const run = (text, action) => act(() => ask(text, action));
  byId('sync').addEventListener('click', () => run(whatARunDoes(), () => post('api/sync/run?async=true')));
  byId('audit').addEventListener('click', () => run(
    'An audit compares all trades in scope on both sides, also those that were verified. It changes no trade; the next run closes what it finds.',
    async () => {
      notice('The audit is under way …');
      const audit = await post('api/sync/audit');
      notice(`The audit found ${kinds(audit.gaps) || 'no gap'}.`);
    }));
  byId('force').addEventListener('submit', (event) => {
    event.preventDefault();
    const body = force();
    run(whatAForceDoes(body), () => post('api/sync/force?async=true', body));
  });
}
