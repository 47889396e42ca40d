/** Starts the parts of the page, and keeps them fresh while somebody looks. */
import { notice } from './dom.js';
import { get } from './api.js';
import { showAge, showHealth, showSince, showUnknown } from './status.js';
import { beginTimeline, refreshTimeline } from './timeline.js';
import { beginRun, isRunning, showActivity, showUnderWay } from './run.js';
import { beginActions } from './actions.js';
import { beginFailures, refreshFailures } from './failures.js';
import { refreshRuns } from './history.js';
import { showFeeds } from './feeds.js';
import { beginCandles, refreshCandles, refreshPools } from './candles.js';

const FIGURES = 2000;
const OLD = 60000;
const LISTS = 5000;
const PICTURES = 10000;

/** The last health that the service knows costs nothing; a new one compares both sides. */
async function refreshHealth(computeNow = false) {
  try {
    const health = await get('api/sync/health', computeNow ? {} : { known: true });
    showHealth(health);
    return health.asOf === undefined ? 0 : Date.now() - new Date(health.asOf);
  } catch (error) {
    showUnknown(error);
    return 0;
  }
}

let isFirst = true;

async function refreshFigures() {
  const stats = get('api/sync/stats');
  const age = await refreshHealth();
  if (age > (isFirst ? 0 : OLD)) {
    await refreshHealth(true);
  }
  isFirst = false;
  const known = await stats;
  showFeeds(known);
  showActivity(known.activity);
  showSince(known.activity);
}

async function refreshLists() {
  showUnderWay(await refreshRuns());
  await refreshFailures();
}

async function refreshPictures() {
  await refreshPools();
  await refreshTimeline();
}

/** Refreshes everything after something has changed. */
async function refreshAll() {
  const results = await Promise.allSettled([
    refreshHealth(true), refreshLists(), refreshTimeline(), refreshPools().then(refreshCandles)]);
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
    setTimeout(next, pause);
  };
  next();
}

beginTimeline();
beginActions(act);
beginFailures(act);
beginCandles(act);
beginRun(act, refreshAll);
refreshTimeline(true);
keepFresh(refreshFigures, FIGURES);
keepFresh(refreshLists, LISTS);
setTimeout(() => keepFresh(refreshPictures, PICTURES), isRunning() ? LISTS : 500);
setInterval(showAge, 1000);
