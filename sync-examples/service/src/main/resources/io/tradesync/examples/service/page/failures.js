/** Failed trades by reason, with retry, release and accept. */
import { byId, button, el, fill, notice, row } from './dom.js';
import { get, post } from './api.js';
import { ask } from './dialog.js';
import { counted, number, time } from './text.js';

const PAGE = 50;
let errors = [];
let act;

export async function refreshFailures() {
  const page = await get('api/sync/errors', { limit: Math.max(PAGE, Math.min(1000, errors.length)) });
  errors = page.errors;
  show(page.next, (page.outsideKeyOrder ?? []).filter((found) => found.accepted === undefined));
}

async function more(after) {
  const page = await get('api/sync/errors', { limit: PAGE, after });
  errors = errors.concat(page.errors);
  show(page.next);
}

function show(next, outside = null) {
  const reasons = new Map();
  for (const error of errors) {
    reasons.set(error.reason, (reasons.get(error.reason) ?? []).concat(error));
  }
  const rows = [];
  for (const [reason, ofReason] of reasons) {
    rows.push(group(reason, ofReason), ...ofReason.map(failure));
  }
  fill('errors', rows);
  byId('more-errors').hidden = next === null || next === undefined;
  byId('more-errors').onclick = () => act(() => more(next));
  const open = errors.filter((error) => error.accepted === undefined);
  byId('accept-all').hidden = open.length === 0;
  byId('accept-all').onclick = () => askAccept(open);
  byId('release-all').hidden = !errors.some((error) => error.parked);
  byId('retry-all').hidden = !errors.some((error) => !error.parked);
  if (outside !== null) {
    byId('outside').hidden = outside.length === 0;
    byId('outside').textContent = outside.length === 0 ? ''
      : `${counted(outside.length, 'row')} of the source ${outside.length === 1 ? 'has' : 'have'} no place in the key order: ${[...new Set(outside.map((found) => found.reason))].join(', ')}.`;
  }
}

function group(reason, ofReason) {
  const open = ofReason.filter((error) => error.accepted === undefined);
  return el('tr', { class: 'group' }, el('th', { scope: 'rowgroup', colspan: 6 },
    `${reason} (${number(ofReason.length)})`,
    open.length > 1 ? button('Accept these …', reason, () => askAccept(open)) : null));
}

function failure(error) {
  const parts = error.accepted !== undefined ? [`accepted: ${error.accepted}`] : [error.parked ? 'parked' : 'tried again by each run'];
  const actions = [];
  if (error.parked) {
    actions.push(button('Release', error.id, () => act(() => release({ ref: error.ref }))));
  }
  if (error.accepted === undefined) {
    actions.push(button('Accept …', error.id, () => askAccept([error])));
  }
  return row([time(error.timestamp), el('code', {}, error.id), String(error.attempts), time(error.failedAt), parts.join(' '), el('span', { class: 'buttons' }, ...actions)], [4], [2]);
}

async function release(body) {
  const { released } = await post('api/sync/errors/release', body);
  notice(`${counted(released, 'trade is', 'trades are')} released. The next run tries them again.`);
}

function askAccept(failures) {
  act(() => ask(`${counted(failures.length, 'failure is', 'failures are')} accepted: no gap any more, and not tried again, until the trade changes at the source or is released.`,
    async (reason) => {
      const { accepted } = await post('api/sync/errors/accept', { refs: failures.map((error) => error.ref), reason });
      notice(`${counted(accepted, 'failure is', 'failures are')} accepted.`);
    }, true));
}

export function beginFailures(whatActs) {
  act = whatActs;
  byId('release-all').addEventListener('click', () => act(() => ask(
    'The next run tries all parked trades again, and counts their failures from zero.', () => release({}))));
  byId('retry-all').addEventListener('click', () => byId('sync').click());
}
