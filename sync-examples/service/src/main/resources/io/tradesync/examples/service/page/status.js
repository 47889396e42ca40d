/** The first glance: the state, since when, the lag, and what is missing. */
import { byId, el } from './dom.js';
import { ago, counted, duration, number, time } from './text.js';

const SAY = { missing: 'missing', error: 'failed', changed: 'changed', orphaned: 'orphaned' };

let shown = null;

export function showHealth(health) {
  if (shown === null) {
    performance.mark('figures');
  }
  shown = health;
  byId('status').setAttribute('aria-busy', 'false');
  byId('state').textContent = health.status;
  byId('status').className = `card ${health.status}`;
  document.title = `${health.status} · tradesync`;
  const lag = health.lagMinutes === 0 ? 'not behind' : `${duration(health.lagMinutes * 60)} behind`;
  byId('summary').textContent = health.isHealthy
    ? `The store is equal to the source, and ${lag}.`
    : `${counted(health.missedTrades, 'trade is', 'trades are')} missed, and the store is ${lag}.`;
  byId('gaps').replaceChildren(...Object.entries(SAY).map(([kind, word]) => el('div', { class: health.gaps[kind] > 0 ? 'some' : null },
    el('dt', {}, word), el('dd', {}, number(health.gaps[kind])))));
  if (health.problem !== undefined) {
    showUnknown({ message: `${health.problem.replace(/\.$/, '')}. The figures below are the last ones that are known.` });
  }
  byId('notes').replaceChildren(...notes(health).map((note) => el('li', {}, ...note)));
  showAge();
}

function notes(health) {
  const notes = [];
  if (health.verified) {
    notes.push(['Verified through ', time(health.verified.through), ', compared ', ago(health.verified.at), '.']);
  } else {
    notes.push(['Nothing is verified yet: each comparison reads everything.']);
  }
  if (health.lastPonderTimestamp !== null) {
    notes.push(['Newest trade of the source: ', time(health.lastPonderTimestamp), '.']);
  }
  if (health.lastAnalyticsTimestamp !== null) {
    notes.push(['Newest processed trade: ', time(health.lastAnalyticsTimestamp), '.']);
  }
  for (const [count, one, many, asOf] of [
    [health.accepted, 'failure is accepted', 'failures are accepted'],
    [health.kept, 'vanished trade is kept', 'vanished trades are kept'],
    [health.storeDiffers, 'row of the store differs', 'rows of the store differ', health.storeDiffersAsOf],
    [health.candlesToRecompute, 'candle is still to be recomputed', 'candles are still to be recomputed'],
  ]) {
    if (count > 0) {
      notes.push(asOf === undefined ? [`${counted(count, one, many)}.`] : [`${counted(count, one, many)}, as of the audit `, ago(asOf), '.']);
    }
  }
  if (health.outsideKeyOrderAsOf !== undefined && health.gaps.error > 0) {
    notes.push(['Rows outside the key order were counted ', ago(health.outsideKeyOrderAsOf), '.']);
  }
  if (health.retainedSince !== null) {
    notes.push(['Trades are kept since ', time(health.retainedSince), '.']);
  }
  return notes;
}

/** Shows how old the figures are. */
function showAge() {
  if (shown !== null) {
    byId('age').replaceChildren('As of ', ago(shown.asOf ?? new Date().toISOString()));
    shown.asOf ??= new Date().toISOString();
  }
}

/** Shows since when the state is what it is. */
export function showSince(activity) {
  const isKnown = shown !== null && activity.healthySince !== null && activity.healthy === shown.isHealthy;
  byId('since').replaceChildren(...(isKnown ? ['since ', time(activity.healthySince)] : []));
}

export function showUnknown(error) {
  byId('status').setAttribute('aria-busy', 'false');
  byId('state').textContent = 'unknown';
  byId('status').className = 'card unknown';
  byId('since').replaceChildren();
  byId('summary').textContent = error.message;
  document.title = 'unknown · tradesync';
}
