/** The run under way. */
import { byId, notice } from './dom.js';
import { post } from './api.js';
import { counted, duration, number } from './text.js';

const TICK = 450;

/** The run under way, as far as it is known. */
let run = null;
let whenEnded = () => {};

export const isRunning = () => run !== null;

function show() {
  byId('running').hidden = run === null;
  byId('idle').hidden = run !== null;
  if (run === null) {
    return;
  }
  const done = run.processed + run.errors;
  const seconds = (Date.now() - run.since) / 1000;
  const rate = seconds > 1 ? (done - run.before) / seconds : 0;
  const left = rate > 0 && run.total > done ? `, ${duration((run.total - done) / rate)} left` : '';
  byId('run-text').textContent = run.total === 0
    ? `The run compares both sides, for ${duration(seconds)} so far.`
    : `${number(run.processed)} of ${counted(run.total, 'trade')}, ${number(run.errors)} failed, ${number(Math.round(rate))} trades/s${left}`;
  byId('bar').max = Math.max(1, run.total);
  byId('bar').value = done;
}

/** Shows what the threads of this process are busy with. */
export function showActivity(activity) {
  if (run !== null) {
    run.retries ??= activity.retries;
    byId('run-workers').textContent = `${counted(activity.workersBusy, 'worker')} busy, ${counted(activity.retries - run.retries, 'retry', 'retries')}`;
  }
}

function progress(event) {
  if (run === null || run.runId !== event.runId) {
    run = { runId: event.runId, since: Date.now(), before: (event.processed ?? 0) + (event.errors ?? 0), processed: 0, errors: 0, total: 0 };
    byId('run-workers').textContent = '';
  }
  // The run history lags behind the events.
  run.processed = Math.max(run.processed, event.processed ?? 0);
  run.errors = Math.max(run.errors, event.errors ?? 0);
  run.total = Math.max(run.total, event.total ?? 0);
  show();
}

function ended() {
  const was = run !== null;
  run = null;
  show();
  if (was) {
    whenEnded();
  }
}

/** Takes from the run history what another process does. */
export function showUnderWay(runs) {
  const underWay = runs.find((past) => past.outcome === 'running' && past.kind !== 'audit');
  if (underWay) {
    progress(underWay);
  } else {
    ended();
  }
}

function listen() {
  const events = new EventSource('api/sync/events?interval=250');
  for (const name of ['started', 'planned', 'progress']) {
    events.addEventListener(name, (event) => progress(JSON.parse(event.data)));
  }
  events.addEventListener('ended', (event) => {
    const result = JSON.parse(event.data);
    notice(result.message, !result.success || result.errors > 0);
    ended();
  });
  events.addEventListener('error', () => {
    // A browser connects again by itself, but not after an answer such as 503.
    if (events.readyState === EventSource.CLOSED) {
      setTimeout(listen, 5000);
    }
  });
}

export function beginRun(act, onEnd) {
  whenEnded = onEnd;
  byId('cancel').addEventListener('click', () => act(async () => {
    await post(`api/sync/runs/${encodeURIComponent(run.runId)}/cancel`);
    notice('The run was asked to stop. Batches under way are committed.');
  }));
  // Rate and time left change between two events, too; comparing tells nothing for a while.
  setInterval(() => { if (run !== null && !document.hidden) { show(); } }, TICK);
  listen();
}
