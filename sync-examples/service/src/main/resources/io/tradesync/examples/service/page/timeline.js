/** Both sides over time: a picture, the holes in it, and their trades. */
import uPlot from './uplot.js';
import { byId, button, el, fill, row } from './dom.js';
import { get } from './api.js';
import { counted, duration, kinds, number, time } from './text.js';
import { draw, forget } from './chart.js';

const SPANS = { hour: [3600, 60], day: [86400, 96], week: [604800, 84], all: [null, 100] };
const HOLES = 12;
const IDS = 50;

/** The spans that were looked into, the last one on top; empty for a whole span of the choice. */
let zoom = [];
let chosen = 'all';
let ticket = 0;
let shown = '';

function question() {
  if (zoom.length > 0) {
    return { ...zoom[zoom.length - 1], buckets: 60 };
  }
  const [seconds, buckets] = SPANS[chosen];
  if (seconds === null) {
    return { buckets };
  }
  const width = seconds / buckets;
  const to = (Math.floor(Date.now() / 1000 / width) + 1) * width;
  return { from: to - seconds, to, buckets };
}

/**
 * Asks for the picture and shows it.
 *
 * @param known whether the last one that is known will do, while a new one is computed
 */
export async function refreshTimeline(known = false) {
  const mine = ++ticket;
  const asked = question();
  byId('timeline').setAttribute('aria-busy', 'true');
  try {
    const timeline = await get('api/sync/timeline', known ? { ...asked, known: true, refresh: true } : asked);
    if (mine === ticket) {
      show(timeline);
    }
  } catch (error) {
    if (mine === ticket) {
      byId('timeline-text').textContent = `The picture cannot be drawn: ${error.message}`;
    }
  } finally {
    byId('timeline').setAttribute('aria-busy', 'false');
  }
}

const isHole = (bucket) => bucket.different || bucket.missing + bucket.error + bucket.changed + bucket.orphaned > 0;

function show(timeline) {
  byId('timeline-back').hidden = zoom.length === 0;
  const same = JSON.stringify([timeline.buckets, timeline.bucketSeconds]);
  byId('timeline-age').replaceChildren('As of ', time(timeline.asOf), timeline.complete ? '' : '. It took too long and ends early.');
  if (same === shown) {
    return;
  }
  shown = same;
  const holes = timeline.buckets.filter(isHole);
  const source = timeline.buckets.reduce((sum, bucket) => sum + bucket.source, 0);
  const processed = timeline.buckets.reduce((sum, bucket) => sum + bucket.processed, 0);
  const text = timeline.buckets.length === 0 ? 'Neither side holds a trade.'
    : `The source holds ${counted(source, 'trade')}, ${number(processed)} are processed. `
      + `One bar is ${duration(timeline.bucketSeconds)}. ${holes.length === 0 ? 'No hole.' : `${counted(holes.length, 'bar')} with holes.`}`;
  byId('timeline-text').textContent = text;
  const place = byId('timeline-picture');
  place.setAttribute('aria-label', text);
  if (timeline.buckets.length === 0) {
    forget(place);
  } else {
    picture(place, timeline);
  }
  fill('holes', holes.slice(0, HOLES).map((bucket) => {
    const to = bucket.fromTimestamp + timeline.bucketSeconds;
    return row([time(bucket.fromTimestamp), number(bucket.source), number(bucket.processed),
      bucket.different ? 'the sides differ' : kinds(bucket),
      button('Look closer', `at ${new Date(bucket.fromTimestamp * 1000).toLocaleString()}`, () => look(bucket.fromTimestamp, to))], [3], [1, 2]);
  }));
  byId('more-holes').textContent = holes.length > HOLES ? `And ${number(holes.length - HOLES)} more.` : '';
  byId('more-holes').hidden = holes.length <= HOLES;
}

function picture(place, timeline) {
  const xs = timeline.buckets.map((bucket) => bucket.fromTimestamp + timeline.bucketSeconds / 2);
  const data = [xs, timeline.buckets.map((bucket) => bucket.source), timeline.buckets.map((bucket) => bucket.processed)];
  draw(place, data, (colour, axis) => {
    const bars = uPlot.paths.bars({ size: [0.9, 60], gap: 0 });
    const mark = (name, top, height) => (u) => {
      u.ctx.save();
      u.ctx.fillStyle = colour(name);
      timeline.buckets.filter(isHole).forEach((bucket) => {
        const left = u.valToPos(bucket.fromTimestamp, 'x', true);
        const right = u.valToPos(bucket.fromTimestamp + timeline.bucketSeconds, 'x', true);
        u.ctx.fillRect(left, u.bbox.top + top * u.bbox.height, Math.max(2, right - left), height * u.bbox.height);
      });
      u.ctx.restore();
    };
    return {
      scales: { x: { time: true, range: [timeline.fromTimestamp, timeline.fromTimestamp + timeline.bucketSeconds * timeline.buckets.length] }, y: { range: (u, min, max) => [0, Math.max(1, max * 1.1)] } },
      cursor: { y: false, drag: { setScale: false, x: false, y: false } },
      axes: [axis, { ...axis, size: 60, values: (u, values) => values.map((value) => (Number.isInteger(value) ? number(value) : '')) }],
      series: [{},
        { label: 'source', fill: colour('source'), stroke: colour('source'), width: 0, paths: bars, points: { show: false } },
        { label: 'processed', fill: colour('processed'), stroke: colour('processed'), width: 0, paths: bars, points: { show: false } }],
      hooks: {
        drawClear: [(u) => { u.ctx.clearRect(0, 0, u.ctx.canvas.width, u.ctx.canvas.height); }],
        drawAxes: [mark('hole-back', 0, 1)],
        draw: [mark('bad', 0.97, 0.03)],
        ready: [(u) => u.over.addEventListener('click', () => {
          const bucket = timeline.buckets[u.cursor.idx];
          if (bucket) {
            look(bucket.fromTimestamp, bucket.fromTimestamp + timeline.bucketSeconds);
          }
        })],
      },
    };
  });
}

/** Looks closer at some seconds. */
function look(from, to) {
  zoom.push({ from, to });
  moved();
}

function moved() {
  shown = '';
  byId('timeline-span').replaceChildren(...(zoom.length === 0 ? []
    : ['From ', time(zoom[zoom.length - 1].from), ' to ', time(zoom[zoom.length - 1].to)]));
  refreshTimeline();
  refreshIds();
}

let ids = [];

async function refreshIds(after = null) {
  const span = zoom[zoom.length - 1];
  byId('ids-part').hidden = span === undefined;
  if (span === undefined) {
    return;
  }
  try {
    const page = await get('api/sync/gaps', { ...span, limit: IDS, after });
    if (span !== zoom[zoom.length - 1]) {
      return;
    }
    ids = after === null ? page.gaps : ids.concat(page.gaps);
    fill('ids', ids.map((gap) => row([gap.kind, time(gap.timestamp), String(gap.timestamp), el('code', {}, gap.id)])));
    byId('more-ids').hidden = page.next === null;
    byId('more-ids').onclick = () => refreshIds(page.next);
  } catch (error) {
    byId('no-ids').textContent = error.message;
  }
}

export function beginTimeline() {
  for (const choice of document.querySelectorAll('input[name=span]')) {
    choice.addEventListener('change', () => {
      chosen = choice.value;
      zoom = [];
      moved();
    });
  }
  byId('timeline-back').addEventListener('click', () => {
    zoom.pop();
    moved();
    if (zoom.length === 0) {
      document.querySelector('input[name=span]:checked').focus();
    }
  });
}
