'use strict';

const byId = (id) => document.getElementById(id);
const notice = (text) => { byId('notice').textContent = text; };

async function answer(path, options) {
  const response = await fetch(path, options);
  const body = await response.json();
  if (!response.ok && body.detail) {
    throw new Error(body.detail);
  }
  return body;
}

function row(values) {
  const tr = document.createElement('tr');
  for (const value of values) {
    tr.appendChild(document.createElement('td')).textContent = value ?? '';
  }
  return tr;
}

function showHealth(health) {
  byId('status').textContent = health.status;
  byId('status').className = health.status;
  const lines = {
    recommendation: health.recommendation,
    'missed trades': health.missedTrades,
    'lag in minutes': health.lagMinutes,
    'newest trade in Ponder': health.lastPonderTimestamp,
    'newest trade processed': health.lastAnalyticsTimestamp,
    gaps: Object.entries(health.gaps).map(([kind, count]) => `${kind} ${count}`).join(', '),
  };
  byId('health').replaceChildren(...Object.entries(lines).flatMap(([name, value]) => {
    const dt = document.createElement('dt');
    const dd = document.createElement('dd');
    dt.textContent = name;
    dd.textContent = value ?? 'none';
    return [dt, dd];
  }));
}

async function refresh() {
  try {
    const [health, runs, errors] = await Promise.all([
      answer('api/sync/health'), answer('api/sync/runs?limit=10'), answer('api/sync/errors?limit=20'),
    ]);
    showHealth(health);
    byId('runs').replaceChildren(...runs.runs.map((run) => row(
      [run.startedAt, run.kind, run.outcome, run.processed, run.errors, run.total, run.message])));
    byId('errors').replaceChildren(...errors.errors.map((error) => row(
      [error.timestamp, error.id, error.reason, error.attempts, error.failedAt])));
  } catch (error) {
    byId('status').textContent = 'unknown';
    byId('status').className = '';
    notice(error.message);
  }
}

byId('sync').addEventListener('submit', async (event) => {
  event.preventDefault();
  const token = byId('token').value;
  notice('Running …');
  try {
    const result = await answer('api/sync/run', {
      method: 'POST', headers: token ? { Authorization: `Bearer ${token}` } : {},
    });
    notice(result.message);
  } catch (error) {
    notice(error.message);
  }
  refresh();
});

function listen() {
  const events = new EventSource('api/sync/events');
  events.addEventListener('progress', (event) => notice(JSON.parse(event.data).message));
  events.addEventListener('ended', (event) => { notice(JSON.parse(event.data).message); refresh(); });
  events.addEventListener('error', () => {
    // A browser connects again by itself, but not after an answer such as 503.
    if (events.readyState === EventSource.CLOSED) {
      setTimeout(listen, 5000);
    }
  });
}

listen();
refresh();
setInterval(refresh, 10000);
