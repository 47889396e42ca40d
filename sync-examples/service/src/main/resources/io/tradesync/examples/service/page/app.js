'use strict';

const byId = (id) => document.getElementById(id);
const notice = (text) => { byId('notice').textContent = text; };
const number = (value) => value.toLocaleString('en');

/** The run under way, as far as it is known. */
let run = null;

async function answer(path, options) {
  const response = await fetch(path, options);
  const body = await response.json();
  if (!response.ok && body.detail) {
    throw new Error(body.detail);
  }
  return body;
}

function post(path, body) {
  const token = byId('token').value;
  return answer(path, {
    method: 'POST',
    headers: token ? { Authorization: `Bearer ${token}` } : {},
    body: body === undefined ? undefined : JSON.stringify(body),
  });
}

/** A time in the reader's zone; the time in UTC is its title. */
function time(value) {
  const element = document.createElement('time');
  const at = new Date(typeof value === 'number' ? value * 1000 : value);
  element.dateTime = at.toISOString();
  element.title = at.toISOString();
  element.textContent = at.toLocaleString();
  return element;
}

function row(cells, long) {
  const tr = document.createElement('tr');
  cells.forEach((cell, index) => {
    const td = tr.appendChild(document.createElement('td'));
    td.append(cell ?? '');
    td.className = long.includes(index) ? 'long' : '';
  });
  return tr;
}

function duration(seconds) {
  const parts = [[86400, 'd'], [3600, 'h'], [60, 'min'], [1, 's']];
  const words = [];
  let rest = Math.round(seconds);
  for (const [size, unit] of parts) {
    if (rest >= size && words.length < 2) {
      words.push(`${Math.floor(rest / size)} ${unit}`);
      rest %= size;
    }
  }
  return words.join(' ') || '0 s';
}

function showHealth(health) {
  const missed = health.missedTrades;
  byId('state').textContent = health.status;
  byId('state').className = health.status;
  document.title = `${health.status} · tradesync`;
  const lag = health.lagMinutes === 0 ? 'not behind' : `${duration(health.lagMinutes * 60)} behind`;
  byId('summary').textContent = health.isHealthy
    ? `The store is equal to the source, and ${lag}.`
    : `${number(missed)} ${missed === 1 ? 'trade is' : 'trades are'} missed, and the store is ${lag}.`;
  byId('gaps').replaceChildren(...Object.entries(health.gaps).map(([kind, count]) => {
    const pair = document.createElement('div');
    pair.appendChild(document.createElement('dt')).textContent = kind;
    pair.appendChild(document.createElement('dd')).textContent = number(count);
    return pair;
  }));
  byId('age').replaceChildren('As of ', time(health.asOf ?? Date.now() / 1000));
}

function showUnknown(error) {
  byId('state').textContent = 'unknown';
  byId('state').className = 'unknown';
  byId('summary').textContent = error.message;
}

function showRun() {
  byId('running').hidden = run === null;
  byId('idle').hidden = run !== null;
  if (run === null) {
    return;
  }
  const done = run.processed + run.errors;
  const seconds = (Date.now() - run.since) / 1000;
  const rate = seconds > 1 ? (done - run.before) / seconds : 0;
  const left = rate > 0 ? `, ${duration((run.total - done) / rate)} left` : '';
  byId('run-text').textContent = run.total === 0
    ? 'The run compares both sides.'
    : `${number(run.processed)} of ${number(run.total)} trades, ${number(run.errors)} failed, ${number(Math.round(rate))} trades/s${left}`;
  byId('bar').max = Math.max(1, run.total);
  byId('bar').value = done;
}

function progress(event) {
  if (run === null || run.runId !== event.runId) {
    run = { runId: event.runId, since: Date.now(), before: (event.processed ?? 0) + (event.errors ?? 0), processed: 0, errors: 0, total: 0 };
  }
  // The run history lags behind the events.
  run.processed = Math.max(run.processed, event.processed ?? 0);
  run.errors = Math.max(run.errors, event.errors ?? 0);
  run.total = Math.max(run.total, event.total ?? 0);
  showRun();
}

function ended() {
  run = null;
  showRun();
}

function fill(id, rows) {
  byId(id).replaceChildren(...rows);
  byId(id).closest('.scroll').hidden = rows.length === 0;
  byId(`no-${id}`).hidden = rows.length > 0;
}

function button(text, what, action) {
  const element = document.createElement('button');
  element.type = 'button';
  element.textContent = text;
  element.setAttribute('aria-label', `${text} ${what}`);
  element.addEventListener('click', action);
  return element;
}

