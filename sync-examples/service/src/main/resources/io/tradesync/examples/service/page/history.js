/** Past runs with their details. */
import { byId, button, el, fill, row } from './dom.js';
import { get } from './api.js';
import { duration, number, time } from './text.js';

const PAGE = 10;
let older = [];

/** Asks for the newest runs; returns them. */
export async function refreshRuns() {
  const page = await get('api/sync/runs', { limit: PAGE });
  const newest = new Set(page.runs.map((past) => past.runId));
  show(page.runs.concat(older.filter((past) => !newest.has(past.runId))), older.length > 0 ? undefined : page.next);
  return page.runs;
}

function show(runs, next) {
  fill('runs', runs.map((past) => row([
    time(past.startedAt), past.kind, past.outcome, number(past.processed), number(past.errors), number(past.total),
    past.message, button('Details', `of the ${past.kind} of ${new Date(past.startedAt).toLocaleString()}`, () => details(past.runId)),
  ], [6], [3, 4, 5])));
  if (next !== undefined) {
    byId('more-runs').hidden = next === null;
    byId('more-runs').onclick = () => more(runs, next);
  } else if (older.length === 0) {
    byId('more-runs').hidden = true;
  }
}

async function more(runs, after) {
  const page = await get('api/sync/runs', { limit: PAGE, after });
  older = runs.concat(page.runs);
  show(older, page.next ?? null);
}

async function details(runId) {
  const past = await get(`api/sync/runs/${encodeURIComponent(runId)}`);
  const end = past.endedAt === null ? Date.now() : new Date(past.endedAt);
  const seconds = (end - new Date(past.startedAt)) / 1000;
  const rate = seconds > 0 ? `${number(Math.round(past.processed / seconds))} trades/s` : '';
  const figures = [
    ['run', el('code', {}, past.runId)], ['kind', past.kind], ['outcome', past.outcome],
    ['began', time(past.startedAt)], ['ended', past.endedAt === null ? 'under way' : time(past.endedAt)],
    ['took', duration(seconds)], ['host', past.host],
    ['trades', `${number(past.processed)} processed, ${number(past.errors)} failed, of ${number(past.total)}`],
    ['rate', rate], ['from', past.fromTimestamp ? time(past.fromTimestamp) : null],
    ['to', past.toTimestamp ? time(past.toTimestamp) : null],
    ['chains', past.chains?.join(', ')], ['pools', past.pools?.join(', ')], ['message', past.message],
  ];
  byId('run-details').replaceChildren(...figures.filter(([, value]) => value)
    .flatMap(([name, value]) => [el('dt', {}, name), el('dd', {}, value)]));
  byId('run-dialog').showModal();
}
