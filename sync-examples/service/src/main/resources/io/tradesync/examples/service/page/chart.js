/** What the pictures share: colours of the page, size, and one chart in one place. */
import uPlot from './uplot.js';

const style = () => getComputedStyle(document.documentElement);

/** A colour of style.css. */
export const colour = (name) => style().getPropertyValue(`--${name}`).trim();

const charts = new Map();

/** Draws a chart into a place, and draws it again when the width or the colour scheme changes. */
export function draw(place, data, options) {
  charts.set(place, { data, options });
  const axis = { stroke: colour('quiet'), grid: { stroke: colour('line'), width: 1 }, ticks: { stroke: colour('line'), width: 1 }, font: '12px system-ui, sans-serif' };
  place.replaceChildren();
  new uPlot({
    width: Math.max(240, place.clientWidth),
    height: 220,
    legend: { show: false },
    scales: { x: { time: true } },
    ...options(colour, axis),
  }, data, place);
}

export function forget(place) {
  charts.delete(place);
  place.replaceChildren();
}

function redraw() {
  for (const [place, { data, options }] of charts) {
    draw(place, data, options);
  }
}

let width = 0;
new ResizeObserver(() => {
  if (document.body.clientWidth !== width) {
    width = document.body.clientWidth;
    requestAnimationFrame(redraw);
  }
}).observe(document.body);
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', redraw);
