/** Starts the parts of the page, and keeps them fresh while somebody looks. */
import { notice } from './dom.js';
import { get } from './api.js';
import { showHealth, showSince, showUnknown } from './status.js';
import { beginTimeline, refreshTimeline } from './timeline.js';
import { beginRun, isElsewhere, isRunning, showActivity, showProgress, showUnderWay } from './run.js';
import { beginActions } from './actions.js';
import { beginFailures, refreshFailures } from './failures.js';
import { refreshRuns } from './history.js';
import { updateAges } from './text.js';
import { showFeeds } from './feeds.js';
import { beginCandles, refreshCandles, refreshPools } from './candles.js';

const PROGRESS = 350;
const STATS = 2000;
const HISTORY_ELSEWHERE = 1000;
const HISTORY = 5000;
const OTHERS = 10000;
const OLD = 60000;
/** The age of a figure is worked out for each answer, so two of the same figure differ a little. */
const SAME = 500;

/** Whether health is to be computed again, by the service and in the background. */
let isWanted = true;

/** As of when the health is that is shown; 0 if none is. */
let shownAsOf = 0;

/**
 * Shows the last health that the service knows. No call waits for a comparison: a browser has six
 * connections for all pages of the service.
 */
async function refreshHealth() {
  const refresh = isWanted ? true : null;
  isWanted = false;
  try {
    const health = await get('api/sync/health', { known: true, refresh });
    showHealth(health);
    shownAsOf = new Date(health.asOf ?? Date.now()).getTime();
    isWanted ||= Date.now() - shownAsOf > OLD;
  } catch (error) {
    isWanted ||= refresh === true;
    shownAsOf = 0;
    showUnknown(error);
  }
}

async function refreshStats() {
  const stats = await get('api/sync/stats');
  showProgress(stats.run, stats.lastResult);
  showFeeds(stats);
  showActivity(stats.activity);
  showSince(stats.activity);
  if (stats.activity.asOf !== null && Math.abs(new Date(stats.activity.asOf) - shownAsOf) > SAME) {
    await refreshHealth();
  }
}

/** The answer is the last picture that is known; if it is old, a new one is there soon after. */
async function refreshPicture() {
  await refreshTimeline(true);
  setTimeout(() => refreshTimeline(true), STATS);
}

async function refreshHistory() {
  showUnderWay(await refreshRuns());
}

/** Refreshes everything after something has changed. */
async function refreshAll() {
  isWanted = true;
  const results = await Promise.allSettled([
    refreshStats(), refreshHealth(), refreshHistory(), refreshFailures(), refreshPicture(), refreshPools().then(refreshCandles)]);
  results.filter((result) => result.status === 'rejected').forEach((result) => notice(result.reason.message, true));
}

/** Does what a button asks for, says if it failed, and shows what it changed. */
async function act(action, changesSomething = true) {
  try {
    await action();
  } catch (error) {
    notice(error.message, true);
  }
  if (changesSomething) {
    await refreshAll();
  }
}

/** Calls a refresh again and again, one after the other, while somebody looks. */
function keepFresh(refresh, pause) {
  const next = async () => {
    if (!document.hidden) {
      try {
        await refresh();
      } catch (error) {
        notice(error.message, true);
      }
    }
    setTimeout(next, pause());
  };
  next();
}

beginTimeline();
beginActions(act);
beginFailures(act);
beginCandles(act);
beginRun(act, refreshAll);
keepFresh(refreshStats, () => (isRunning() ? PROGRESS : STATS));
keepFresh(refreshHealth, () => (shownAsOf === 0 ? STATS : OTHERS));
keepFresh(refreshHistory, () => (isElsewhere() ? HISTORY_ELSEWHERE : HISTORY));
keepFresh(refreshFailures, () => OTHERS);
keepFresh(refreshPicture, () => OTHERS);
keepFresh(refreshPools, () => OTHERS);
setInterval(updateAges, 1000);
