/** The candles of a pool. */
import { byId, el } from './dom.js';
import { get } from './api.js';
import { counted, duration, number } from './text.js';
import { draw, forget } from './chart.js';

const CANDLES = 120;
let pools = [];

const nameOf = (pool) => `chain ${pool.chainId}: ${pool.poolId}`;

/** The pool that is chosen in a list; undefined if none is. */
export const poolOf = (id) => pools.find((pool) => nameOf(pool) === byId(id).value);

/** Asks which pools there are. */
export async function refreshPools() {
  const page = await get('api/sync/pools', { limit: 200 });
  const known = JSON.stringify([page.pools, page.lengths]);
  if (byId('pool').dataset.known === known) {
    return;
  }
  byId('pool').dataset.known = known;
  pools = page.pools;
  byId('no-candles').hidden = pools.length > 0;
  byId('candles-part').hidden = pools.length === 0;
  byId('force-pool').parentElement.hidden = pools.length === 0;
  const options = (id, values) => {
    const chosen = byId(id).value;
    byId(id).replaceChildren(...values.map(([value, text]) => el('option', { value }, text)));
    byId(id).value = values.some(([value]) => value === chosen) ? chosen : values[0]?.[0] ?? '';
  };
  const named = pools.map((pool) => [nameOf(pool), nameOf(pool)]);
  options('pool', named);
  options('force-pool', [['', 'all pools'], ...named]);
  options('length', page.lengths.map((length) => [String(length), duration(length)]));
  await refreshCandles();
}

export async function refreshCandles() {
  const pool = poolOf('pool');
  if (!pool || byId('length').value === '') {
    return;
  }
  const { candles } = await get('api/sync/candles', { chain: pool.chainId, pool: pool.poolId, length: byId('length').value, limit: CANDLES });
  const priced = candles.filter((candle) => candle.close !== null);
  const place = byId('candles-picture');
  const last = priced[priced.length - 1];
  const text = last === undefined ? 'No candle with a price.'
    : `${counted(priced.length, 'candle')}, the last one closed at ${last.close} after ${counted(last.trades, 'trade')}.`;
  byId('candles-text').textContent = text;
  place.setAttribute('aria-label', text);
  if (last === undefined) {
    forget(place);
    return;
  }
  const columns = ['open', 'high', 'low', 'close'].map((name) => priced.map((candle) => Number(candle[name])));
  draw(place, [priced.map((candle) => candle.timestamp), ...columns], (colour, axis) => ({
    scales: { x: { time: true, range: (u, min, max) => [min - Number(byId('length').value), max + Number(byId('length').value)] } },
    cursor: { show: false },
    axes: [axis, { ...axis, size: 70, values: (u, values) => values.map((value) => number(value)) }],
    series: [{}, ...columns.map(() => ({ paths: () => null, points: { show: false } }))],
    hooks: { draw: [(u) => bodies(u, columns, colour)] },
  }));
}

function bodies(u, [open, high, low, close], colour) {
  const { ctx } = u;
  const width = Math.max(2, Math.min(14, (u.bbox.width / open.length) * 0.6));
  ctx.save();
  for (let i = 0; i < open.length; i++) {
    const x = Math.round(u.valToPos(u.data[0][i], 'x', true));
    const y = (value) => Math.round(u.valToPos(value, 'y', true));
    ctx.fillStyle = colour(close[i] >= open[i] ? 'good' : 'bad');
    ctx.fillRect(x - 0.5, y(high[i]), 1, Math.max(1, y(low[i]) - y(high[i])));
    ctx.fillRect(x - width / 2, y(Math.max(open[i], close[i])), width, Math.max(2, Math.abs(y(open[i]) - y(close[i]))));
  }
  ctx.restore();
}

export function beginCandles(act) {
  byId('pool').addEventListener('change', () => act(refreshCandles, false));
  byId('length').addEventListener('change', () => act(refreshCandles, false));
}