function showErrors(errors) {
  fill('errors', errors.map((error) => {
    let retried = 'yes';
    if (error.parked) {
      retried = document.createElement('span');
      retried.append(error.accepted === undefined ? '' : `accepted: ${error.accepted} `,
        button('Release', error.id, () => act(() => release({ ref: error.ref }))));
    }
    const accepted = error.accepted === undefined
      ? button('Accept …', error.id, () => askAccept([error.ref])) : '';
    return row([time(error.timestamp), error.id, error.reason, error.attempts, retried, accepted],
      [1, 2, 4]);
  }));
  const open = errors.filter((error) => error.accepted === undefined).map((error) => error.ref);
  byId('accept-all').hidden = open.length === 0;
  byId('accept-all').onclick = () => askAccept(open);
  byId('release-all').hidden = !errors.some((error) => error.parked);
}

function showRuns(runs) {
  fill('runs', runs.map((past) => row([
    time(past.startedAt), past.kind, past.outcome, number(past.processed), number(past.errors),
    number(past.total), past.message,
  ], [6])));
  const underWay = runs.find((past) => past.outcome === 'running' && past.kind !== 'audit');
  if (underWay) {
    progress(underWay);
  } else {
    ended();
  }
}

async function refresh() {
  try {
    const [runs, errors] = await Promise.all([
      answer('api/sync/runs?limit=10'), answer('api/sync/errors?limit=20'),
    ]);
    showRuns(runs.runs);
    showErrors(errors.errors);
    showHealth(await answer('api/sync/health'));
  } catch (error) {
    showUnknown(error);
  }
}

async function act(action) {
  try {
    await action();
  } catch (error) {
    notice(error.message);
  }
  refresh();
}

async function release(body) {
  const { released } = await post('api/sync/errors/release', body);
  notice(`${number(released)} trades are released. The next run tries them again.`);
}

function askAccept(refs) {
  ask(`${number(refs.length)} failures are accepted: they are no gap and are not tried again, until the trade changes at the source or is released.`,
    async () => {
      const reason = byId('reason').value;
      const { accepted } = await post('api/sync/errors/accept', { refs, reason });
      notice(`${number(accepted)} failures are accepted.`);
    }, true);
}

/** Says what will happen, and does it if the reader agrees and gives a reason where one is needed. */
function ask(text, action, needsReason = false) {
  const dialog = byId('dialog');
  byId('dialog-text').textContent = text;
  byId('reason').value = '';
  byId('reason').required = needsReason;
  byId('reason').parentElement.hidden = !needsReason;
  dialog.returnValue = 'no';
  dialog.addEventListener('close', () => {
    if (dialog.returnValue === 'yes') {
      act(action);
    }
  }, { once: true });
  dialog.showModal();
}

byId('sync').addEventListener('click', () => act(async () => {
  const plan = await answer('api/sync/plan');
  ask(`A run writes ${number(plan.writes)} trades in ${number(plan.batches)} batches, and retracts trades that stayed away from the source. Nothing counts twice.`,
    () => post('api/sync/run?async=true'));
}));

byId('audit').addEventListener('click', () => ask(
  'An audit compares all trades in scope on both sides, also those that were verified. It changes no trade; the next run closes what it finds.',
  async () => {
    notice('The audit is under way …');
    const audit = await post('api/sync/audit');
    const found = Object.entries(audit.gaps).map(([kind, count]) => `${kind} ${number(count)}`).join(', ');
    notice(`The audit found: ${found}.`);
  }));

byId('force').addEventListener('submit', (event) => {
  event.preventDefault();
  const from = new Date(byId('from').value);
  ask(`A force writes all trades after ${from.toISOString()} again, also those that are processed. Nothing counts twice, but it may take long.`,
    () => post('api/sync/force?async=true', { fromTimestamp: Math.floor(from.getTime() / 1000) }));
});

byId('cancel').addEventListener('click', () => act(async () => {
  await post(`api/sync/runs/${encodeURIComponent(run.runId)}/cancel`);
  notice('The run was asked to stop. Batches under way are committed.');
}));

byId('release-all').addEventListener('click', () => ask(
  'The next run tries all parked trades again, and counts their failures from zero.',
  () => release({})));

function listen() {
  const events = new EventSource('api/sync/events');
  for (const name of ['started', 'planned', 'progress']) {
    events.addEventListener(name, (event) => progress(JSON.parse(event.data)));
  }
  events.addEventListener('ended', (event) => {
    notice(JSON.parse(event.data).message);
    ended();
    refresh();
  });
  events.addEventListener('error', () => {
    // A browser connects again by itself, but not after an answer such as 503.
    if (events.readyState === EventSource.CLOSED) {
      setTimeout(listen, 5000);
    }
  });
}

async function begin() {
  try {
    const known = await answer('api/sync/health?known=true');
    showHealth(known);
  } catch (error) {
    // Nothing is known yet; the page goes on to ask for the figures of this moment.
  }
  listen();
  await refresh();
  setInterval(refresh, 10000);
}

begin();
