/** Failed trades by reason, and rows outside the key order, with retry, release and accept. */
import { byId, button, el, fill, notice, row } from './dom.js';
import { get, post } from './api.js';
import { ask } from './dialog.js';
import { ago, counted, number, time } from './text.js';

const PAGE = 50;
const LARGEST_PAGE = 1000;
/** A body may have 65,536 bytes. */
const REFS = 400;

/** Both lists have a cursor of their own; the first page holds the beginning of both. */
const trades = { field: 'errors', next: 'next', after: 'after', rows: [], cursor: null };
const outside = { field: 'outsideKeyOrder', next: 'nextOutside', after: 'outsideAfter', rows: [], cursor: null };
let act;
let last = Promise.resolve();

/** Does one after the other what changes the lists. */
function inTurn(work) {
  last = last.then(work, work);
  return last;
}

export const refreshFailures = () => inTurn(refresh);

async function refresh() {
  const shown = Math.max(PAGE, trades.rows.length, outside.rows.length);
  const first = await get('api/sync/errors', { limit: Math.min(LARGEST_PAGE, shown) });
  for (const list of [trades, outside]) {
    const wanted = Math.max(PAGE, list.rows.length);
    list.rows = [];
    take(list, first);
    while (list.cursor !== null && list.rows.length < wanted) {
      await more(list, Math.min(LARGEST_PAGE, wanted - list.rows.length));
    }
  }
  showTrades();
  showOutside(first.outsideAsOf);
}

function take(list, page) {
  list.rows = list.rows.concat(page[list.field] ?? []);
  list.cursor = page[list.next] ?? null;
}

async function more(list, limit) {
  take(list, await get('api/sync/errors', { limit, [list.after]: list.cursor }));
}

const isOpen = (row) => row.accepted === undefined;

function showTrades() {
  const errors = trades.rows;
  const reasons = new Map();
  for (const error of errors) {
    reasons.set(error.reason, (reasons.get(error.reason) ?? []).concat(error));
  }
  const rows = [];
  for (const [reason, ofReason] of reasons) {
    rows.push(group(reason, ofReason), ...ofReason.map(failure));
  }
  fill('errors', rows);
  byId('more-errors').hidden = trades.cursor === null;
  const open = errors.filter(isOpen);
  byId('accept-all').hidden = open.length === 0;
  byId('accept-all').onclick = () => askAccept(open);
  byId('release-all').hidden = !errors.some((error) => error.parked);
  byId('retry-all').hidden = !errors.some((error) => !error.parked);
}

function showOutside(asOf) {
  fill('outside', outside.rows.map((found) => row([
    found.timestamp === null ? 'none' : time(found.timestamp), el('code', {}, found.id ?? 'null'), found.reason,
    isOpen(found) ? 'no run can process it' : `accepted: ${found.accepted}`,
    isOpen(found) ? button('Accept …', found.ref, () => askAccept([found])) : button('Release', found.ref, () => act(() => release({ ref: found.ref }))),
  ], [2, 3])));
  byId('outside-part').hidden = outside.rows.length === 0;
  byId('more-outside').hidden = outside.cursor === null;
  const open = outside.rows.filter(isOpen);
  byId('accept-outside').hidden = open.length < 2;
  byId('accept-outside').onclick = () => askAccept(open);
  byId('outside-age').replaceChildren(...(asOf === undefined ? [] : ['As the source had them ', ago(asOf), '.']));
}

function group(reason, ofReason) {
  const open = ofReason.filter(isOpen);
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
  if (isOpen(error)) {
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
      let accepted = 0;
      for (let i = 0; i < failures.length; i += REFS) {
        const refs = failures.slice(i, i + REFS).map((error) => error.ref);
        accepted += (await post('api/sync/errors/accept', { refs, reason })).accepted;
      }
      notice(`${counted(accepted, 'failure is', 'failures are')} accepted.`);
    }, true));
}

export function beginFailures(whatActs) {
  act = whatActs;
  byId('release-all').addEventListener('click', () => act(() => ask(
    'The next run tries all parked trades again, and counts their failures from zero.', () => release({}))));
  for (const [id, list] of [['more-errors', trades], ['more-outside', outside]]) {
    byId(id).addEventListener('click', () => act(() => inTurn(async () => { await more(list, Math.min(LARGEST_PAGE, Math.max(PAGE, list.rows.length))); await refresh(); }), false));
  }
  byId('retry-all').addEventListener('click', () => byId('sync').click());
}
