/** The live feeds, each with its lag and age. */
import { byId, el } from './dom.js';
import { counted, duration, number } from './text.js';

export function showFeeds(stats) {
  const cards = [feed('Redis streams', stats.live, [
    ['not read yet', stats.live.lag === null ? 'not known' : counted(stats.live.lag, 'entry', 'entries')],
    ['not answered', stats.live.pending === null ? 'not known' : counted(stats.live.pending, 'entry', 'entries')],
    ['oldest of them', stats.live.oldestPendingSeconds === null ? 'none' : `${duration(stats.live.oldestPendingSeconds)} old`],
    ['read', counted(stats.live.consumed, 'entry', 'entries')],
    ['dead letters', number(stats.live.deadLetters)],
    ['losses', number(Object.values(stats.live.losses).reduce((sum, count) => sum + count, 0))],
  ])];
  if (stats.ponderNotify !== null) {
    cards.push(feed('Ponder’s notifications', stats.ponderNotify, [
      ['heard', number(stats.ponderNotify.notifications)], ['readings', number(stats.ponderNotify.readings)],
      ['losses', number(stats.ponderNotify.losses)]]));
  }
  byId('feeds').replaceChildren(...cards);
}

function feed(name, health, figures) {
  const state = health.up ? (health.paused ? 'paused' : 'up') : 'down';
  const down = (health.streams ?? []).filter((stream) => !stream.up);
  return el('div', { class: 'feed' },
    el('h3', {}, name, ' ', el('span', { class: `badge ${state}` }, state)),
    health.reason === null ? null : el('p', {}, health.reason),
    ...down.map((stream) => el('p', {}, `${stream.name}: ${stream.reason}`)),
    el('dl', {}, ...figures.map(([term, value]) => el('div', {}, el('dt', {}, term), el('dd', {}, value)))));
}
