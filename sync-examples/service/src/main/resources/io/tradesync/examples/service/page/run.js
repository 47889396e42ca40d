/** The run under way: of this process by its progress, else by the run history. */
import { byId, notice } from './dom.js';
import { post } from './api.js';
import { ago, counted, duration, number } from './text.js';

const TICK = 450;

/** The run under way, as far as it is known. */
let run = null;
let whenEnded = () => {};
/** The last run of the service's process that has ended; undefined if that was not asked yet. */
let lastEnded;

export const isRunning = () => run !== null;

/** Whether the run under way is of another process, so that only the run history tells. */
export const isElsewhere = () => run !== null && !run.isOurs;

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
  byId('run-age').replaceChildren(...(run.asOf ? ['Of another process, as of ', ago(run.asOf), '.'] : []));
  byId('bar').max = Math.max(1, run.total);
  byId('bar').value = done;
}

/** Shows what the threads of this process are busy with. */
export function showActivity(activity) {
  if (run !== null && run.isOurs) {
    run.retries ??= activity.retries;
    byId('run-workers').textContent = `${counted(activity.workersBusy, 'worker')} busy, ${counted(activity.retries - run.retries, 'retry', 'retries')}`;
  }
}

function progress(event) {
  if (run === null || run.runId !== event.runId) {
    run = { runId: event.runId, isOurs: false, since: Date.now(), before: (event.processed ?? 0) + (event.errors ?? 0), processed: 0, errors: 0, total: 0 };
    byId('run-workers').textContent = '';
  }
  // The run history lags behind the events.
  run.processed = Math.max(run.processed, event.processed ?? 0);
  run.errors = Math.max(run.errors, event.errors ?? 0);
  run.total = Math.max(run.total, event.total ?? 0);
  run.asOf = event.asOf;
  show();
}

function ended(isNews = false) {
  const was = run !== null;
  run = null;
  show();
  if (was || isNews) {
    whenEnded();
  }
}

/** Shows what the engine of this process does, and how its last run ended. */
export function showProgress(underWay, lastResult) {
  const last = lastResult?.runId ?? null;
  const isNews = lastEnded !== undefined && last !== lastEnded;
  lastEnded = last;
  if (isNews) {
    notice(lastResult.message, !lastResult.success || lastResult.errors > 0);
  }
  if (underWay !== null) {
    progress(underWay);
    run.isOurs = true;
  } else if (isNews || (run !== null && run.isOurs)) {
    ended(isNews);
  }
}

/** Takes from the run history what another process does. */
export function showUnderWay(runs) {
  const underWay = runs.find((past) => past.outcome === 'running' && past.kind !== 'audit');
  if (run !== null && run.isOurs) {
    return;
  }
  if (underWay && underWay.runId !== lastEnded) {
    progress(underWay);
  } else {
    ended();
  }
}

export function beginRun(act, onEnd) {
  whenEnded = onEnd;
  byId('cancel').addEventListener('click', () => act(async () => {
    await post(`api/sync/runs/${encodeURIComponent(run.runId)}/cancel`);
    notice('The run was asked to stop. Batches under way are committed.');
  }));
  // Rate and time left change between two events, too; comparing tells nothing for a while.
  setInterval(() => { if (run !== null && !document.hidden) { show(); } }, TICK);
}
